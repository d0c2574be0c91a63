/* SPDX-License-Identifier: MIT */
/* Made by tools/rpcgen of demo.rpc: change that. */
#include "demo_rpc.h"

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

err_t demo_nothing(const struct rpc_channel *channel)
{
    struct rpc_call call;

    rpc_call_begin(&call, channel, DEMO_METHOD_NOTHING);
    rpc_call_perform(&call, 0, 0);
    return rpc_call_end(&call);
}

err_t demo_add(const struct rpc_channel *channel, uint64_t a, uint64_t b, uint64_t *sum)
{
    struct rpc_call call;
    struct {
        uint64_t sum;
    } got;
    err_t e;

    rpc_call_begin(&call, channel, DEMO_METHOD_ADD);
    rpc_put_u64(&call.request, a);
    rpc_put_u64(&call.request, b);
    rpc_call_perform(&call, 8, 0);
    got.sum = rpc_get_u64(&call.results);
    e = rpc_call_end(&call);
    if (err_ok(e)) {
        *sum = got.sum;
    }
    return e;
}

err_t demo_numbers(const struct rpc_channel *channel, uint8_t a, uint16_t b, uint32_t c, uint64_t d, bool f,
                   bool *f2, uint64_t *d2, uint32_t *c2, uint16_t *b2, uint8_t *a2)
{
    struct rpc_call call;
    struct {
        bool f2;
        uint64_t d2;
        uint32_t c2;
        uint16_t b2;
        uint8_t a2;
    } got;
    err_t e;

    rpc_call_begin(&call, channel, DEMO_METHOD_NUMBERS);
    rpc_put_u8(&call.request, a);
    rpc_put_u16(&call.request, b);
    rpc_put_u32(&call.request, c);
    rpc_put_u64(&call.request, d);
    rpc_put_bool(&call.request, f);
    rpc_call_perform(&call, 16, 0);
    got.f2 = rpc_get_bool(&call.results);
    got.d2 = rpc_get_u64(&call.results);
    got.c2 = rpc_get_u32(&call.results);
    got.b2 = rpc_get_u16(&call.results);
    got.a2 = rpc_get_u8(&call.results);
    e = rpc_call_end(&call);
    if (err_ok(e)) {
        *f2 = got.f2;
        *d2 = got.d2;
        *c2 = got.c2;
        *b2 = got.b2;
        *a2 = got.a2;
    }
    return e;
}

err_t demo_write(const struct rpc_channel *channel, const void *data, size_t data_bytes, uint32_t *written,
                 uint64_t *hash)
{
    struct rpc_call call;
    struct {
        uint32_t written;
        uint64_t hash;
    } got;
    err_t e;

    rpc_call_begin(&call, channel, DEMO_METHOD_WRITE);
    rpc_put_bytes(&call.request, data, data_bytes, DEMO_WRITE_DATA_MAX);
    rpc_call_perform(&call, 12, 0);
    got.written = rpc_get_u32(&call.results);
    got.hash = rpc_get_u64(&call.results);
    e = rpc_call_end(&call);
    if (err_ok(e)) {
        *written = got.written;
        *hash = got.hash;
    }
    return e;
}

err_t demo_read(const struct rpc_channel *channel, uint32_t count, void *data, size_t data_room,
                size_t *data_bytes)
{
    struct rpc_call call;
    struct {
        size_t data_bytes;
    } got;
    err_t e;

    rpc_call_begin(&call, channel, DEMO_METHOD_READ);
    rpc_put_u32(&call.request, count);
    rpc_call_perform(&call, 60004, 0);
    got.data_bytes = rpc_copy_bytes(&call.results, data, data_room, DEMO_READ_DATA_MAX);
    e = rpc_call_end(&call);
    if (err_ok(e)) {
        *data_bytes = got.data_bytes;
    }
    return e;
}

err_t demo_reverse(const struct rpc_channel *channel, const char *text, char *reversed, size_t reversed_room)
{
    struct rpc_call call;

    rpc_call_begin(&call, channel, DEMO_METHOD_REVERSE);
    rpc_put_string(&call.request, text, DEMO_REVERSE_TEXT_MAX);
    rpc_call_perform(&call, 260, 0);
    rpc_copy_string(&call.results, reversed, reversed_room, DEMO_REVERSE_REVERSED_MAX);
    return rpc_call_end(&call);
}

err_t demo_exchange(const struct rpc_channel *channel, cptr_t given, cptr_t perhaps, cptr_t *back,
                    cptr_t *maybe)
{
    struct rpc_call call;
    struct {
        cptr_t back;
        cptr_t maybe;
    } got;
    err_t e;

    rpc_call_begin(&call, channel, DEMO_METHOD_EXCHANGE);
    rpc_put_cap(&call.request, given, false);
    rpc_put_cap(&call.request, perhaps, true);
    rpc_call_perform(&call, 2, 2);
    got.back = rpc_get_cap(&call.results, false);
    got.maybe = rpc_get_cap(&call.results, true);
    e = rpc_call_end(&call);
    if (err_ok(e)) {
        *back = got.back;
        *maybe = got.maybe;
    }
    return e;
}

