/* SPDX-License-Identifier: MIT */
#include <mudskipper/rpc/parts.h>

/* One call under way. */
struct client {
    struct rpc_link *link;
    const struct rpc_exchange *exchange;
    struct rpc_call *call;
    nanos_t deadline;
    struct rpc_part part; /* what is sent, then what came */
    struct rpc_header header;
    cptr_t slot; /* where the next capability goes, or CPTR_NULL; after an error with what came, if any */
    cptr_t spare[RPC_SMALL_CAPS]; /* for those behind it */
    unsigned spare_count;
    bool open; /* the server may know of this call */
};

static err_t malformed(void)
{
    return err_make(ERR_MSG_MALFORMED, 0);
}

/* A call is not made if what may come of it finds no place here: the server would believe that we have it. Of
 * many capabilities the rest find theirs, or not, when they come. */
static err_t prepare(struct client *c)
{
    const struct rpc_slots *slots = c->link->slots;

    if (c->call->reply_caps_max > RPC_SMALL_CAPS) {
        return OK;
    }
    while (c->spare_count < c->call->reply_caps_max) {
        cptr_t slot = slots->take(slots->context);

        if (slot == CPTR_NULL) {
            return err_make(ERR_CAP_SLOTS_EXHAUSTED, 0);
        }
        c->spare[c->spare_count++] = slot;
    }
    return OK;
}

/* Where a capability can go, as long as one can come. */
static void prepare_slot(struct client *c)
{
    const struct rpc_slots *slots = c->link->slots;

    if (c->slot == CPTR_NULL && c->call->reply.cap_count < c->call->reply_caps_max) {
        c->slot = c->spare_count > 0 ? c->spare[--c->spare_count] : slots->take(slots->context);
    }
}

/* Takes over what came in the slot; CPTR_NULL: nothing. */
static cptr_t take_cap(struct client *c)
{
    cptr_t cap = c->part.cap;

    if (cap != CPTR_NULL) {
        c->slot = CPTR_NULL;
    }
    return cap;
}

static void give(struct client *c, cptr_t slot)
{
    if (slot != CPTR_NULL) {
        c->link->slots->give(c->link->slots->context, slot);
    }
}

/* Sends c->part; the answer is of kind `wanted`, part `number` of this call, or an error. After an error what
 * came in the slot is left there, to go with it. */
static err_t exchange(struct client *c, enum rpc_kind wanted, uint32_t number)
{
    err_t e;

    prepare_slot(c);
    e = c->exchange->exchange(c->link, &c->part, c->slot, c->deadline);
    c->open = c->open || err_ok(e) || err_is(e, ERR_TIMEOUT) || err_is(e, ERR_PEER_GONE); /* it may be back */
    if (!err_ok(e)) {
        return e;
    }
    e = rpc_part_read(&c->part, &c->header);
    if (err_ok(e) && (c->header.call != c->call->id || c->header.method != c->call->method)) {
        e = malformed();
    }
    if (err_ok(e) && c->header.kind == RPC_ERROR) {
        c->open = false;
        e = rpc_part_error(&c->part);
    } else if (err_ok(e) && (c->header.kind != wanted || c->header.part != number)) {
        e = malformed();
    } else if (err_ok(e) && wanted == RPC_CONTINUE && c->part.cap != CPTR_NULL) {
        e = malformed();
    }
    return e;
}

/* All parts; the answer to the last is the first of the reply. */
static err_t send_request(struct client *c)
{
    const struct rpc_message *m = &c->call->request;
    struct rpc_header h = {.kind = RPC_REQUEST,
                           .method = c->call->method,
                           .call = c->call->id,
                           .bytes = (uint32_t)m->bytes,
                           .caps = m->cap_count};
    uint32_t parts = rpc_parts(h.bytes, h.caps);
    err_t e = OK;

    for (h.part = 0; err_ok(e) && h.part < parts; h.part++) {
        bool last = h.part == parts - 1;

        rpc_part_write(&c->part, &h, m->payload);
        c->part.cap = h.part < m->cap_count ? m->caps[h.part] : CPTR_NULL;
        e = last ? exchange(c, RPC_REPLY, 0) : exchange(c, RPC_CONTINUE, h.part + 1);
    }
    return e;
}

static err_t check_reply(const struct client *c, const struct rpc_header *first)
{
    if (c->header.bytes != first->bytes || c->header.caps != first->caps) {
        return malformed();
    }
    if (c->header.bytes > c->call->reply_bytes_max || c->header.caps > c->call->reply_caps_max) {
        return malformed();
    }
    return OK;
}

/* What a part of the reply holds goes into the message, whose room is there. */
static err_t add_part(struct client *c)
{
    struct rpc_message *m = &c->call->reply;
    bool wanted = c->header.part < c->header.caps;
    cptr_t cap = take_cap(c);

    if (wanted && cap == CPTR_NULL) {
        return err_make(c->slot == CPTR_NULL ? ERR_MSG_NO_RECEIVE_SLOT : ERR_MSG_CAP_GONE, 0);
    }
    if (!wanted && cap != CPTR_NULL) {
        give(c, cap);
        return malformed();
    }
    if (wanted) {
        m->caps[m->cap_count++] = cap;
    }
    rpc_part_copy_payload(m->payload, &c->part, &c->header);
    m->bytes += rpc_part_bytes(c->header.bytes, c->header.part);
    return OK;
}

/* c->part is the first part. */
static err_t receive_reply(struct client *c)
{
    struct rpc_header first = c->header;
    uint32_t parts = rpc_parts(first.bytes, first.caps);
    err_t e = check_reply(c, &first);

    if (err_ok(e)) {
        e = rpc_message_reserve(&c->call->reply, first.bytes, first.caps);
    }
    if (err_ok(e)) {
        e = add_part(c);
    }
    for (uint32_t i = 1; err_ok(e) && i < parts; i++) {
        struct rpc_header h = {.kind = RPC_FETCH, .method = c->call->method, .call = c->call->id, .part = i};

        rpc_part_write(&c->part, &h, NULL);
        e = exchange(c, RPC_REPLY, i);
        if (err_ok(e)) {
            e = check_reply(c, &first);
        }
        if (err_ok(e)) {
            e = add_part(c);
        }
    }
    return e;
}

static void cancel(struct client *c)
{
    struct rpc_header h = {.kind = RPC_CANCEL, .method = c->call->method, .call = c->call->id};

    rpc_part_write(&c->part, &h, NULL);
    c->exchange->post(c->link, &c->part);
}

err_t rpc_parts_call(struct rpc_link *link, const struct rpc_exchange *exchange_by, struct rpc_call *call,
                     nanos_t deadline)
{
    struct client c;
    err_t e;

    c.link = link;
    c.exchange = exchange_by;
    c.call = call;
    c.deadline = deadline;
    c.slot = CPTR_NULL;
    c.spare_count = 0;
    c.open = false;
    e = prepare(&c);
    if (err_ok(e)) {
        e = send_request(&c);
    }
    if (err_ok(e)) {
        e = receive_reply(&c);
    }
    if (!err_ok(e)) {
        struct rpc_message *m = &call->reply;

        while (m->cap_count > 0) {
            give(&c, m->caps[--m->cap_count]);
        }
        if (c.open) {
            cancel(&c);
        }
    }
    give(&c, c.slot);
    while (c.spare_count > 0) {
        give(&c, c.spare[--c.spare_count]);
    }
    return e;
}
