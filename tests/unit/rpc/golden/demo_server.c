/* SPDX-License-Identifier: MIT */
/* Made by tools/rpcgen of demo.rpc: change that. */
#include "demo_rpc.h"

static void get_point(struct rpc_reader *r, struct demo_point *v)
{
    v->x = rpc_get_u16(r);
    v->y = rpc_get_u16(r);
}

static void get_entry(struct rpc_reader *r, struct demo_entry *v)
{
    rpc_copy_string(r, v->name, sizeof(v->name), DEMO_ENTRY_NAME_MAX);
    v->size = rpc_get_u64(r);
    v->hidden = rpc_get_bool(r);
    v->key_bytes = rpc_copy_bytes(r, v->key, sizeof(v->key), DEMO_ENTRY_KEY_MAX);
    v->corners_count = rpc_get_count(r, DEMO_ENTRY_CORNERS_MAX, 4);
    for (size_t i = 0; i < v->corners_count; i++) {
        get_point(r, &v->corners[i]);
    }
    v->content = rpc_get_cap(r, true);
}

static void get_album(struct rpc_reader *r, struct demo_album *v)
{
    rpc_copy_string(r, v->title, sizeof(v->title), DEMO_ALBUM_TITLE_MAX);
    get_entry(r, &v->first);
    v->counts_count = rpc_get_count(r, DEMO_ALBUM_COUNTS_MAX, 4);
    for (size_t i = 0; i < v->counts_count; i++) {
        v->counts[i] = rpc_get_u32(r);
    }
}

static void put_point(struct rpc_message *m, const struct demo_point *v)
{
    rpc_put_u16(m, v->x);
    rpc_put_u16(m, v->y);
}

static void put_entry(struct rpc_message *m, const struct demo_entry *v)
{
    rpc_put_string(m, v->name, DEMO_ENTRY_NAME_MAX);
    rpc_put_u64(m, v->size);
    rpc_put_bool(m, v->hidden);
    rpc_put_bytes(m, v->key, v->key_bytes, DEMO_ENTRY_KEY_MAX);
    rpc_put_count(m, v->corners_count, DEMO_ENTRY_CORNERS_MAX);
    for (size_t i = 0; err_ok(m->error) && i < v->corners_count; i++) {
        put_point(m, &v->corners[i]);
    }
    rpc_put_cap(m, v->content, true);
}

static void put_album(struct rpc_message *m, const struct demo_album *v)
{
    rpc_put_string(m, v->title, DEMO_ALBUM_TITLE_MAX);
    put_entry(m, &v->first);
    rpc_put_count(m, v->counts_count, DEMO_ALBUM_COUNTS_MAX);
    for (size_t i = 0; err_ok(m->error) && i < v->counts_count; i++) {
        rpc_put_u32(m, v->counts[i]);
    }
}

static err_t take_nothing(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    err_t e;

    e = rpc_reader_end(&request->arguments);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->nothing == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    e = ops->nothing(context, request);
    return rpc_reply_empty(request, e);
}

static err_t take_add(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    uint64_t a;
    uint64_t b;
    err_t e;

    a = rpc_get_u64(r);
    b = rpc_get_u64(r);
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->add == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    return ops->add(context, request, a, b);
}

static err_t take_numbers(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    uint8_t a;
    uint16_t b;
    uint32_t c;
    uint64_t d;
    bool f;
    err_t e;

    a = rpc_get_u8(r);
    b = rpc_get_u16(r);
    c = rpc_get_u32(r);
    d = rpc_get_u64(r);
    f = rpc_get_bool(r);
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->numbers == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    return ops->numbers(context, request, a, b, c, d, f);
}

static err_t take_write(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    size_t data_bytes;
    const void *data;
    err_t e;

    data = rpc_get_bytes(r, DEMO_WRITE_DATA_MAX, &data_bytes);
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->write == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    return ops->write(context, request, data, data_bytes);
}

