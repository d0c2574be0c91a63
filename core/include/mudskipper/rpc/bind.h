/* SPDX-License-Identifier: MIT */
/* From a capability to a channel, wherever the service is. Who calls cannot tell the three ways apart, except
 * by speed:
 *
 *    on this core        calls of the kernel on the capability itself (lmp.h)
 *    on another core     rings that the core servers set up, if the service accepts them (accept.h)
 *                        otherwise the core servers carry each call (core.pass) */
#ifndef MUDSKIPPER_RPC_BIND_H
#define MUDSKIPPER_RPC_BIND_H

#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rpc/process_ump.h>

/* Calls that the core servers carry. */
struct rpc_pass_link {
    struct rpc_link link;
    cptr_t handle;
};

struct rpc_connection {
    struct rpc_link *link; /* of one of the three */
    struct rpc_lmp_link lmp;
    struct rpc_pass_link pass;
    struct rpc_ump_process ump;
};

/* `handle` is the capability to call through: a Handle, or a badged sender of this core. It, the connection,
 * the memory and the slots stay as long as channels are used. Does not ask the service: whether it is there
 * shows with the first call. Blocks for the core servers when it is on another core. PEER_GONE: the
 * capability, or the service, is gone. NO_MEMORY, LIMIT, CAP_SLOTS_EXHAUSTED: for the rings. After an error
 * there is nothing to disconnect. */
MUST_USE err_t rpc_connect(struct rpc_connection *connection, cptr_t handle, const struct rpc_memory *memory,
                           const struct rpc_slots *slots);

/* The same, always by rings. NOT_SUPPORTED: the service does not accept them. */
MUST_USE err_t rpc_connect_by_ump(struct rpc_connection *connection, cptr_t handle,
                                  const struct rpc_memory *memory, const struct rpc_slots *slots);

static inline struct rpc_channel rpc_connection_channel(const struct rpc_connection *connection)
{
    return rpc_channel_of(connection->link);
}

/* No thread is in a call any more. The handle stays the caller's. May block for the core server. */
void rpc_disconnect(struct rpc_connection *connection);

#endif
