/* SPDX-License-Identifier: MIT */
/* A service and its clients in one process, which calls its own endpoint: what goes between them goes through
 * the kernel all the same, and by way of the core server where it goes through shared memory. The same tests
 * run over both (trial_lmp.c, trial_ump.c). */
#ifndef TESTS_CONFORMANCE_RPC_TRIAL_H
#define TESTS_CONFORMANCE_RPC_TRIAL_H

#include <mudskipper/rpc/bind.h>
#include "../system/suite.h"
#include "trial_rpc.h"

#define TRIAL_CLIENT      42u
#define TRIAL_WAITERS     40u
#define TRIAL_SERVERS     4u
#define TRIAL_STACK_BYTES 16384u

/* A thread with its stack, for clients. */
struct trial_thread {
    struct thread thread;
    _Alignas(16) unsigned char stack[TRIAL_STACK_BYTES];
};

extern struct rpc_lmp_server trial_server;
extern struct rpc_service trial_first; /* two services with the same handlers */
extern struct rpc_service trial_second;
extern struct rpc_channel trial_channel; /* to the first */
extern cptr_t trial_target;

/* Calls of wait() that were kept. */
extern struct rpc_request *trial_waiting[TRIAL_WAITERS];
extern unsigned trial_waiters;

/* What retire() does; NULL: nothing, it is refused. */
extern err_t (*trial_on_retire)(void);

/* Absolute time so many milliseconds from now. */
nanos_t trial_in(nanos_t milliseconds);

/* Connects by the transport of this program. The capability goes into a slot of its own, and stays there. */
void trial_connect(struct rpc_connection *to, const struct rpc_service *service, cptr_t *slot);

/* Frames of one page each, in consecutive slots. */
cptr_t trial_frames(unsigned count);

/* Every test begins and ends with these; nothing may be left then. The first one starts `servers` threads
 * that serve, at most TRIAL_SERVERS. */
void trial_begin(unsigned servers);
void trial_end(void);

extern struct rpc_memory trial_memory;

/* ---- what the transports do differently */

/* Makes RAM of so many bytes. */
err_t trial_ram(uint64_t bytes, cptr_t slot);

/* Serves in so many threads. */
void trial_serve(unsigned servers);

/* Returns when what serves has all that it keeps while it waits: slots and memory can be counted from here
 * on. */
void trial_settle(unsigned servers);

err_t trial_bind(struct rpc_connection *to, cptr_t handle);

/* The byte at place i of what read() answers. */
static inline uint8_t trial_byte(size_t i)
{
    return (uint8_t)(i * 31 + i / 251);
}

#endif
