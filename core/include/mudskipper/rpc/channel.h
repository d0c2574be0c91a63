/* SPDX-License-Identifier: MIT */
/* A client's end. Callers use the stubs that tools/rpcgen makes of a service's interface file; the stubs use
 * this; a transport stands behind it:
 *
 *    terminal_write(&channel, …)          stub        services/terminal/terminal.rpc
 *      rpc_call_begin/perform/end         this file
 *        transport->call                  lmp.h, …    parts_client.c where messages are cut into parts
 *
 * Any number of threads may call on one channel at once. A call blocks its thread only, and ends with the
 * results, the server's error, TIMEOUT, PEER_GONE, or what the transport refused. Pure, but that all calls of
 * a process have numbers of one series: no two connections to a server may have two of the same. */
#ifndef MUDSKIPPER_RPC_CHANNEL_H
#define MUDSKIPPER_RPC_CHANNEL_H

#include <mudskipper/rpc/message.h>

struct rpc_call;
struct rpc_link;

/* What a transport does. */
struct rpc_transport {
    /* Carries call->request to the server and fills call->reply; blocks until the deadline. When it fails no
     * capability has been left in the reply. */
    MUST_USE err_t (*call)(struct rpc_link *link, struct rpc_call *call, nanos_t deadline);
};

/* One connection, shared by all channels made of it; the first member of a transport's own struct. */
struct rpc_link {
    const struct rpc_transport *transport;
    const struct rpc_memory *memory; /* for what is longer than a part */
    const struct rpc_slots *slots;   /* where the capabilities of results come to */
};

void rpc_link_init(struct rpc_link *link, const struct rpc_transport *transport,
                   const struct rpc_memory *memory, const struct rpc_slots *slots);

/* A view of a connection: copy it freely. */
struct rpc_channel {
    struct rpc_link *link;
    nanos_t deadline; /* absolute, of every call made through this view */
};

static inline struct rpc_channel rpc_channel_of(struct rpc_link *link)
{
    return (struct rpc_channel){link, NANOS_NEVER};
}

/* The same connection with a deadline: terminal_write(&(struct rpc_channel[]){rpc_until(c, when)}[0], …). */
static inline struct rpc_channel rpc_until(const struct rpc_channel *channel, nanos_t deadline)
{
    return (struct rpc_channel){channel->link, deadline};
}

/* ---- for stubs and transports
 * ------------------------------------------------------------------------------------ */

/* One call; lies on the stub's stack. */
struct rpc_call {
    struct rpc_link *link;
    nanos_t deadline;
    uint32_t id;
    uint16_t method;
    struct rpc_message request;
    struct rpc_message reply;
    struct rpc_reader results; /* of the reply; reads zeros after an error */
    uint32_t reply_bytes_max;  /* a longer reply is malformed */
    unsigned reply_caps_max;
};

/* Then rpc_put_… into call->request. */
void rpc_call_begin(struct rpc_call *call, const struct rpc_channel *channel, uint16_t method);

/* Makes the call, if the request is whole. Then rpc_get_… from call->results, whatever this did. */
void rpc_call_perform(struct rpc_call *call, uint32_t reply_bytes_max, unsigned reply_caps_max);

/* Gives everything back, and after an error the capabilities that came as well. Result parameters may be
 * written only after this succeeded: from then on the capabilities and their slots are the caller's. */
MUST_USE err_t rpc_call_end(struct rpc_call *call);

#endif
