/* SPDX-License-Identifier: MIT */
/* Calls over a transport of small messages, each of which is answered before the next is sent (wire.h): the
 * client's state machine. The server's is in server.h. Pure. */
#ifndef MUDSKIPPER_RPC_PARTS_H
#define MUDSKIPPER_RPC_PARTS_H

#include <mudskipper/rpc/channel.h>

/* What such a transport does. Errors are handed to the caller as they are. */
struct rpc_exchange {
    /* Sends *part and waits until it holds the answer. A capability of the answer goes into `slot`
     * (CPTR_NULL: none is expected, and one that comes is deleted); part->cap says whether one is there. */
    MUST_USE err_t (*exchange)(struct rpc_link *link, struct rpc_part *part, cptr_t slot, nanos_t deadline);

    /* Sends one-way, without blocking; it may get lost. */
    void (*post)(struct rpc_link *link, const struct rpc_part *part);
};

/* The `call` of such a transport, with its rpc_exchange. */
MUST_USE err_t rpc_parts_call(struct rpc_link *link, const struct rpc_exchange *exchange,
                              struct rpc_call *call, nanos_t deadline);

#endif