static err_t take_read(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    uint32_t count;
    err_t e;

    count = rpc_get_u32(r);
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->read == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    return ops->read(context, request, count);
}

static err_t take_reverse(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    const char *text;
    err_t e;

    text = rpc_get_string(r, DEMO_REVERSE_TEXT_MAX);
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->reverse == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    return ops->reverse(context, request, text);
}

static err_t take_exchange(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    cptr_t given;
    cptr_t perhaps;
    err_t e;

    given = rpc_get_cap(r, false);
    perhaps = rpc_get_cap(r, true);
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->exchange == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    return ops->exchange(context, request, given, perhaps);
}

static err_t take_swap_all(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    size_t given_count;
    cptr_t *given;
    err_t e;

    given_count = rpc_get_count(r, DEMO_SWAP_ALL_GIVEN_MAX, 1);
    given = given_count > 0 ? rpc_scratch(request, given_count * sizeof(*given)) : NULL;
    for (size_t i = 0; given != NULL && i < given_count; i++) {
        given[i] = rpc_get_cap(r, false);
    }
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->swap_all == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    return ops->swap_all(context, request, given, given_count);
}

static err_t take_move(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    struct demo_point where;
    size_t by_count;
    struct demo_point *by;
    err_t e;

    get_point(r, &where);
    by_count = rpc_get_count(r, DEMO_MOVE_BY_MAX, 4);
    by = by_count > 0 ? rpc_scratch(request, by_count * sizeof(*by)) : NULL;
    for (size_t i = 0; by != NULL && i < by_count; i++) {
        get_point(r, &by[i]);
    }
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->move == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    return ops->move(context, request, &where, by, by_count);
}

static err_t take_find(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    const char *name;
    uint32_t first;
    err_t e;

    name = rpc_get_string(r, DEMO_FIND_NAME_MAX);
    first = rpc_get_u32(r);
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->find == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    return ops->find(context, request, name, first);
}

static err_t take_store(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    struct demo_album *what;
    size_t others_count;
    struct demo_entry *others;
    err_t e;

    what = rpc_scratch(request, sizeof(*what));
    if (what != NULL) {
        get_album(r, what);
    }
    others_count = rpc_get_count(r, DEMO_STORE_OTHERS_MAX, 23);
    others = others_count > 0 ? rpc_scratch(request, others_count * sizeof(*others)) : NULL;
    for (size_t i = 0; others != NULL && i < others_count; i++) {
        get_entry(r, &others[i]);
    }
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->store == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    return ops->store(context, request, what, others, others_count);
}

static err_t take_later(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    uint64_t token;
    err_t e;

    token = rpc_get_u64(r);
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->later == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    return ops->later(context, request, token);
}

static err_t take_fail(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    uint64_t detail;
    err_t e;

    detail = rpc_get_u64(r);
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->fail == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    e = ops->fail(context, request, detail);
    return rpc_reply_empty(request, e);
}

static err_t take_register(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    const char *name;
    uint8_t int_;
    err_t e;

    name = rpc_get_string(r, DEMO_REGISTER_NAME_MAX);
    int_ = rpc_get_u8(r);
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->register_ == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    e = ops->register_(context, request, name, int_);
    return rpc_reply_empty(request, e);
}

static err_t take_unanswered(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    err_t e;

    e = rpc_reader_end(&request->arguments);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->unanswered == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    return ops->unanswered(context, request);
}

static err_t take_mirror(const struct demo_ops *ops, void *context, struct rpc_request *request)
{
    struct rpc_reader *r = &request->arguments;
    struct demo_point where;
    err_t e;

    get_point(r, &where);
    e = rpc_reader_end(r);
    if (!err_ok(e)) {
        return e;
    }
    if (ops->mirror == NULL) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    return ops->mirror(context, request, &where);
}

