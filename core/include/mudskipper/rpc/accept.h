/* SPDX-License-Identifier: MIT */
/* Serving clients of other cores. A process that serves over LMP (lmp.h) lets the same server, with the same
 * services, serve channels through shared memory, in two threads more:
 *
 *    accepting   has a call to the core server outstanding, which is answered by the next client
 *    serving     waits until some channel is ready, and serves one part of it; channels take turns
 *
 *    rpc_lmp_server_init(&lmp, …);  rpc_server_add(…);
 *    rpc_accept(&acceptor, &lmp.server, &memory, &rpc_own_slots);
 *    rpc_lmp_serve(&lmp, NANOS_NEVER);
 *
 * Handlers then run in more than one thread. Services that are not made for that say
 * rpc_lmp_take_turns(&lmp): then they run one at a time. */
#ifndef MUDSKIPPER_RPC_ACCEPT_H
#define MUDSKIPPER_RPC_ACCEPT_H

#include <mudskipper/rpc/process_ump.h>

#define RPC_ACCEPT_STACK_BYTES 32768u /* of the serving thread: handlers run on it */

struct rpc_acceptor {
    struct rpc_server *server;
    const struct rpc_memory *memory;
    const struct rpc_slots *slots;
    struct mutex mutex;
    struct notification_group ready;
    struct thread accepting;
    struct thread serving;
    unsigned threads; /* that serve */
    unsigned clients; /* of now */
    uint64_t clients_ever;
    err_t error; /* why the last could not be accepted, OK: it was. It goes on while there is an endpoint */
};

/* Says that this process is going to accept clients of its endpoint: before its services are known to others,
 * so that none of them comes too early and has its calls passed by the core servers. Blocks. */
MUST_USE err_t rpc_accept_announce(void);

/* Starts one thread of each kind, for as long as the process lives. NO_MEMORY: for their stacks. */
MUST_USE err_t rpc_accept(struct rpc_acceptor *a, struct rpc_server *server, const struct rpc_memory *memory,
                          const struct rpc_slots *slots);

/* Lets the calling thread serve, too, for ever: so many handlers run side by side. */
_Noreturn void rpc_accept_serve(struct rpc_acceptor *a);

#endif
