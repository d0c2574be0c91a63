/* SPDX-License-Identifier: MIT */
/* Cache rule C4: with the MMU off all memory is Device memory: aligned accesses only, no exclusives; and the
 * linker's pointers are the later, virtual ones: addresses come from PC-relative code only. */
#include "early_map.h"
#include "../boot/early_uart.h"
#include "image.h"
#include "layout.h"
#include "mmu.h"

extern pte_t mmu_identity_root[];

bool early_tree_found;

#define TREE_MAGIC 0xedfe0dd0u /* 0xd00dfeed as a little-endian processor reads it */
#define BLOCK_MASK ((2u << 20) - 1u)

static bool map_image(void)
{
    static const unsigned text = CAP_READ | CAP_EXECUTE, constants = CAP_READ, data = CAP_READ | CAP_WRITE;
    paddr_t start = (paddr_t)image_start, rodata = (paddr_t)image_rodata, writable = (paddr_t)image_data,
            end = (paddr_t)image_end;

    return mmu_map(KERNEL_DIRECT_MAP + start, start, rodata - start, text, PT_MEMORY_NORMAL) &&
           mmu_map(KERNEL_DIRECT_MAP + rodata, rodata, writable - rodata, constants, PT_MEMORY_NORMAL) &&
           mmu_map(KERNEL_DIRECT_MAP + writable, writable, end - writable, data, PT_MEMORY_NORMAL) &&
           early_map_in((paddr_t)mmu_identity_root, start, start, PAGE_SIZE, text, PT_MEMORY_NORMAL);
}

/* By the boot protocol a tree is 8-byte aligned, at most 2 MiB, and may be mapped in blocks of 2 MiB. */
static bool map_tree(paddr_t tree)
{
    const volatile uint32_t *header = (const volatile uint32_t *)tree;
    uint64_t bytes;

    if (tree == 0 || tree % 8 != 0 || header[0] != TREE_MAGIC) {
        return true; /* boot_main says so */
    }
    bytes = __builtin_bswap32(header[1]);
    if (bytes > EARLY_TREE_BYTES) {
        bytes = EARLY_TREE_BYTES;
    }
    bytes = ((tree & BLOCK_MASK) + bytes + BLOCK_MASK) & ~(uint64_t)BLOCK_MASK;
    early_tree_found = true;
    return mmu_map(KERNEL_TREE, tree & ~(paddr_t)BLOCK_MASK, bytes, CAP_READ, PT_MEMORY_NORMAL);
}

bool early_map(paddr_t tree)
{
    return map_image() && map_tree(tree) && early_uart_map();
}
