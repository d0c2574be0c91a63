/* SPDX-License-Identifier: MIT */
/* Which physical memory is what: the tree's banks, minus what the tree, the boot loader and we ourselves have
 * put there. Nothing is stored: each question is answered by looking at the whole tree, so that any number of
 * banks and reserved pieces, overlapping or not, will do. Pure, like dt.h. */
#ifndef AARCH64_BOOT_RAM_H
#define AARCH64_BOOT_RAM_H

#include <mudskipper/abi/types.h>

/* Where several claim a page, the later in this list has it. */
enum ram_kind {
    RAM_NONE, /* no memory, or none we know of */
    RAM_FREE,
    RAM_RESERVED, /* somebody needs it */
    RAM_ARCHIVE,
    RAM_KERNEL,
    RAM_NO_MAP, /* not even to be mapped: a stray speculative read may be an error */
};

struct ram_range {
    paddr_t base;
    uint64_t bytes;
    enum ram_kind kind;
};

/* Our own claims. */
enum ram_own { RAM_OWN_IMAGE, RAM_OWN_HEAP, RAM_OWN_TREE, RAM_OWN_ARCHIVE, RAM_OWN_COUNT };

struct ram {
    const void *fdt;
    paddr_t limit; /* memory from here on is not used */
    struct ram_range own[RAM_OWN_COUNT];
};

/* The next piece at or after *at, whole pages, never RAM_NONE or RAM_NO_MAP; *at moves behind it. Neighbours
 * of the same kind, or of any kind when `mixed`, come as one piece. False: no more. */
bool ram_next(const struct ram *ram, paddr_t *at, bool mixed, struct ram_range *piece);

/* The first free piece that holds `bytes` at a multiple of `alignment`; false: none. */
bool ram_find(const struct ram *ram, uint64_t bytes, uint64_t alignment, paddr_t *place);

/* All of [base, base + bytes) is of that kind. */
bool ram_is(const struct ram *ram, paddr_t base, uint64_t bytes, enum ram_kind kind);

#endif
