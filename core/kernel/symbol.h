/* SPDX-License-Identifier: MIT */
/* Names for addresses, from the symbol files that the boot archive carries beside the kernel and each
 * program. */
#ifndef MUDSKIPPER_KERNEL_SYMBOL_H
#define MUDSKIPPER_KERNEL_SYMBOL_H

#include <mudskipper/abi/types.h>

struct boot_info;

void symbol_init(const struct boot_info *info);

/* "function" for an offset in the image of a program, which has `bytes`; "unknown code" outside and where it
 * has none. */
void symbol_of_program(const char *program, uint64_t bytes, uint64_t offset, char *to, size_t room);

/* "function+0x12" for an offset in the kernel image, the bare offset when unknown. */
void symbol_of_kernel(uint64_t offset, char *to, size_t room);

#endif
