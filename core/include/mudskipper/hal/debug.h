/* SPDX-License-Identifier: MIT */
/* HAL: what the kernel needs to talk when nothing else works. */
#ifndef MUDSKIPPER_HAL_DEBUG_H
#define MUDSKIPPER_HAL_DEBUG_H

#include <mudskipper/abi/types.h>

/* Writes to the console the machine has, polling; '\n' as it is. Any core, any state; callers keep lines
 * together with their own lock. Used before a driver takes the console, and in a panic. */
void hal_console_write(const char *bytes, size_t count);

/* A number from the console the machine started with, or -1 when none waits. Never blocks. */
int hal_console_read(void);

/* Return addresses of the calling kernel stack, innermost first; returns how many were stored. Addresses are
 * relative to the start of the kernel image, so that they fit its symbol file. */
unsigned hal_backtrace(uintptr_t *addresses, unsigned room);

/* Kernel address → offset in the kernel image, for symbol look-up. */
uintptr_t hal_image_offset(uintptr_t address);

/* A program's segments were placed at `base`: tells debuggers and tools which file that is. */
void hal_note_program(const char *name, vaddr_t base, uint64_t bytes);

#endif
