/* SPDX-License-Identifier: MIT */
/* Ends of rings in a process (ump.h): its threads lock and sleep (rt/thread.h, rt/notify.h), its core server
 * makes the rings and carries capabilities (core/rpc/channels.rpc). Programs use bind.h and accept.h.
 *
 * Core servers themselves make ends of rings of their own, with other ways to wake and to send capabilities:
 * the first part is for them, too. */
#ifndef MUDSKIPPER_RPC_PROCESS_UMP_H
#define MUDSKIPPER_RPC_PROCESS_UMP_H

#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rpc/ump.h>
#include <mudskipper/rt/notify.h>
#include <mudskipper/rt/thread.h>

/* ---- the hooks that all ends in processes share */

/* First member of the context of such an end. Its `struct rpc_ump_ops` has wake_peer, send_cap and take_cap
 * of its own, and the rest by RPC_UMP_THREAD_OPS. */
struct rpc_ump_threads {
    struct mutex mutex;
    struct notification *woken; /* opened by the owner; its bit is what the other end sets */
};

void rpc_ump_threads_init(struct rpc_ump_threads *threads, struct notification *woken);

void rpc_ump_threads_lock(void *threads);
void rpc_ump_threads_unlock(void *threads);
MUST_USE err_t rpc_ump_threads_sleep(void *threads, nanos_t deadline);
MUST_USE err_t rpc_ump_threads_wait(void *threads, struct rpc_ump_waiter *waiter, nanos_t deadline);
void rpc_ump_threads_rouse(void *threads);
void rpc_ump_threads_signal(void *threads, struct rpc_ump_waiter *waiter);

#define RPC_UMP_THREAD_OPS                                                                                   \
    .lock = rpc_ump_threads_lock, .unlock = rpc_ump_threads_unlock, .sleep = rpc_ump_threads_sleep,          \
    .wait = rpc_ump_threads_wait, .rouse = rpc_ump_threads_rouse, .signal = rpc_ump_threads_signal

/* ---- one end of a channel that the core server made */

/* Members are the library's own; stays where it was opened. */
struct rpc_ump_process {
    struct rpc_ump_threads threads; /* first: the hooks' context */
    struct rpc_ump end;
    struct notification woken;
    const struct rpc_memory *memory;
    const struct rpc_slots *slots;
    cptr_t frame; /* both rings; the client's requests first */
    cptr_t wake;  /* wakes the other end */
    uint32_t channel;
    void *rings; /* NULL: not joined */
    _Atomic bool gone;
};

/* The connection to the core server that all ends of this process share. Short calls only, and capabilities
 * come to the process's own slots. */
const struct rpc_channel *rpc_ump_core(void);

/* A notification bit for the channel to come: p->woken.bit; in a group, or alone (NULL). LIMIT. */
MUST_USE err_t rpc_ump_process_open(struct rpc_ump_process *p, const struct rpc_memory *memory,
                                    const struct rpc_slots *slots, struct notification_group *group);

/* The core server has made the channel: frame, wake and channel are set. Maps the rings and makes the end.
 * `server`: the other end is its client of this badge; NULL: this end is the client. */
MUST_USE err_t rpc_ump_process_join(struct rpc_ump_process *p, struct rpc_server *server, uint64_t badge);

/* After open, and perhaps join, even if that failed: ends the channel and gives everything back. No thread
 * calls or serves. Blocks for the core server. */
void rpc_ump_process_close(struct rpc_ump_process *p);

#endif
