/* SPDX-License-Identifier: MIT */
/* Memory that the port takes once, while booting: page tables, cores, boot information. Never given back. */
#ifndef AARCH64_BOOT_HEAP_H
#define AARCH64_BOOT_HEAP_H

#include <mudskipper/abi/types.h>

/* [base, base + bytes), multiples of 2 MiB, free memory, not mapped yet: maps it in 4 KiB pages, so that
 * single pages can be taken out as guards. False: no memory for tables. */
bool heap_init(paddr_t base, uint64_t bytes);

/* Zeroed, 64-byte aligned; NULL: no more. */
void *heap_take(uint64_t bytes);

/* Zeroed whole pages. */
void *heap_take_pages(uint64_t bytes);

/* One zeroed page, physical; 0: no more. For mmu_grow. */
paddr_t heap_page(void);

/* No more from here on: how many bytes were used, whole pages. */
uint64_t heap_close(void);

#endif
