/* SPDX-License-Identifier: MIT */
/* What the run-time asks of the address space, which stands above it: core/vspace implements it. */
#ifndef MUDSKIPPER_RT_MEMORY_H
#define MUDSKIPPER_RT_MEMORY_H

#include <mudskipper/abi/start.h>
#include <mudskipper/rt/thread.h>

/* Called once, before main: from here on what is mapped is known, faults are answered or reported, and the
 * first thread's stack grows. Makes no system call. */
void rt_memory_start(const struct start_block *start, struct thread *first);

#endif
