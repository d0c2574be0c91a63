/* SPDX-License-Identifier: MIT */
#include <mudskipper/rpc/bind.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include "channels_rpc.h"
#include "core_rpc.h"

/* ---- carried by the core servers: the whole call is an argument of one to them ---- */

static err_t check(const struct rpc_message *request)
{
    if (request->bytes > CORE_PASS_GIVEN_MAX) {
        return err_make(ERR_MSG_TOO_LONG, CORE_PASS_GIVEN_MAX);
    }
    return request->cap_count <= CORE_PASS_CAPS_MAX ? OK : err_make(ERR_LIMIT, CORE_PASS_CAPS_MAX);
}

/* The reply has room for everything that may come. */
static err_t pass(struct rpc_pass_link *p, const struct rpc_channel *core, struct rpc_call *call)
{
    struct rpc_message *reply = &call->reply;
    uint32_t bytes =
        call->reply_bytes_max < CORE_PASS_TAKEN_MAX ? call->reply_bytes_max : CORE_PASS_TAKEN_MAX;
    unsigned caps = call->reply_caps_max < CORE_PASS_BACK_MAX ? call->reply_caps_max : CORE_PASS_BACK_MAX;
    size_t bytes_count;
    size_t caps_count;
    err_t e = rpc_message_reserve(reply, bytes, caps);

    if (err_ok(e)) {
        e = core_pass(core, p->handle, call->method, call->deadline, call->request.payload,
                      call->request.bytes, call->request.caps, call->request.cap_count, reply->payload, bytes,
                      &bytes_count, reply->caps, caps, &caps_count);
    }
    if (err_ok(e)) {
        reply->bytes = bytes_count;
        reply->cap_count = (unsigned)caps_count;
    }
    return e;
}

/* The Handle travels, too: when a capability has gone on its way and there was no other, or it is gone from
 * here, it was that one. An empty slot alone says nothing: the server may have said it of one of its own. */
static bool handle_went(const struct rpc_pass_link *p, const struct rpc_call *call, err_t e)
{
    bool alone = call->request.cap_count == 0 && call->reply_caps_max == 0;
    struct cap_identity handle;

    if (err_is(e, ERR_MSG_CAP_GONE) && alone) {
        return true;
    }
    return (err_is(e, ERR_MSG_CAP_GONE) || err_is(e, ERR_CAP_EMPTY_SLOT)) &&
           !err_ok(cap_identify(p->handle, &handle));
}

static err_t call(struct rpc_link *link, struct rpc_call *call, nanos_t deadline)
{
    struct rpc_pass_link *p = CONTAINER_OF(link, struct rpc_pass_link, link);
    struct rpc_lmp_link core;
    struct rpc_channel channel;
    err_t e = check(&call->request);

    if (!err_ok(e)) {
        return e;
    }
    rpc_lmp_link_init(&core, SLOT_INIT, link->memory, link->slots);
    channel = (struct rpc_channel){&core.link, deadline};
    e = pass(p, &channel, call);
    return handle_went(p, call, e) ? err_make(ERR_PEER_GONE, 0) : e;
}

static void connect_by_pass(struct rpc_connection *connection, cptr_t handle, const struct rpc_memory *memory,
                            const struct rpc_slots *slots)
{
    static const struct rpc_transport passed = {.call = call};

    rpc_link_init(&connection->pass.link, &passed, memory, slots);
    connection->pass.handle = handle;
    connection->link = &connection->pass.link;
}

/* ---- rings ---- */

err_t rpc_connect_by_ump(struct rpc_connection *connection, cptr_t handle, const struct rpc_memory *memory,
                         const struct rpc_slots *slots)
{
    struct rpc_ump_process *p = &connection->ump;
    err_t e = rpc_ump_process_open(p, memory, slots, NULL);

    if (!err_ok(e)) {
        return e;
    }
    /* The rings are revoked when the server ends, be it while they are on their way. */
    e = channels_connect(rpc_ump_core(), handle, p->woken.bit, &p->frame, &p->wake, &p->channel);
    if (err_ok(e)) {
        e = rpc_ump_process_join(p, NULL, 0);
    }
    if (!err_ok(e)) {
        rpc_ump_process_close(p);
        if (err_is(e, ERR_MSG_CAP_GONE) || err_is(e, ERR_CAP_EMPTY_SLOT)) {
            return err_make(ERR_PEER_GONE, 0); /* the rings went on their way, or the Handle */
        }
        return e;
    }
    connection->link = &p->end.link;
    return OK;
}

/* ---- whichever there is ---- */

static err_t connect_far(struct rpc_connection *connection, cptr_t handle, const struct rpc_memory *memory,
                         const struct rpc_slots *slots)
{
    err_t e = rpc_connect_by_ump(connection, handle, memory, slots);

    if (!err_is(e, ERR_NOT_SUPPORTED)) {
        return e;
    }
    connect_by_pass(connection, handle, memory, slots);
    return OK;
}

err_t rpc_connect(struct rpc_connection *connection, cptr_t handle, const struct rpc_memory *memory,
                  const struct rpc_slots *slots)
{
    struct cap_identity identity;
    err_t e = cap_identify(handle, &identity);

    if (!err_ok(e)) {
        return err_is(e, ERR_CAP_EMPTY_SLOT) ? err_make(ERR_PEER_GONE, 0) : e;
    }
    if (identity.type == CAP_TYPE_HANDLE && identity.owner != rt_self()->core) {
        return connect_far(connection, handle, memory, slots);
    }
    rpc_lmp_link_init(&connection->lmp, handle, memory, slots);
    connection->link = &connection->lmp.link;
    return OK;
}

void rpc_disconnect(struct rpc_connection *connection)
{
    if (connection->link == &connection->ump.end.link) {
        rpc_ump_process_close(&connection->ump);
    }
    connection->link = NULL;
}
