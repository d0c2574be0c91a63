/* SPDX-License-Identifier: MIT */
/* Threads whose stacks lie in the address space: they grow on demand, and a guard below ends the process when
 * one is used up, with a report. */
#ifndef MUDSKIPPER_VSPACE_THREAD_H
#define MUDSKIPPER_VSPACE_THREAD_H

#include <mudskipper/rt/thread.h>

/* Starts `t`, whose memory the caller provides, with a stack of up to `stack_bytes` (0: 1 MiB), of which a
 * little is there at once. `name` stays. Errors: no memory, no addresses. */
MUST_USE err_t thread_create(struct thread *t, const char *name, uint64_t stack_bytes, void (*entry)(void *),
                             void *argument);

/* Blocks until it has ended, and gives its stack back. */
void thread_destroy(struct thread *t);

#endif
