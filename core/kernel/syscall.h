/* SPDX-License-Identifier: MIT */
#ifndef MUDSKIPPER_KERNEL_SYSCALL_H
#define MUDSKIPPER_KERNEL_SYSCALL_H

struct core;
struct dispatcher;

/* Carries out the system call in the context of `d`, which is running, or the next step of a long one. */
void syscall_handle(struct core *core, struct dispatcher *d);

#endif
