/* SPDX-License-Identifier: MIT */
#ifndef MUDSKIPPER_KERNEL_FAULT_H
#define MUDSKIPPER_KERNEL_FAULT_H

#include <mudskipper/hal/kernel.h>

struct core;
struct dispatcher;

/* The running dispatcher did what it may not: let it go on if only the TLB lacked the entry, otherwise end it
 * with a report that says who, what, where and why. */
void fault(struct core *core, struct dispatcher *d, const struct hal_trap *trap);

#endif
