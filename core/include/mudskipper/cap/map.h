/* SPDX-License-Identifier: MIT */
/* Page tables and what is mapped in them. A Mapping capability stands for consecutive entries of one table
 * that point into one object. It ends with its table and with its object; deleting it is how one unmaps.
 *
 *   VNode L2 ──ring── VNode L2 (copy) ──ring── Mapping(link of a VNode L3) ──ring── Mapping(Frame, 2 MiB
 * blocks) ──┐
 *      └──────────────────────────────────────────────────────────────────────────────────────────────────────────┘
 *
 * The capabilities of a table and the Mappings in it form a ring, in the order of the mapping database for
 * the former: so a table's contents are found without a search, and the last of its capabilities is followed
 * by one of them. A table can be filled while it is linked (or is a root). Unlinking it unmaps what it
 * holds. */
#ifndef MUDSKIPPER_CAP_MAP_H
#define MUDSKIPPER_CAP_MAP_H

#include <mudskipper/cap/core.h>
#include <mudskipper/pure/page_table.h>

/* Where a table stands in an address space. */
struct cap_table_place {
    struct cap_slot *last; /* of its capabilities, in order */
    paddr_t root;
    uint64_t offset; /* of the first byte it describes */
};

struct cap_map {
    struct cap_ref table;  /* VNode */
    struct cap_ref object; /* VNode of the next level, Frame or DevFrame */
    struct cap_ref dest;   /* empty slot for the Mapping */
    uint32_t first;        /* entry */
    uint32_t count;        /* entries */
    uint64_t offset;       /* in the object, of the first byte */
    unsigned rights;       /* CAP_READ, CAP_WRITE, CAP_EXECUTE */
    enum pt_memory memory;
    struct cap_table_place place; /* of the table; from check to act */
};

err_t cap_map_check(const struct cap_core *core, struct cap_map *m) MUST_USE;
enum cap_progress cap_map_act(struct cap_core *core, const struct cap_map *m, int *budget);

/* Changes the rights of some entries of a Mapping of pages, within those it was made with. */
struct cap_protect {
    struct cap_ref mapping;
    uint32_t first; /* counted from the first entry of the Mapping */
    uint32_t count;
    unsigned rights;
};

err_t cap_protect_check(const struct cap_core *core, const struct cap_protect *p) MUST_USE;

/* Returns how many entries, from the first, were done: fewer than `count` when the budget was used up. */
uint32_t cap_protect_act(struct cap_core *core, const struct cap_protect *p, int *budget);

/* Makes two Mappings of one: entries from `at` on belong to the one in `dest` afterwards. */
struct cap_split {
    struct cap_ref mapping;
    struct cap_ref dest;
    uint32_t at;
};

err_t cap_split_check(const struct cap_core *core, const struct cap_split *s) MUST_USE;
void cap_split_act(struct cap_core *core, const struct cap_split *s);

/* Fields of a Mapping. */
static inline paddr_t cap_mapping_table(const struct cap_slot *m)
{
    return m->mapping.entry & ~PAGE_MASK;
}

static inline unsigned cap_mapping_first(const struct cap_slot *m)
{
    return (unsigned)(m->mapping.entry & PAGE_MASK) / sizeof(pte_t);
}

static inline unsigned cap_mapping_count(const struct cap_slot *m)
{
    return (unsigned)(m->mapping.pages & PAGE_MASK) + 1;
}

static inline uint64_t cap_mapping_object_offset(const struct cap_slot *m)
{
    return m->mapping.pages & ~PAGE_MASK;
}

#endif
