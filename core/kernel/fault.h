/* SPDX-License-Identifier: MIT */
#ifndef MUDSKIPPER_KERNEL_FAULT_H
#define MUDSKIPPER_KERNEL_FAULT_H

#include <mudskipper/hal/kernel.h>

struct core;
struct dispatcher;

/* The running dispatcher did what it may not: let it go on if only the TLB lacked the entry, otherwise begin
 * its report, which says who, what, where and why; it is unfinished then. */
void fault(struct dispatcher *d, const struct hal_trap *trap);

/* A step of the report; the last one ends the dispatcher. */
void fault_continue(struct core *core, struct dispatcher *d);

#endif
