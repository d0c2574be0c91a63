/* SPDX-License-Identifier: MIT */
/* The kernel's own page tables: one tree for TTBR1_EL1, grown while booting and never changed afterwards, an
 * identity map of one page for the moment the MMU is switched on, and an empty table for "no program". */
#ifndef AARCH64_KERNEL_MMU_H
#define AARCH64_KERNEL_MMU_H

#include <mudskipper/abi/types.h>
#include <mudskipper/pure/page_table.h>

/* Adds [pa, pa + bytes) at va with the largest pages that fit; whole pages. What is mapped already stays as
 * it is. False: no memory for a table (what was mapped so far stays). */
bool mmu_map(vaddr_t va, paddr_t pa, uint64_t bytes, unsigned rights, enum pt_memory memory) MUST_USE;

/* Takes one 4 KiB page away: a guard. It must be mapped as a page. */
void mmu_unmap_page(vaddr_t va);

/* Takes the device tree's window away. */
void mmu_drop_tree(void);

/* Device registers at pa, uncached; 0 when there is no memory for a table or the address is out of reach. */
uintptr_t mmu_map_device(paddr_t pa, uint64_t bytes);

paddr_t mmu_empty_table(void);

/* Once the MMU is on: tables are found through the direct map, and taken from `take`, which returns zeroed
 * pages or 0, when the static ones are used up. */
void mmu_grow(paddr_t (*take)(void));

#endif
