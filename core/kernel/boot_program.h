/* SPDX-License-Identifier: MIT */
/* Starts a program from the boot archive without the help of user space: how the first program of a core
 * comes to life. All others are spawned by it. Everything it is made of is retyped and mapped by the same
 * operations that system calls use, and the capabilities to it lie in its own capability space:
 *
 *   L1 slot 0   well-known slots (abi/cap.h)
 *   L1 slot 1   what it was made from and of: memory, tables, Mappings
 *   L1 slot 2   RAM: all that is left of this core's memory, the largest piece first (first program only)
 */
#ifndef MUDSKIPPER_KERNEL_BOOT_PROGRAM_H
#define MUDSKIPPER_KERNEL_BOOT_PROGRAM_H

#include <mudskipper/abi/error.h>

#include <mudskipper/abi/boot_info.h>

struct core;
struct dispatcher;

/* The first program of core c has this number plus c; the further ones follow in steps of as many as there
 * are cores, so that a process's number tells its core. */
#define FIRST_PROCESS 1u

#define BOOT_L1_MADE 1u
#define BOOT_L1_RAM  2u

/* The archive's bin/`name`, ready to run with `name` as its only argument. Memory comes from core->memory and
 * is not given back on failure: the caller reports and stops. `monitor`, when not NULL, is told of its end.
 */
MUST_USE err_t boot_program(struct core *core, const char *name, uint32_t process, struct dispatcher *monitor,
                            struct dispatcher **made);

/* How much memory that takes. */
MUST_USE err_t boot_program_bytes(const struct boot_info *info, const char *name, uint64_t *bytes);

/* The rest of the memory and all authority of this core go to `d`. */
MUST_USE err_t boot_program_give_all(struct core *core, struct dispatcher *d);

#endif
