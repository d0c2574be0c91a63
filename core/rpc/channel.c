/* SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <mudskipper/rpc/channel.h>

/* A server knows a call by its client and this number, whichever of the client's links it came through.
 * Numbers from here on are those of calls that are made without a link (rt/out.c, vspace/self_ram.c: of
 * different services). */
#define CALLS 0x80000000u

static _Atomic uint32_t last_call;

void rpc_link_init(struct rpc_link *link, const struct rpc_transport *transport,
                   const struct rpc_memory *memory, const struct rpc_slots *slots)
{
    link->transport = transport;
    link->memory = memory;
    link->slots = slots;
}

void rpc_call_begin(struct rpc_call *call, const struct rpc_channel *channel, uint16_t method)
{
    call->link = channel->link;
    call->deadline = channel->deadline;
    call->method = method;
    call->id = atomic_fetch_add_explicit(&last_call, 1, memory_order_relaxed) % CALLS;
    rpc_message_init(&call->request, call->link->memory);
    rpc_message_init(&call->reply, call->link->memory);
}

void rpc_call_perform(struct rpc_call *call, uint32_t reply_bytes_max, unsigned reply_caps_max)
{
    struct rpc_message *reply = &call->reply;
    err_t e = call->request.error;

    call->reply_bytes_max = reply_bytes_max;
    call->reply_caps_max = reply_caps_max;
    if (err_ok(e)) {
        e = call->link->transport->call(call->link, call, call->deadline);
    }
    rpc_reader_init(&call->results, reply->payload, reply->bytes, reply->caps, reply->cap_count);
    call->results.error = e;
}

err_t rpc_call_end(struct rpc_call *call)
{
    const struct rpc_slots *slots = call->link->slots;
    err_t e = rpc_reader_end(&call->results);

    for (unsigned i = 0; !err_ok(e) && i < call->reply.cap_count; i++) {
        slots->give(slots->context, call->reply.caps[i]);
    }
    rpc_message_free(&call->request);
    rpc_message_free(&call->reply);
    return e;
}
