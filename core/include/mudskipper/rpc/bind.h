/* SPDX-License-Identifier: MIT */
/* From a capability to a channel, wherever the service is: on this core its calls go by LMP, to another core
 * the core servers carry them (core.pass). Who calls cannot tell, except by speed. */
#ifndef MUDSKIPPER_RPC_BIND_H
#define MUDSKIPPER_RPC_BIND_H

#include <mudskipper/rpc/lmp.h>

/* To another core. */
struct rpc_pass_link {
    struct rpc_link link;
    cptr_t handle;
};

struct rpc_connection {
    struct rpc_link *link; /* one of the two */
    struct rpc_lmp_link lmp;
    struct rpc_pass_link pass;
};

/* `handle` is the capability to call through (a Handle, or a badged sender of this core). It, the connection,
 * the memory and the slots stay as long as channels are used. Does not ask the service: whether it is there
 * shows with the first call. PEER_GONE: the capability is. */
MUST_USE err_t rpc_connect(struct rpc_connection *connection, cptr_t handle, const struct rpc_memory *memory,
                           const struct rpc_slots *slots);

static inline struct rpc_channel rpc_connection_channel(const struct rpc_connection *connection)
{
    return rpc_channel_of(connection->link);
}

/* No thread is in a call any more. The handle stays the caller's. */
void rpc_disconnect(struct rpc_connection *connection);

#endif
