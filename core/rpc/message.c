/* SPDX-License-Identifier: MIT */
#include <mudskipper/rpc/message.h>
#include <mudskipper/pure/bytes.h>

void rpc_message_init(struct rpc_message *m, const struct rpc_memory *memory)
{
    m->memory = memory;
    m->payload = m->small;
    m->bytes = 0;
    m->room = sizeof(m->small);
    m->caps = m->small_caps;
    m->cap_count = 0;
    m->cap_room = RPC_SMALL_CAPS;
    m->error = OK;
}

static void free_payload(struct rpc_message *m)
{
    if (m->payload != m->small) {
        m->memory->release(m->memory->context, m->payload, m->room);
    }
}

static void free_caps(struct rpc_message *m)
{
    if (m->caps != m->small_caps) {
        m->memory->release(m->memory->context, m->caps, m->cap_room * sizeof(m->caps[0]));
    }
}

void rpc_message_free(struct rpc_message *m)
{
    free_payload(m);
    free_caps(m);
    rpc_message_init(m, m->memory);
}

static void fail(struct rpc_message *m, err_t e)
{
    if (err_ok(m->error)) {
        m->error = e;
    }
}

static bool grow_payload(struct rpc_message *m, size_t room)
{
    uint8_t *payload = m->memory->allocate(m->memory->context, room);

    if (payload == NULL) {
        return false;
    }
    mem_copy(payload, m->payload, m->bytes);
    free_payload(m);
    m->payload = payload;
    m->room = room;
    return true;
}

static bool grow_caps(struct rpc_message *m, unsigned room)
{
    cptr_t *caps = m->memory->allocate(m->memory->context, room * sizeof(caps[0]));

    if (caps == NULL) {
        return false;
    }
    mem_copy(caps, m->caps, m->cap_count * sizeof(caps[0]));
    free_caps(m);
    m->caps = caps;
    m->cap_room = room;
    return true;
}

err_t rpc_message_reserve(struct rpc_message *m, size_t bytes, unsigned caps)
{
    if ((bytes > m->room && !grow_payload(m, bytes)) || (caps > m->cap_room && !grow_caps(m, caps))) {
        return err_make(ERR_NO_MEMORY, 0);
    }
    return OK;
}

/* Room for `bytes` more, or NULL. */
static uint8_t *extend(struct rpc_message *m, size_t bytes)
{
    size_t wanted = m->bytes + bytes;
    uint8_t *at;

    if (!err_ok(m->error)) {
        return NULL;
    }
    if (bytes > RPC_MESSAGE_MAX || wanted > RPC_MESSAGE_MAX) {
        fail(m, err_make(ERR_MSG_TOO_LONG, RPC_MESSAGE_MAX));
        return NULL;
    }
    if (wanted > m->room && !grow_payload(m, wanted > 2 * m->room ? wanted : 2 * m->room)) {
        fail(m, err_make(ERR_NO_MEMORY, 0));
        return NULL;
    }
    at = m->payload + m->bytes;
    m->bytes = wanted;
    return at;
}

