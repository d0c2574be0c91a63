/* SPDX-License-Identifier: MIT */
/* A service and its clients in one process, which calls its own endpoint: what goes between them goes through
 * the kernel all the same. */
#ifndef TESTS_CONFORMANCE_RPC_TRIAL_H
#define TESTS_CONFORMANCE_RPC_TRIAL_H

#include <mudskipper/rpc/lmp.h>
#include "../system/suite.h"
#include "trial_rpc.h"

#define TRIAL_RAM         CPTR(2, 0)
#define TRIAL_CLIENT      42u
#define TRIAL_WAITERS     8u
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

/* Absolute time so many milliseconds from now. */
nanos_t trial_in(nanos_t milliseconds);

/* A further connection; the capability goes into a slot of its own. */
void trial_connect(struct rpc_lmp_link *to, const struct rpc_service *service, cptr_t *slot);

/* Every test begins and ends with these; nothing may be left then. The first one starts `servers` threads
 * that serve, at most TRIAL_SERVERS. */
void trial_begin(unsigned servers);
void trial_end(void);

/* The byte at place i of what read() answers. */
static inline uint8_t trial_byte(size_t i)
{
    return (uint8_t)(i * 31 + i / 251);
}

#endif