static err_t dispatch(const void *ops, void *context, struct rpc_request *request)
{
    switch (request->method) {
    case DEMO_METHOD_NOTHING:
        return take_nothing(ops, context, request);
    case DEMO_METHOD_ADD:
        return take_add(ops, context, request);
    case DEMO_METHOD_NUMBERS:
        return take_numbers(ops, context, request);
    case DEMO_METHOD_WRITE:
        return take_write(ops, context, request);
    case DEMO_METHOD_READ:
        return take_read(ops, context, request);
    case DEMO_METHOD_REVERSE:
        return take_reverse(ops, context, request);
    case DEMO_METHOD_EXCHANGE:
        return take_exchange(ops, context, request);
    case DEMO_METHOD_SWAP_ALL:
        return take_swap_all(ops, context, request);
    case DEMO_METHOD_MOVE:
        return take_move(ops, context, request);
    case DEMO_METHOD_FIND:
        return take_find(ops, context, request);
    case DEMO_METHOD_STORE:
        return take_store(ops, context, request);
    case DEMO_METHOD_LATER:
        return take_later(ops, context, request);
    case DEMO_METHOD_FAIL:
        return take_fail(ops, context, request);
    case DEMO_METHOD_REGISTER:
        return take_register(ops, context, request);
    case DEMO_METHOD_UNANSWERED:
        return take_unanswered(ops, context, request);
    case DEMO_METHOD_MIRROR:
        return take_mirror(ops, context, request);
    default:
        return err_make(ERR_MSG_NO_METHOD, request->method);
    }
}

