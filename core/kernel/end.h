/* SPDX-License-Identifier: MIT */
#ifndef MUDSKIPPER_KERNEL_END_H
#define MUDSKIPPER_KERNEL_END_H

#include <mudskipper/abi/types.h>

struct core;
struct dispatcher;

/* What a process's exit code is when a fault ended it. */
#define EXIT_FAULT 139u

/* Ends a dispatcher and everything it holds; the machine goes off with the first program of the boot core. */
void end_dispatcher(struct core *core, struct dispatcher *d, uint32_t exit_code);

#endif
