/* SPDX-License-Identifier: MIT */
/* The walkers over this core's state: what must hold between two entries into the kernel (P2, R2, R3, R4, and
 * all of mudskipper/cap/check.h). In every build; the word `check` on the command line runs them after each
 * entry, and a complaint is a panic. They change nothing and cost time that grows with everything there is.
 */
#ifndef MUDSKIPPER_KERNEL_CHECK_H
#define MUDSKIPPER_KERNEL_CHECK_H

struct core;

/* What is wrong, in words; NULL: nothing. */
const char *check_core(const struct core *core);

#endif
