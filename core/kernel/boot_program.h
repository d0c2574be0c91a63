/* SPDX-License-Identifier: MIT */
/* Starts a program from the boot archive without the help of user space: how the first program of a core
 * comes to life. All others are spawned by it. */
#ifndef MUDSKIPPER_KERNEL_BOOT_PROGRAM_H
#define MUDSKIPPER_KERNEL_BOOT_PROGRAM_H

#include <mudskipper/abi/error.h>

struct core;

/* The archive's bin/`name`, ready to run with `name` as its only argument. Memory comes from core->memory and
 * is not given back on failure: the caller reports and stops. */
MUST_USE err_t boot_program(struct core *core, const char *name, uint32_t process);

#endif
