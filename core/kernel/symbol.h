/* SPDX-License-Identifier: MIT */
/* Names for addresses, from the symbol files that the boot archive carries beside the kernel and each
 * program. */
#ifndef MUDSKIPPER_KERNEL_SYMBOL_H
#define MUDSKIPPER_KERNEL_SYMBOL_H

#include <mudskipper/abi/types.h>
#include <mudskipper/pure/symbols.h>

struct boot_info;

/* What is needed to find the archive's symbol files without reading all of it: so much zeroed memory, filled
 * before anything is looked for. */
uint64_t symbol_table_bytes(const struct boot_info *info);
void symbol_table_fill(const struct boot_info *info, void *memory);

/* Begins the search for an offset in the image of a program, which has `bytes`; it fails outside of that, and
 * when the program has no symbols. */
void symbol_search_program(struct symbol_search *search, const char *program, uint64_t bytes,
                           uint64_t offset);

/* "function+0x12" for an offset in the kernel image, the bare offset when unknown. */
void symbol_of_kernel(uint64_t offset, char *to, size_t room);

#endif