static const uint8_t description[] =
    "\001\003\000\000\000\004\000\000\000demo\0004\000\000\000Everything that an interface can say, for t"
    "he tests.\000"
    "\003\000"
    "\005\000\000\000point\000\024\000\000\000A place on a screen.\000\002\000\002\000\000\000\000\000"
    "\000\000\001\000\000\000x\000\002\000\000\000\000\000\000\000\001\000\000\000y\000"
    "\005\000\000\000entry\000\000\000\000\000\000\006\000\006\000\000\000\037\000\000\000\004\000\000"
    "\000name\000\004\000\000\000\000\000\000\000\004\000\000\000size\000\005\000\000\000\000\000\000\000"
    "\006\000\000\000hidden\000\007\000\000\000\020\000\000\000\003\000\000\000key\000\012\001\000\000"
    "\004\000\000\000\007\000\000\000corners\000\011\000\000\000\000\000\000\000\007\000\000\000content"
    "\000"
    "\005\000\000\000album\000\000\000\000\000\000\003\000\006\000\000\000X\002\000\000\005\000\000\000ti"
    "tle\000\012\000\001\000\000\000\000\000\005\000\000\000first\000\003\001\000\000\010\000\000\000\006"
    "\000\000\000counts\000"
    "\020\000"
    "\001\000\007\000\000\000nothing\000\000\000\000\000\000\000\000\000\000"
    "\002\000\003\000\000\000add\000'\000\000\000Adds two numbers. The sum wraps around.\000\002\000\004"
    "\000\000\000\000\000\000\000\001\000\000\000a\000\004\000\000\000\000\000\000\000\001\000\000\000b"
    "\000\001\000\004\000\000\000\000\000\000\000\003\000\000\000sum\000"
    "\003\000\007\000\000\000numbers\000\000\000\000\000\000\005\000\001\000\000\000\000\000\000\000\001"
    "\000\000\000a\000\002\000\000\000\000\000\000\000\001\000\000\000b\000\003\000\000\000\000\000\000"
    "\000\001\000\000\000c\000\004\000\000\000\000\000\000\000\001\000\000\000d\000\005\000\000\000\000"
    "\000\000\000\001\000\000\000f\000\005\000\005\000\000\000\000\000\000\000\002\000\000\000f2\000\004"
    "\000\000\000\000\000\000\000\002\000\000\000d2\000\003\000\000\000\000\000\000\000\002\000\000\000c2"
    "\000\002\000\000\000\000\000\000\000\002\000\000\000b2\000\001\000\000\000\000\000\000\000\002\000"
    "\000\000a2\000"
    "\004\000\005\000\000\000write\000\000\000\000\000\000\001\000\007\000\000\000`\352\000\000\004\000"
    "\000\000data\000\002\000\003\000\000\000\000\000\000\000\007\000\000\000written\000\004\000\000\000"
    "\000\000\000\000\004\000\000\000hash\000"
    "\005\000\004\000\000\000read\000\000\000\000\000\000\001\000\003\000\000\000\000\000\000\000\005\000"
    "\000\000count\000\001\000\007\000\000\000`\352\000\000\004\000\000\000data\000"
    "\006\000\007\000\000\000reverse\000\000\000\000\000\000\001\000\006\000\000\000\377\000\000\000\004"
    "\000\000\000text\000\001\000\006\000\000\000\377\000\000\000\010\000\000\000reversed\000"
    "\007\000\010\000\000\000exchange\000\000\000\000\000\000\002\000\010\000\000\000\000\000\000\000\005"
    "\000\000\000given\000\011\000\000\000\000\000\000\000\007\000\000\000perhaps\000\002\000\010\000\000"
    "\000\000\000\000\000\004\000\000\000back\000\011\000\000\000\000\000\000\000\005\000\000\000maybe"
    "\000"
    "\010\000\010\000\000\000swap_all\000\000\000\000\000\000\001\000\010\001\000\000(\000\000\000\005"
    "\000\000\000given\000\001\000\010\001\000\000(\000\000\000\004\000\000\000back\000"
    "\011\000\004\000\000\000move\000\000\000\000\000\000\002\000\012\000\000\000\000\000\000\000\005\000"
    "\000\000where\000\012\001\000\000\020\000\000\000\002\000\000\000by\000\001\000\012\000\000\000\000"
    "\000\000\000\005\000\000\000there\000"
    "\012\000\004\000\000\000find\000\000\000\000\000\000\002\000\006\000\000\000\037\000\000\000\004\000"
    "\000\000name\000\003\000\000\000\000\000\000\000\005\000\000\000first\000\002\000\012\001\001\000d"
    "\000\000\000\007\000\000\000entries\000\005\000\000\000\000\000\000\000\004\000\000\000more\000"
    "\013\000\005\000\000\000store\000\000\000\000\000\000\002\000\012\000\002\000\000\000\000\000\004"
    "\000\000\000what\000\012\001\001\000\024\000\000\000\006\000\000\000others\000\001\000\012\000\002"
    "\000\000\000\000\000\010\000\000\000what_was\000"
    "\014\000\005\000\000\000later\000\000\000\000\000\000\001\000\004\000\000\000\000\000\000\000\005"
    "\000\000\000token\000\001\000\004\000\000\000\000\000\000\000\006\000\000\000answer\000"
    "\015\000\004\000\000\000fail\000\000\000\000\000\000\001\000\004\000\000\000\000\000\000\000\006\000"
    "\000\000detail\000\000\000"
    "\016\000\010\000\000\000register\000\014\000\000\000A word of C.\000\002\000\006\000\000\000\037\000"
    "\000\000\004\000\000\000name\000\001\000\000\000\000\000\000\000\003\000\000\000int\000\000\000"
    "\017\000\012\000\000\000unanswered\000\000\000\000\000\000\000\000\001\000\001\000\000\000\000\000"
    "\000\000\005\000\000\000never\000"
    "\020\000\006\000\000\000mirror\000\000\000\000\000\000\001\000\012\000\000\000\000\000\000\000\005"
    "\000\000\000where\000\001\000\012\000\000\000\000\000\000\000\005\000\000\000there\000";

const struct rpc_interface demo_interface = {
    .name = "demo",
    .version = DEMO_VERSION,
    .description = description,
    .description_bytes = sizeof(description) - 1,
    .dispatch = dispatch,
};

CLAIM(the_longest_message_is_short_enough, 60004 <= RPC_MESSAGE_MAX);

err_t demo_add_reply(struct rpc_request *request, uint64_t sum)
{
    struct rpc_message m;

    rpc_reply_begin(request, &m);
    rpc_put_u64(&m, sum);
    return rpc_reply_send(request, &m);
}

