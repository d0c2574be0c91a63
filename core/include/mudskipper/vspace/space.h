/* SPDX-License-Identifier: MIT */
/* An address space as its manager sees it: page tables made on demand and Frames mapped in them, all by
 * capabilities. Its own process uses it for itself (self.h); a spawner builds a child's with it.
 *
 * Not thread-safe: the caller holds a lock, except that different spaces are independent. */
#ifndef MUDSKIPPER_VSPACE_SPACE_H
#define MUDSKIPPER_VSPACE_SPACE_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/abi/types.h>
#include <mudskipper/pure/slab.h>
#include <mudskipper/pure/tree.h>

/* Where memory for tables comes from, and what becomes of their links. */
struct space_ops {
    /* `bytes` (whole pages) of RAM into a new slot, which is deleted and freed when a table was made of it.
     */
    err_t (*ram)(void *context, uint64_t bytes, cptr_t *slot);

    /* The Mapping that links a new table lies in this slot, which belongs to the callee now: a spawner gives
     * it to the child. NULL: it stays where it is for good. */
    err_t (*keep_link)(void *context, cptr_t mapping);

    /* The process makes its slots itself (rt/slot.h); else self.h does when they run low. */
    bool slots_elsewhere;
};

/* A page table of level 1, 2 or 3 that exists. */
struct space_table {
    struct tree_node node; /* by level, then by offset */
    uint64_t offset;       /* of the first byte it covers */
    cptr_t table;
    uint8_t level;
};

struct space {
    const struct space_ops *ops;
    void *context;
    cptr_t root;
    vaddr_t base;
    uint64_t bytes;
    struct tree tables;
    struct slab notes; /* for tables: the caller's pages */
};

/* `root` is a level-0 VNode whose tables, if it has any, are told by space_adopt. `memory`, whole pages, is
 * for notes of tables: some 80 to a page. */
MUST_USE err_t space_init(struct space *s, cptr_t root, const struct space_ops *ops, void *context,
                          void *memory, uint64_t bytes);

/* One page more for notes. */
void space_give(struct space *s, void *page);

/* A table that exists already. NO_MEMORY: no room to note it. */
MUST_USE err_t space_adopt(struct space *s, unsigned level, uint64_t offset, cptr_t table);

/* How many Mappings space_map makes for a range: one for each 2 MiB it touches. */
static inline unsigned space_mappings(const struct space *s, vaddr_t at, uint64_t bytes)
{
    uint64_t first = (at - s->base) >> 21;
    uint64_t last = (at - s->base + bytes - 1) >> 21;

    return (unsigned)(last - first + 1);
}

/* Maps [from, from+bytes) of a Frame at address `at`, with missing tables made; the Mappings go into
 * consecutive empty slots from `mappings` on. MAP_OUTSIDE, MAP_UNALIGNED, what map says (WHILE_MAP), what ram
 * says; then nothing is mapped. */
MUST_USE err_t space_map(struct space *s, vaddr_t at, cptr_t frame, uint64_t from, uint64_t bytes,
                         unsigned rights, cptr_t mappings);

#endif
