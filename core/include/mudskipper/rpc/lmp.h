/* SPDX-License-Identifier: MIT */
/* RPC between processes of one core, over LMP. */
#ifndef MUDSKIPPER_RPC_LMP_H
#define MUDSKIPPER_RPC_LMP_H

#include <mudskipper/rpc/channel.h>
#include <mudskipper/rpc/server.h>
#include <mudskipper/rt/message.h>
#include <mudskipper/rt/thread.h>

/* The free slots of this process (rt/slot.h). */
extern const struct rpc_slots rpc_own_slots;

/* ---- client */

struct rpc_lmp_link {
    struct rpc_link link;
    cptr_t target;
};

/* `target`: the capability to call through, made by rpc_lmp_offer; it, the link, the memory and the slots
 * stay as long as channels are used. PEER_GONE is the error of calls to a server that has ended or has
 * revoked the capability. */
void rpc_lmp_link_init(struct rpc_lmp_link *link, cptr_t target, const struct rpc_memory *memory,
                       const struct rpc_slots *slots);

/* ---- server */

struct rpc_lmp_server {
    struct rpc_server server;
    struct rpc_server_port port;
    struct rpc_lock lock;
    struct rpc_lock turns;
    struct mutex mutex;
    struct mutex turn;
    /* Messages that are no calls, such as the end of a process this one watches (SYS_CAME_EXIT); set before
     * serving, may stay NULL. A capability in one is deleted. */
    void (*other)(void *context, const struct rt_message *message);
    void *other_context;
    volatile bool stop;
};

void rpc_lmp_server_init(struct rpc_lmp_server *lmp, const struct rpc_memory *memory,
                         const struct rpc_slots *slots);

/* Receives what comes to this process's endpoints and serves it, until the deadline (TIMEOUT) or
 * rpc_lmp_stop (success). Several threads may serve; but while one has a call in hand that it has neither
 * answered nor kept, none receives: a handler that takes long, or calls others, keeps its call first. */
MUST_USE err_t rpc_lmp_serve(struct rpc_lmp_server *lmp, nanos_t deadline);

/* Handlers run one at a time, whichever thread and way they come by; before serving. */
void rpc_lmp_take_turns(struct rpc_lmp_server *lmp);

/* Every serving thread returns after the next message that it gets. Called by handlers. */
void rpc_lmp_stop(struct rpc_lmp_server *lmp);

/* Makes the capability through which a client calls the service, in an empty slot of this process; to be
 * handed over. `client` is any number: the service knows the client by it. */
MUST_USE err_t rpc_lmp_offer(const struct rpc_service *service, uint32_t client, cptr_t slot);

#endif