err_t demo_numbers_reply(struct rpc_request *request, bool f2, uint64_t d2, uint32_t c2, uint16_t b2,
                         uint8_t a2)
{
    struct rpc_message m;

    rpc_reply_begin(request, &m);
    rpc_put_bool(&m, f2);
    rpc_put_u64(&m, d2);
    rpc_put_u32(&m, c2);
    rpc_put_u16(&m, b2);
    rpc_put_u8(&m, a2);
    return rpc_reply_send(request, &m);
}

err_t demo_write_reply(struct rpc_request *request, uint32_t written, uint64_t hash)
{
    struct rpc_message m;

    rpc_reply_begin(request, &m);
    rpc_put_u32(&m, written);
    rpc_put_u64(&m, hash);
    return rpc_reply_send(request, &m);
}

err_t demo_read_reply(struct rpc_request *request, const void *data, size_t data_bytes)
{
    struct rpc_message m;

    rpc_reply_begin(request, &m);
    rpc_put_bytes(&m, data, data_bytes, DEMO_READ_DATA_MAX);
    return rpc_reply_send(request, &m);
}

err_t demo_reverse_reply(struct rpc_request *request, const char *reversed)
{
    struct rpc_message m;

    rpc_reply_begin(request, &m);
    rpc_put_string(&m, reversed, DEMO_REVERSE_REVERSED_MAX);
    return rpc_reply_send(request, &m);
}

err_t demo_exchange_reply(struct rpc_request *request, cptr_t back, cptr_t maybe)
{
    struct rpc_message m;

    rpc_reply_begin(request, &m);
    rpc_put_cap(&m, back, false);
    rpc_put_cap(&m, maybe, true);
    return rpc_reply_send(request, &m);
}

err_t demo_swap_all_reply(struct rpc_request *request, const cptr_t *back, size_t back_count)
{
    struct rpc_message m;

    rpc_reply_begin(request, &m);
    rpc_put_count(&m, back_count, DEMO_SWAP_ALL_BACK_MAX);
    for (size_t i = 0; err_ok(m.error) && i < back_count; i++) {
        rpc_put_cap(&m, back[i], false);
    }
    return rpc_reply_send(request, &m);
}

err_t demo_move_reply(struct rpc_request *request, const struct demo_point *there)
{
    struct rpc_message m;

    rpc_reply_begin(request, &m);
    put_point(&m, there);
    return rpc_reply_send(request, &m);
}

err_t demo_find_reply(struct rpc_request *request, const struct demo_entry *entries, size_t entries_count,
                      bool more)
{
    struct rpc_message m;

    rpc_reply_begin(request, &m);
    rpc_put_count(&m, entries_count, DEMO_FIND_ENTRIES_MAX);
    for (size_t i = 0; err_ok(m.error) && i < entries_count; i++) {
        put_entry(&m, &entries[i]);
    }
    rpc_put_bool(&m, more);
    return rpc_reply_send(request, &m);
}

err_t demo_store_reply(struct rpc_request *request, const struct demo_album *what_was)
{
    struct rpc_message m;

    rpc_reply_begin(request, &m);
    put_album(&m, what_was);
    return rpc_reply_send(request, &m);
}

err_t demo_later_reply(struct rpc_request *request, uint64_t answer)
{
    struct rpc_message m;

    rpc_reply_begin(request, &m);
    rpc_put_u64(&m, answer);
    return rpc_reply_send(request, &m);
}

err_t demo_unanswered_reply(struct rpc_request *request, uint8_t never)
{
    struct rpc_message m;

    rpc_reply_begin(request, &m);
    rpc_put_u8(&m, never);
    return rpc_reply_send(request, &m);
}

err_t demo_mirror_reply(struct rpc_request *request, const struct demo_point *there)
{
    struct rpc_message m;

    rpc_reply_begin(request, &m);
    put_point(&m, there);
    return rpc_reply_send(request, &m);
}
