/* SPDX-License-Identifier: MIT */
/* Ends of rings in a process (ump.h): locks and sleeping by its threads (rt/thread.h, rt/notify.h).
 *
 * What follows here takes a process's two kinds of ends from the core server (services/init/core.rpc): a
 * client's, by core.connect, and a server's, by core.accept. Core servers themselves make ends of other
 * rings with other ways to wake and to send capabilities: struct rpc_ump_threads. */
#ifndef MUDSKIPPER_RPC_PROCESS_UMP_H
#define MUDSKIPPER_RPC_PROCESS_UMP_H

#include <mudskipper/rpc/ump.h>
#include <mudskipper/rt/notify.h>
#include <mudskipper/rt/thread.h>

/* ---- the hooks that all ends in processes share */

/* First member of the context of such an end. An own `struct rpc_ump_ops` fills wake_peer, send_cap and
 * take_cap, the rest by RPC_UMP_THREAD_OPS. */
struct rpc_ump_threads {
    struct mutex mutex;
    struct notification *woken; /* opened by the owner; its bit is what the other end sets */
};

void rpc_ump_threads_init(struct rpc_ump_threads *threads, struct notification *woken);

void rpc_ump_threads_lock(void *threads);
void rpc_ump_threads_unlock(void *threads);
bool rpc_ump_threads_sleep(void *threads, nanos_t deadline);
bool rpc_ump_threads_wait(void *threads, struct rpc_ump_waiter *waiter, nanos_t deadline);
void rpc_ump_threads_rouse(void *threads);
void rpc_ump_threads_signal(void *threads, struct rpc_ump_waiter *waiter);

#define RPC_UMP_THREAD_OPS                                                                                   \
    .lock = rpc_ump_threads_lock, .unlock = rpc_ump_threads_unlock, .sleep = rpc_ump_threads_sleep,          \
    .wait = rpc_ump_threads_wait, .rouse = rpc_ump_threads_rouse, .signal = rpc_ump_threads_signal

/* ---- a client's end */

struct rpc_ump_client {
    struct rpc_ump_threads threads;
    struct rpc_ump end;
    struct notification woken;
    cptr_t frame;  /* the rings: first the client's requests, in the second half the answers */
    cptr_t notify; /* wakes the server */
    void *rings;
    _Atomic bool gone;
    uint32_t channel; /* its number at the core server */
};

#endif
