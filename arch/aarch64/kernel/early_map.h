/* SPDX-License-Identifier: MIT */
/* What head.S calls with the MMU off, at physical addresses, on the boot stack. */
#ifndef AARCH64_KERNEL_EARLY_MAP_H
#define AARCH64_KERNEL_EARLY_MAP_H

#include <mudskipper/abi/types.h>
#include <mudskipper/pure/page_table.h>

/* Fills the first tables: the image with its rights, its first page at its own address too, the device tree
 * if `tree` points at one, an early UART. False: they cannot be made. */
bool early_map(paddr_t tree);

/* There was a device tree; it is mapped at KERNEL_TREE + its address modulo 2 MiB, at most so many bytes of
 * it. */
#define EARLY_TREE_BYTES (2u << 20) /* by the boot protocol there are no more */
extern bool early_tree_found;

/* mmu_map into any root (mmu.c). */
bool early_map_in(paddr_t root, vaddr_t va, paddr_t pa, uint64_t bytes, unsigned rights,
                  enum pt_memory memory) MUST_USE;

#endif