err_t demo_swap_all(const struct rpc_channel *channel, const cptr_t *given, size_t given_count, cptr_t *back,
                    size_t back_room, size_t *back_count)
{
    struct rpc_call call;
    struct {
        size_t back_count;
    } got;
    err_t e;

    rpc_call_begin(&call, channel, DEMO_METHOD_SWAP_ALL);
    rpc_put_count(&call.request, given_count, DEMO_SWAP_ALL_GIVEN_MAX);
    for (size_t i = 0; err_ok(call.request.error) && i < given_count; i++) {
        rpc_put_cap(&call.request, given[i], false);
    }
    rpc_call_perform(&call, 44, 40);
    got.back_count = rpc_copy_count(&call.results, back_room, DEMO_SWAP_ALL_BACK_MAX, 1);
    for (size_t i = 0; i < got.back_count; i++) {
        back[i] = rpc_get_cap(&call.results, false);
    }
    e = rpc_call_end(&call);
    if (err_ok(e)) {
        *back_count = got.back_count;
    }
    return e;
}

err_t demo_move(const struct rpc_channel *channel, const struct demo_point *where,
                const struct demo_point *by, size_t by_count, struct demo_point *there)
{
    struct rpc_call call;

    rpc_call_begin(&call, channel, DEMO_METHOD_MOVE);
    put_point(&call.request, where);
    rpc_put_count(&call.request, by_count, DEMO_MOVE_BY_MAX);
    for (size_t i = 0; err_ok(call.request.error) && i < by_count; i++) {
        put_point(&call.request, &by[i]);
    }
    rpc_call_perform(&call, 4, 0);
    get_point(&call.results, there);
    return rpc_call_end(&call);
}

err_t demo_find(const struct rpc_channel *channel, const char *name, uint32_t first,
                struct demo_entry *entries, size_t entries_room, size_t *entries_count, bool *more)
{
    struct rpc_call call;
    struct {
        size_t entries_count;
        bool more;
    } got;
    err_t e;

    rpc_call_begin(&call, channel, DEMO_METHOD_FIND);
    rpc_put_string(&call.request, name, DEMO_FIND_NAME_MAX);
    rpc_put_u32(&call.request, first);
    rpc_call_perform(&call, 8605, 100);
    got.entries_count = rpc_copy_count(&call.results, entries_room, DEMO_FIND_ENTRIES_MAX, 23);
    for (size_t i = 0; i < got.entries_count; i++) {
        get_entry(&call.results, &entries[i]);
    }
    got.more = rpc_get_bool(&call.results);
    e = rpc_call_end(&call);
    if (err_ok(e)) {
        *entries_count = got.entries_count;
        *more = got.more;
    }
    return e;
}

err_t demo_store(const struct rpc_channel *channel, const struct demo_album *what,
                 const struct demo_entry *others, size_t others_count, struct demo_album *what_was)
{
    struct rpc_call call;

    rpc_call_begin(&call, channel, DEMO_METHOD_STORE);
    put_album(&call.request, what);
    rpc_put_count(&call.request, others_count, DEMO_STORE_OTHERS_MAX);
    for (size_t i = 0; err_ok(call.request.error) && i < others_count; i++) {
        put_entry(&call.request, &others[i]);
    }
    rpc_call_perform(&call, 727, 1);
    get_album(&call.results, what_was);
    return rpc_call_end(&call);
}

err_t demo_later(const struct rpc_channel *channel, uint64_t token, uint64_t *answer)
{
    struct rpc_call call;
    struct {
        uint64_t answer;
    } got;
    err_t e;

    rpc_call_begin(&call, channel, DEMO_METHOD_LATER);
    rpc_put_u64(&call.request, token);
    rpc_call_perform(&call, 8, 0);
    got.answer = rpc_get_u64(&call.results);
    e = rpc_call_end(&call);
    if (err_ok(e)) {
        *answer = got.answer;
    }
    return e;
}

err_t demo_fail(const struct rpc_channel *channel, uint64_t detail)
{
    struct rpc_call call;

    rpc_call_begin(&call, channel, DEMO_METHOD_FAIL);
    rpc_put_u64(&call.request, detail);
    rpc_call_perform(&call, 0, 0);
    return rpc_call_end(&call);
}

err_t demo_register(const struct rpc_channel *channel, const char *name, uint8_t int_)
{
    struct rpc_call call;

    rpc_call_begin(&call, channel, DEMO_METHOD_REGISTER);
    rpc_put_string(&call.request, name, DEMO_REGISTER_NAME_MAX);
    rpc_put_u8(&call.request, int_);
    rpc_call_perform(&call, 0, 0);
    return rpc_call_end(&call);
}

err_t demo_unanswered(const struct rpc_channel *channel, uint8_t *never)
{
    struct rpc_call call;
    struct {
        uint8_t never;
    } got;
    err_t e;

    rpc_call_begin(&call, channel, DEMO_METHOD_UNANSWERED);
    rpc_call_perform(&call, 1, 0);
    got.never = rpc_get_u8(&call.results);
    e = rpc_call_end(&call);
    if (err_ok(e)) {
        *never = got.never;
    }
    return e;
}

err_t demo_mirror(const struct rpc_channel *channel, const struct demo_point *where, struct demo_point *there)
{
    struct rpc_call call;

    rpc_call_begin(&call, channel, DEMO_METHOD_MIRROR);
    put_point(&call.request, where);
    rpc_call_perform(&call, 4, 0);
    get_point(&call.results, there);
    return rpc_call_end(&call);
}