/* Numbers lie in a payload as in memory: lowest byte first. */
CLAIM(the_lowest_byte_comes_first, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

#define PUT(m, value)                                                                                        \
    do {                                                                                                     \
        uint8_t *at_ = extend((m), sizeof(value));                                                           \
        if (at_ != NULL) {                                                                                   \
            mem_copy(at_, &(value), sizeof(value));                                                          \
        }                                                                                                    \
    } while (0)

void rpc_put_u8(struct rpc_message *m, uint8_t value)
{
    PUT(m, value);
}

void rpc_put_u16(struct rpc_message *m, uint16_t value)
{
    PUT(m, value);
}

void rpc_put_u32(struct rpc_message *m, uint32_t value)
{
    PUT(m, value);
}

void rpc_put_u64(struct rpc_message *m, uint64_t value)
{
    PUT(m, value);
}

void rpc_put_bool(struct rpc_message *m, bool value)
{
    rpc_put_u8(m, value);
}

void rpc_put_count(struct rpc_message *m, size_t count, size_t max)
{
    if (count > max) {
        fail(m, err_make(ERR_MSG_TOO_LONG, max));
    }
    rpc_put_u32(m, (uint32_t)count);
}

void rpc_put_bytes(struct rpc_message *m, const void *value, size_t bytes, size_t max)
{
    uint8_t *at;

    rpc_put_count(m, bytes, max);
    at = extend(m, bytes);
    if (at != NULL) {
        mem_copy(at, value, bytes);
    }
}

void rpc_put_string(struct rpc_message *m, const char *value, size_t max)
{
    rpc_put_bytes(m, value, str_length_max(value, max + 1), max);
    rpc_put_u8(m, 0);
}

void rpc_put_cap(struct rpc_message *m, cptr_t cap, bool optional)
{
    if (cap == CPTR_NULL) {
        if (!optional) {
            fail(m, err_make(ERR_BAD_ARGUMENT, m->cap_count));
        }
        rpc_put_u8(m, 0);
        return;
    }
    rpc_put_u8(m, 1);
    if (m->cap_count == RPC_CAPS_MAX) {
        fail(m, err_make(ERR_LIMIT, RPC_CAPS_MAX));
    } else if (m->cap_count == m->cap_room && !grow_caps(m, RPC_CAPS_MAX)) {
        fail(m, err_make(ERR_NO_MEMORY, 0));
    }
    if (err_ok(m->error)) {
        m->caps[m->cap_count++] = cap;
    }
}

void rpc_reader_init(struct rpc_reader *r, const void *payload, size_t bytes, const cptr_t *caps,
                     unsigned cap_count)
{
    *r = (struct rpc_reader){
        .payload = payload, .bytes = bytes, .caps = caps, .cap_count = cap_count, .error = OK};
}

static void refuse(struct rpc_reader *r, err_t e)
{
    if (err_ok(r->error)) {
        r->error = e;
    }
}

static void refuse_at(struct rpc_reader *r, size_t at)
{
    refuse(r, err_make(ERR_MSG_MALFORMED, at));
}

/* The next `bytes`, or NULL. */
static const uint8_t *advance(struct rpc_reader *r, size_t bytes)
{
    const uint8_t *at = r->payload + r->at;

    if (!err_ok(r->error)) {
        return NULL;
    }
    if (bytes > r->bytes - r->at) {
        refuse_at(r, r->at);
        return NULL;
    }
    r->at += bytes;
    return at;
}

#define GET(r, type)                                                                                         \
    type value = 0;                                                                                          \
    const uint8_t *at = advance((r), sizeof(value));                                                         \
    if (at != NULL) {                                                                                        \
        mem_copy(&value, at, sizeof(value));                                                                 \
    }                                                                                                        \
    return value

uint8_t rpc_get_u8(struct rpc_reader *r)
{
    GET(r, uint8_t);
}

uint16_t rpc_get_u16(struct rpc_reader *r)
{
    GET(r, uint16_t);
}

uint32_t rpc_get_u32(struct rpc_reader *r)
{
    GET(r, uint32_t);
}

uint64_t rpc_get_u64(struct rpc_reader *r)
{
    GET(r, uint64_t);
}

/* A byte that is 0 or 1. */
static bool get_flag(struct rpc_reader *r)
{
    uint8_t value = rpc_get_u8(r);

    if (value > 1) {
        refuse_at(r, r->at - 1);
    }
    return value == 1;
}

bool rpc_get_bool(struct rpc_reader *r)
{
    return get_flag(r);
}

const void *rpc_get_bytes(struct rpc_reader *r, size_t max, size_t *bytes)
{
    size_t length = rpc_get_u32(r);
    const void *at;

    if (length > max) {
        refuse_at(r, r->at - 4);
    }
    at = advance(r, length);
    *bytes = at != NULL ? length : 0;
    return at != NULL ? at : "";
}

const char *rpc_get_string(struct rpc_reader *r, size_t max)
{
    size_t start = r->at + 4;
    size_t length;
    const char *s = rpc_get_bytes(r, max, &length);
    size_t text = str_length_max(s, length);

    if (text < length) {
        refuse_at(r, start + text);
    } else if (rpc_get_u8(r) != 0) {
        refuse_at(r, r->at - 1);
    }
    return err_ok(r->error) ? s : "";
}

size_t rpc_get_count(struct rpc_reader *r, size_t max, size_t smallest)
{
    size_t count = rpc_get_u32(r);

    if (err_ok(r->error) && (count > max || count > (r->bytes - r->at) / smallest)) {
        refuse_at(r, r->at - 4);
    }
    return err_ok(r->error) ? count : 0;
}

cptr_t rpc_get_cap(struct rpc_reader *r, bool optional)
{
    bool there = get_flag(r);

    if (!err_ok(r->error)) {
        return CPTR_NULL;
    }
    if (there ? r->cap_at == r->cap_count : !optional) {
        refuse_at(r, r->at - 1);
        return CPTR_NULL;
    }
    return there ? r->caps[r->cap_at++] : CPTR_NULL;
}

void rpc_copy_string(struct rpc_reader *r, char *to, size_t room, size_t max)
{
    const char *s = rpc_get_string(r, max);

    if (str_length(s) >= room) {
        refuse(r, err_make(ERR_MSG_TOO_LONG, room));
    } else if (err_ok(r->error)) {
        (void)str_copy(to, room, s);
    }
}

size_t rpc_copy_bytes(struct rpc_reader *r, void *to, size_t room, size_t max)
{
    size_t bytes;
    const void *from = rpc_get_bytes(r, max, &bytes);

    if (bytes > room) {
        refuse(r, err_make(ERR_MSG_TOO_LONG, room));
    }
    if (!err_ok(r->error)) {
        return 0;
    }
    mem_copy(to, from, bytes);
    return bytes;
}

size_t rpc_copy_count(struct rpc_reader *r, size_t room, size_t max, size_t smallest)
{
    size_t count = rpc_get_count(r, max, smallest);

    if (count > room) {
        refuse(r, err_make(ERR_MSG_TOO_LONG, room));
        return 0;
    }
    return count;
}

err_t rpc_reader_end(struct rpc_reader *r)
{
    if (r->at != r->bytes) {
        refuse_at(r, r->at);
    } else if (r->cap_at != r->cap_count) {
        refuse_at(r, r->bytes);
    }
    return r->error;
}
