/* SPDX-License-Identifier: MIT */
#ifndef MUDSKIPPER_KERNEL_RUN_H
#define MUDSKIPPER_KERNEL_RUN_H

#include <mudskipper/hal/kernel.h>

struct core;

/* Leaves the kernel: picks who runs, charges CPU time, sets the timer to what comes first. */
struct hal_next run_next(struct core *core);

/* One bounded step of what is unfinished: what is to be written or logged, the long invocation of
 * whoever is to run, or what deleted objects leave. */
void run_continue(struct core *core);

#endif
