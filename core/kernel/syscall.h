/* SPDX-License-Identifier: MIT */
#ifndef MUDSKIPPER_KERNEL_SYSCALL_H
#define MUDSKIPPER_KERNEL_SYSCALL_H

#include <mudskipper/abi/error.h>

struct core;
struct dispatcher;

/* Carries out the system call in the context of `d`, which is running. */
void syscall_handle(struct core *core, struct dispatcher *d);

/* The result of a system call that ends later. */
void syscall_set_error(struct dispatcher *d, err_t error);

#endif
