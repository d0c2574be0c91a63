/* SPDX-License-Identifier: MIT */
/* Tables and Mappings: every refusal of map, unmapping by all ways it can happen, protect, split. */
#include "world.h"

enum {
    RAM = AT_FREE, /* a RAM of 1 MiB */
    L0,
    L1,
    L2,
    L3,
    SPARE_L3, /* not linked */
    LINK_L1,
    LINK_L2,
    LINK_L3,
    FRAME,  /* 64 KiB */
    BIG,    /* 2 MiB + 64 KiB, 2 MiB aligned */
    DEVICE, /* 64 KiB */
    TO,
};

#define R  ((unsigned)CAP_READ)
#define RW ((unsigned)CAP_READ | CAP_WRITE)
#define RX ((unsigned)CAP_READ | CAP_EXECUTE)

static int set_up(void **state)
{
    struct world *w = world_create();
    uint64_t aligned = RAM_BASE + 0x400000 - world_slot(w, AT_RAM)->base;

    w->check = true;
    assert_ok(do_retype(w, AT_RAM, RAM, CAP_TYPE_RAM, 0, 0x100000, 1));
    assert_ok(do_retype(w, RAM, L0, CAP_TYPE_VNODE_L0, 0, CAP_VNODE_L0_BYTES, 1));
    assert_ok(do_retype(w, RAM, L1, CAP_TYPE_VNODE_L1, 0x2000, PAGE_SIZE, 1));
    assert_ok(do_retype(w, RAM, L2, CAP_TYPE_VNODE_L2, 0x3000, PAGE_SIZE, 1));
    assert_ok(do_retype(w, RAM, L3, CAP_TYPE_VNODE_L3, 0x4000, PAGE_SIZE, 2));
    assert_ok(do_map(w, L0, L1, 0, 1, 0, 0, LINK_L1));
    assert_ok(do_map(w, L1, L2, 1, 1, 0, 0, LINK_L2));
    assert_ok(do_map(w, L2, L3, 2, 1, 0, 0, LINK_L3));
    assert_ok(do_retype(w, RAM, FRAME, CAP_TYPE_FRAME, 0x10000, 0x10000, 1));
    assert_ok(do_retype(w, AT_RAM, BIG, CAP_TYPE_FRAME, aligned, 0x210000, 1));
    assert_ok(do_retype(w, AT_PHYS, DEVICE, CAP_TYPE_DEV_FRAME, RAM_BYTES, 0x10000, 1));
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    world_drain(*state);
    world_check(*state, true);
    world_destroy(*state);
    return 0;
}

/* First byte of the level-3 table in the address space. */
#define L3_AT (((uint64_t)1 << 30) + 2 * 0x200000)

static pte_t entry(struct world *w, cptr_t table, unsigned index)
{
    return ((const pte_t *)cap_memory_at(&w->core, world_slot(w, table)->base))[index];
}

static unsigned type_at(struct world *w, cptr_t address)
{
    return world_slot(w, address)->type;
}

static void maps(void **state)
{
    struct world *w = *state;
    paddr_t base = world_slot(w, FRAME)->base;

    w->mapped = 0;
    assert_ok(do_map(w, L3, FRAME, 10, 4, 0x3000, RW, TO));
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(entry(w, L3, 10 + i),
                         pt_leaf(3, base + 0x3000 + i * PAGE_SIZE, RW, PT_MEMORY_NORMAL));
    }
    assert_int_equal(w->mapped, 1);
    assert_int_equal(w->last_offset, L3_AT + 10 * PAGE_SIZE);
    assert_int_equal(w->last_bytes, 4 * PAGE_SIZE);
    assert_int_equal(cap_mapping_first(world_slot(w, TO)), 10);
    assert_int_equal(cap_mapping_count(world_slot(w, TO)), 4);
    assert_int_equal(world_slot(w, TO)->vspace, world_slot(w, L0)->base);
    assert_true(mdb_is_descendant(world_slot(w, FRAME), world_slot(w, TO)));
}

static void maps_blocks(void **state)
{
    struct world *w = *state;

    assert_ok(do_map(w, L2, BIG, 100, 1, 0, R, TO));
    assert_int_equal(entry(w, L2, 100), pt_leaf(2, world_slot(w, BIG)->base, R, PT_MEMORY_NORMAL));
    assert_error(do_map(w, L2, BIG, 101, 1, 0x1000, R, TO + 1), ERR_MAP_UNALIGNED, 0x1000);
    assert_error(do_map(w, L2, FRAME, 101, 1, 0, R, TO + 1), ERR_MAP_UNALIGNED, 0);
    assert_error(do_map(w, L2, BIG, 101, 2, 0, R, TO + 1), ERR_MAP_BEYOND_FRAME, 0);
    assert_ok(do_delete(w, TO));
    assert_int_equal(entry(w, L2, 100), 0);
    assert_int_equal(w->last_bytes, 0x200000);
}

static void maps_devices(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0,
                               AT_ROOT,
                               CAP_PLACE_SLOT(DEVICE),
                               1 | 1 << 16,
                               0,
                               RW | MAP_MEMORY_WRITE_COMBINING << 8,
                               AT_ROOT,
                               CAP_PLACE_SLOT(TO + 1)};

    assert_ok(do_map(w, L3, DEVICE, 0, 1, 0, RW, TO));
    assert_int_equal(entry(w, L3, 0), pt_leaf(3, DEV_BASE, RW, PT_MEMORY_DEVICE));
    assert_ok(world_invoke(w, L3, VNODE_MAP, args));
    assert_int_equal(entry(w, L3, 1), pt_leaf(3, DEV_BASE, RW, PT_MEMORY_WRITE_COMBINING));
    assert_error_code(do_map(w, L3, DEVICE, 2, 1, 0, RX, TO + 2), ERR_MAP_IMPOSSIBLE);
    args[5] = R | 2 << 8;
    assert_error(world_invoke(w, L3, VNODE_MAP, args), ERR_BAD_ARGUMENT, 5);
}

static void wrong_levels(void **state)
{
    static const struct {
        cptr_t table;
        cptr_t object;
        enum err_code error;
    } cases[] = {
        {L0, FRAME, ERR_MAP_WRONG_LEVEL},    {L1, FRAME, ERR_MAP_WRONG_LEVEL},
        {L0, L0, ERR_MAP_WRONG_LEVEL},       {L0, L2, ERR_MAP_WRONG_LEVEL},
        {L0, SPARE_L3, ERR_MAP_WRONG_LEVEL}, {L1, SPARE_L3, ERR_MAP_WRONG_LEVEL},
        {L2, L2, ERR_MAP_WRONG_LEVEL},       {L3, SPARE_L3, ERR_MAP_WRONG_LEVEL},
        {L3, L0, ERR_MAP_WRONG_LEVEL},       {L3, L1, ERR_MAP_WRONG_LEVEL},
        {L3, RAM, ERR_CAP_WRONG_TYPE},       {L3, AT_PHYS, ERR_CAP_WRONG_TYPE},
        {L3, AT_ROOT, ERR_CAP_WRONG_TYPE},   {L3, LINK_L3, ERR_CAP_WRONG_TYPE},
        {L3, AT_KERNEL, ERR_CAP_WRONG_TYPE}, {L2, L3, ERR_MAP_ALREADY},
    };
    struct world *w = *state;

    for (unsigned i = 0; i < ARRAY_LENGTH(cases); i++) {
        err_t e = do_map(w, cases[i].table, cases[i].object, 50, 1, 0, 0, TO);

        assert_int_equal(e.code[0], cases[i].error);
        assert_int_equal(e.code[1], ERR_WHILE_MAP);
    }
    assert_error(do_map(w, FRAME, FRAME, 50, 1, 0, R, TO), ERR_CAP_ILLEGAL_INVOCATION, VNODE_MAP);
}

static void beyond(void **state)
{
    struct world *w = *state;

    assert_error(do_map(w, L3, FRAME, 512, 1, 0, R, TO), ERR_MAP_BEYOND_TABLE, 512);
    assert_error(do_map(w, L3, FRAME, 510, 3, 0, R, TO), ERR_MAP_BEYOND_TABLE, 510);
    assert_error(do_map(w, L3, FRAME, 0, 0, 0, R, TO), ERR_OUT_OF_RANGE, 0);
    assert_error(do_map(w, L3, FRAME, 0, 17, 0, R, TO), ERR_MAP_BEYOND_FRAME, 0);
    assert_error(do_map(w, L3, FRAME, 0, 2, 0xf000, R, TO), ERR_MAP_BEYOND_FRAME, 0xf000);
    assert_error(do_map(w, L3, FRAME, 0, 1, 0x10000, R, TO), ERR_MAP_BEYOND_FRAME, 0x10000);
    assert_error(do_map(w, L3, FRAME, 0, 1, UINT64_MAX - 0xfff, R, TO), ERR_MAP_BEYOND_FRAME,
                 UINT64_MAX - 0xfff);
    assert_error(do_map(w, L3, FRAME, 0, 1, 0x800, R, TO), ERR_MAP_UNALIGNED, 0x800);
    assert_error(do_map(w, L2, SPARE_L3, 7, 2, 0, 0, TO), ERR_OUT_OF_RANGE, 2);
    assert_error(do_map(w, L2, SPARE_L3, 7, 1, 0x1000, 0, TO), ERR_MAP_BEYOND_FRAME, 0x1000);
    assert_ok(do_map(w, L3, FRAME, 511, 1, 0xf000, R, TO));
}

static void rights(void **state)
{
    struct world *w = *state;

    assert_ok(do_mint(w, FRAME, TO, CAP_READ | CAP_EXECUTE, 0));
    assert_error(do_map(w, L3, TO, 0, 1, 0, RW, TO + 1), ERR_MAP_RIGHTS, CAP_WRITE);
    assert_error_code(do_map(w, L3, FRAME, 0, 1, 0, RW | RX, TO + 1), ERR_MAP_WRITE_EXECUTE);
    assert_error(do_map(w, L3, FRAME, 0, 1, 0, CAP_WRITE, TO + 1), ERR_MAP_IMPOSSIBLE, CAP_WRITE);
    assert_error(do_map(w, L3, FRAME, 0, 1, 0, 0, TO + 1), ERR_MAP_IMPOSSIBLE, 0);
    assert_error(do_map(w, L3, FRAME, 0, 1, 0, R | CAP_GRANT, TO + 1), ERR_MAP_IMPOSSIBLE, R | CAP_GRANT);
    assert_error(do_map(w, L2, SPARE_L3, 7, 1, 0, R, TO + 1), ERR_MAP_RIGHTS, R);
    assert_int_equal(w->executable, 0);
    assert_ok(do_map(w, L3, TO, 0, 3, 0, RX, TO + 1));
    assert_int_equal(w->executable, 3); /* instruction fetch sees what was written */
    assert_ok(do_mint(w, L3, TO + 2, CAP_READ, 0));
    assert_error(do_map(w, TO + 2, FRAME, 9, 1, 0, R, TO + 3), ERR_CAP_MISSING_RIGHT, TO + 2);
}

static void entries_in_use(void **state)
{
    struct world *w = *state;

    assert_ok(do_map(w, L3, FRAME, 10, 4, 0, R, TO));
    assert_error(do_map(w, L3, FRAME, 8, 3, 0, R, TO + 1), ERR_MAP_ENTRY_IN_USE, 10);
    assert_error(do_map(w, L3, BIG, 0, 32, 0, R, TO + 1), ERR_MAP_ENTRY_IN_USE, 10);
    assert_error(do_map(w, L3, FRAME, 13, 1, 0, R, TO + 1), ERR_MAP_ENTRY_IN_USE, 13);
    assert_error(do_map(w, L2, BIG, 2, 1, 0, R, TO + 1), ERR_MAP_ENTRY_IN_USE, 2);
    assert_error(do_map(w, L2, SPARE_L3, 2, 1, 0, 0, TO + 1), ERR_MAP_ENTRY_IN_USE, 2);
    assert_ok(do_map(w, L3, FRAME, 14, 1, 0, R, TO + 1));
    assert_error(do_map(w, L3, FRAME, 20, 1, 0, R, TO), ERR_CAP_SLOT_IN_USE, TO);
}

static void unlinked(void **state)
{
    struct world *w = *state;

    assert_error(do_map(w, SPARE_L3, FRAME, 0, 1, 0, R, TO), ERR_MAP_UNLINKED, SPARE_L3);
    assert_ok(do_map(w, L2, SPARE_L3, 3, 1, 0, 0, TO));
    assert_ok(do_map(w, SPARE_L3, FRAME, 0, 1, 0, R, TO + 1));
    assert_int_equal(w->last_offset, L3_AT + 0x200000);
}

static void outside(void **state)
{
    struct world *w = *state;

    /* The world's address spaces have 512 GiB and 1 GiB. */
    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_VNODE_L1, 0x40000, PAGE_SIZE, 1));
    assert_ok(do_retype(w, RAM, TO + 1, CAP_TYPE_VNODE_L2, 0x41000, PAGE_SIZE, 2));
    assert_error(do_map(w, L0, TO, 2, 1, 0, 0, TO + 3), ERR_MAP_OUTSIDE, (uint64_t)2 << 39);
    assert_ok(do_map(w, L0, TO, 1, 1, 0, 0, TO + 3));
    assert_error(do_map(w, TO, TO + 1, 1, 1, 0, 0, TO + 4), ERR_MAP_OUTSIDE,
                 ((uint64_t)1 << 39) + ((uint64_t)1 << 30));
    assert_ok(do_map(w, TO, TO + 1, 0, 1, 0, 0, TO + 4));
}

/* ---- unmapping ---- */

static void unmaps(void **state)
{
    struct world *w = *state;

    assert_ok(do_map(w, L3, FRAME, 10, 4, 0, R, TO));
    w->unmapped = 0;
    assert_ok(do_delete(w, TO));
    for (unsigned i = 0; i < PT_ENTRIES; i++) {
        assert_int_equal(entry(w, L3, i), 0);
    }
    assert_int_equal(w->unmapped, 1);
    assert_int_equal(w->last_offset, L3_AT + 10 * PAGE_SIZE);
    assert_int_equal(w->last_bytes, 4 * PAGE_SIZE);
    assert_int_equal(type_at(w, FRAME), CAP_TYPE_FRAME);
}

static void mappings_end_with_frame(void **state)
{
    struct world *w = *state;

    for (unsigned i = 0; i < 20; i++) {
        assert_ok(do_map(w, L3, FRAME, i * 16, 16, 0, R, TO + i));
    }
    assert_ok(do_copy(w, FRAME, TO + 20));
    assert_ok(do_delete(w, FRAME));
    assert_int_equal(type_at(w, TO), CAP_TYPE_MAPPING); /* a copy is left */
    w->budget = 1;
    w->again = 0;
    assert_ok(do_delete(w, TO + 20));
    assert_true(w->again >= 19);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(type_at(w, TO + i), CAP_TYPE_NULL);
    }
    for (unsigned i = 0; i < PT_ENTRIES; i++) {
        assert_int_equal(entry(w, L3, i), 0);
    }
}

static void revoke_unmaps(void **state)
{
    struct world *w = *state;

    assert_ok(do_map(w, L3, FRAME, 0, 4, 0, R, TO));
    assert_ok(
        do_retype(w, FRAME, TO + 1, CAP_TYPE_FRAME, 0, 0x2000, 1)); /* Mappings do not stand in the way */
    assert_ok(do_map(w, L3, TO + 1, 8, 2, 0, R, TO + 2));
    assert_ok(do_revoke(w, TO + 1));
    assert_int_equal(entry(w, L3, 8), 0);
    assert_int_not_equal(entry(w, L3, 0), 0);
    assert_ok(do_map(w, L3, TO + 1, 8, 2, 0, R, TO + 2));
    assert_ok(do_revoke(w, FRAME));
    assert_int_equal(entry(w, L3, 0), 0);
    assert_int_equal(entry(w, L3, 8), 0);
    assert_int_equal(type_at(w, TO + 1), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, FRAME), CAP_TYPE_FRAME);
}

/* The same range twice over: each Mapping belongs to the one it was made from. */
static void mappings_of_equal_ranges(void **state)
{
    struct world *w = *state;

    assert_ok(do_retype(w, FRAME, TO, CAP_TYPE_FRAME, 0, 0x10000, 1));
    assert_ok(do_map(w, L3, FRAME, 0, 1, 0, R, TO + 1));
    assert_ok(do_map(w, L3, TO, 1, 1, 0, R, TO + 2));
    assert_ok(do_delete(w, TO));
    assert_int_equal(type_at(w, TO + 1), CAP_TYPE_MAPPING);
    assert_int_equal(type_at(w, TO + 2), CAP_TYPE_NULL);
    assert_ok(do_retype(w, FRAME, TO, CAP_TYPE_FRAME, 0, 0x10000, 1));
    assert_ok(do_map(w, L3, TO, 1, 1, 0, R, TO + 2));
    assert_ok(do_delete(w, FRAME));
    assert_int_equal(type_at(w, TO + 1), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, TO + 2), CAP_TYPE_MAPPING);
}

static void mappings_end_with_table(void **state)
{
    struct world *w = *state;

    assert_ok(do_map(w, L3, FRAME, 0, 16, 0, R, TO));
    assert_ok(do_map(w, L2, BIG, 9, 1, 0, R, TO + 1));
    assert_ok(do_copy(w, L3, TO + 2));
    assert_ok(do_delete(w, L3));
    assert_int_equal(type_at(w, TO), CAP_TYPE_MAPPING);
    assert_ok(do_delete(w, TO + 2));
    assert_int_equal(type_at(w, TO), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, LINK_L3), CAP_TYPE_NULL);
    assert_int_equal(entry(w, L2, 2), 0);
    assert_int_equal(type_at(w, TO + 1), CAP_TYPE_MAPPING);
    assert_int_equal(type_at(w, FRAME), CAP_TYPE_FRAME);
}

static void unlinking(void **state)
{
    struct world *w = *state;

    assert_ok(do_map(w, L3, FRAME, 0, 16, 0, R, TO));
    assert_ok(do_map(w, L2, BIG, 9, 1, 0, R, TO + 1));
    w->budget = 1;
    assert_ok(do_delete(w, LINK_L1)); /* all of it hangs there */
    assert_int_equal(type_at(w, LINK_L2), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, LINK_L3), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, TO), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, TO + 1), CAP_TYPE_NULL);
    assert_int_equal(entry(w, L0, 0), 0);
    assert_int_equal(type_at(w, L3), CAP_TYPE_VNODE_L3);
    assert_ok(do_map(w, L0, L1, 0, 1, 0, 0, LINK_L1)); /* and can be linked anew */
}

static void space_ends(void **state)
{
    struct world *w = *state;

    assert_ok(do_map(w, L3, FRAME, 0, 16, 0, R, TO));
    w->budget = 1;
    assert_ok(do_delete(w, L0));
    assert_int_equal(w->ended, 1);
    assert_int_equal(w->last_ended.type, CAP_TYPE_VNODE_L0);
    assert_int_equal(type_at(w, LINK_L1), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, TO), CAP_TYPE_NULL);
    assert_ok(do_revoke(w, RAM));
    assert_false(mdb_has_descendants(&w->core.db, world_slot(w, RAM)));
}

static void many_copies(void **state)
{
    struct world *w = *state;

    for (unsigned i = 0; i < 12; i++) {
        assert_ok(do_copy(w, L3, TO + i));
        assert_ok(do_copy(w, FRAME, TO + 20 + i));
        assert_ok(do_map(w, i % 2 ? L3 : TO + i, TO + 20 + i, i * 2, 2, 0, R, TO + 40 + i));
    }
    assert_ok(do_revoke(w, L3)); /* copies go, and the link with all that is mapped */
    assert_int_equal(type_at(w, TO + 40), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, LINK_L3), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, L3), CAP_TYPE_VNODE_L3);
}

static void moving(void **state)
{
    struct world *w = *state;

    assert_ok(do_map(w, L3, FRAME, 0, 16, 0, R, TO));
    assert_ok(do_move(w, TO, TO + 1));
    assert_ok(do_move(w, L3, TO + 2));
    assert_ok(do_move(w, LINK_L3, TO + 3));
    assert_ok(do_move(w, FRAME, TO + 4));
    assert_error(do_copy(w, TO + 1, TO), ERR_CAP_UNIQUE, TO + 1);
    assert_ok(do_map(w, TO + 2, TO + 4, 20, 1, 0, R, TO));
    assert_ok(do_delete(w, TO + 3));
    assert_int_equal(type_at(w, TO), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, TO + 1), CAP_TYPE_NULL);
}

/* ---- protect, split ---- */

static err_t protect(struct world *w, cptr_t mapping, unsigned first, unsigned count, uint64_t new_rights)
{
    uint64_t args[SYS_ARGS] = {0, first | (uint64_t)count << 16, new_rights};

    return world_invoke(w, mapping, MAPPING_PROTECT, args);
}

static void protects(void **state)
{
    struct world *w = *state;
    paddr_t base = world_slot(w, FRAME)->base;

    assert_ok(do_map(w, L3, FRAME, 10, 4, 0, R, TO));
    assert_ok(protect(w, TO, 1, 2, RW));
    assert_int_equal(entry(w, L3, 10), pt_leaf(3, base, R, PT_MEMORY_NORMAL));
    assert_int_equal(entry(w, L3, 11), pt_leaf(3, base + PAGE_SIZE, RW, PT_MEMORY_NORMAL));
    assert_int_equal(entry(w, L3, 12), pt_leaf(3, base + 2 * PAGE_SIZE, RW, PT_MEMORY_NORMAL));
    assert_int_equal(w->last_offset, L3_AT + 11 * PAGE_SIZE);
    assert_int_equal(w->last_bytes, 2 * PAGE_SIZE);
    assert_int_equal(w->executable, 0);
    assert_ok(protect(w, TO, 3, 1, RX));
    assert_int_equal(w->executable, 1);
}

static void protect_refused(void **state)
{
    struct world *w = *state;

    assert_ok(do_mint(w, FRAME, TO + 1, CAP_READ, 0));
    assert_ok(do_map(w, L3, TO + 1, 10, 4, 0, R, TO));
    assert_error(protect(w, TO, 0, 1, RW), ERR_MAP_RIGHTS, CAP_WRITE);
    assert_error(protect(w, TO, 0, 1, 0), ERR_MAP_IMPOSSIBLE, 0);
    assert_error(protect(w, TO, 0, 1, R | 64), ERR_MAP_IMPOSSIBLE, UINT32_MAX);
    assert_error(protect(w, TO, 0, 0, R), ERR_OUT_OF_RANGE, 0);
    assert_error(protect(w, TO, 3, 2, R), ERR_OUT_OF_RANGE, 2);
    assert_error(protect(w, TO, 4, 1, R), ERR_OUT_OF_RANGE, 1);
    assert_error(protect(w, LINK_L3, 0, 1, R), ERR_CAP_WRONG_TYPE, LINK_L3);
    assert_ok(do_map(w, L3, FRAME, 20, 4, 0, R, TO + 2));
    assert_error_code(protect(w, TO + 2, 0, 1, RW | RX), ERR_MAP_WRITE_EXECUTE);
    assert_ok(do_map(w, L3, DEVICE, 30, 1, 0, R, TO + 3));
    assert_error_code(protect(w, TO + 3, 0, 1, RX), ERR_MAP_IMPOSSIBLE);
}

static err_t split(struct world *w, cptr_t mapping, uint64_t at, cptr_t to)
{
    uint64_t args[SYS_ARGS] = {0, at, AT_ROOT, CAP_PLACE_SLOT(to)};

    return world_invoke(w, mapping, MAPPING_SPLIT, args);
}

static void splits(void **state)
{
    struct world *w = *state;

    assert_ok(do_map(w, L3, FRAME, 10, 8, 0x1000, R, TO));
    assert_error(split(w, TO, 0, TO + 1), ERR_OUT_OF_RANGE, 0);
    assert_error(split(w, TO, 8, TO + 1), ERR_OUT_OF_RANGE, 8);
    assert_error(split(w, TO, 3, L3), ERR_CAP_SLOT_IN_USE, L3);
    assert_error(split(w, LINK_L3, 1, TO + 1), ERR_CAP_WRONG_TYPE, LINK_L3);
    assert_ok(split(w, TO, 3, TO + 1));
    assert_ok(split(w, TO + 1, 2, TO + 2));
    assert_ok(do_delete(w, TO + 1)); /* the middle */
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(entry(w, L3, 10 + i) != 0, i < 3 || i >= 5);
    }
    assert_ok(protect(w, TO + 2, 0, 3, RW));
    assert_ok(do_delete(w, TO));
    assert_ok(do_delete(w, TO + 2));
}

/* ---- long ones ---- */

static void interrupted(void **state)
{
    struct world *w = *state;

    w->budget = 1;
    assert_ok(do_map(w, L3, BIG, 0, 512, 0, RW, TO));
    assert_true(w->again >= 15);
    assert_int_equal(cap_mapping_count(world_slot(w, TO)), 512);
    w->again = 0;
    assert_ok(protect(w, TO, 0, 512, RX));
    assert_true(w->again >= 511);
    for (unsigned i = 0; i < 512; i++) {
        assert_int_equal(entry(w, L3, i),
                         pt_leaf(3, world_slot(w, BIG)->base + i * PAGE_SIZE, RX, PT_MEMORY_NORMAL));
    }
    w->again = 0;
    assert_ok(do_delete(w, TO));
    assert_true(w->again >= 15);
}

static enum cap_progress one_step(struct world *w, err_t *e)
{
    struct cap_map m = {.table = world_ref(w, L3),
                        .object = world_ref(w, BIG),
                        .dest = world_ref(w, TO),
                        .first = 0,
                        .count = 128,
                        .rights = R,
                        .memory = PT_MEMORY_NORMAL};
    int budget = 1;

    *e = cap_map_check(&w->core, &m);
    return err_ok(*e) ? cap_map_act(&w->core, &m, &budget) : CAP_DONE;
}

static void half_mapped(void **state)
{
    struct world *w = *state;
    err_t e;

    assert_int_equal(one_step(w, &e), CAP_AGAIN);
    assert_error(do_move(w, TO, TO + 1), ERR_CAP_LOCKED, TO);
    assert_ok(do_map(w, L3, FRAME, 100, 1, 0, R, TO + 1)); /* somebody is in its way */
    while (one_step(w, &e) == CAP_AGAIN) {
    }
    assert_error(e, ERR_MAP_ENTRY_IN_USE, 100);
    assert_ok(do_delete(w, TO));
    assert_int_equal(entry(w, L3, 0), 0);
    assert_int_equal(one_step(w, &e), CAP_DONE);
    assert_error(e, ERR_MAP_ENTRY_IN_USE, 100);
    assert_ok(do_delete(w, TO + 1));
    assert_int_equal(one_step(w, &e), CAP_AGAIN);
    assert_ok(do_delete(w, BIG));
    assert_int_equal(type_at(w, TO), CAP_TYPE_NULL);
    assert_int_equal(entry(w, L3, 0), 0);
}

#define CASE(name, function)                                                                                 \
    {                                                                                                        \
        (name), (function), set_up, tear_down, NULL                                                          \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("CAP-MAP-001 pages are mapped with the rights asked for, several at once", maps),
        CASE("CAP-MAP-002 level 2 holds 2 MiB blocks where both addresses are aligned", maps_blocks),
        CASE("CAP-MAP-003 devices are mapped as devices or write-combining, never executable", maps_devices),
        CASE("CAP-MAP-004 every table takes the next level's table, or memory at levels 2 and 3, once",
             wrong_levels),
        CASE("CAP-MAP-005 every page lies in table and frame", beyond),
        CASE("CAP-MAP-006 rights are within the frame's, readable, never writable and executable", rights),
        CASE("CAP-MAP-007 entries in use are named", entries_in_use),
        CASE("CAP-MAP-008 only a table that is part of an address space is filled", unlinked),
        CASE("CAP-MAP-009 nothing is mapped beyond what programs may use", outside),
        CASE("CAP-UNMAP-001 deleting a Mapping clears its entries and the TLB", unmaps),
        CASE("CAP-UNMAP-002 Mappings end with the last capability to their frame", mappings_end_with_frame),
        CASE("CAP-UNMAP-003 revoke unmaps", revoke_unmaps),
        CASE("CAP-UNMAP-004 of two frames of one range each has its own Mappings", mappings_of_equal_ranges),
        CASE("CAP-UNMAP-005 Mappings end with the last capability to their table", mappings_end_with_table),
        CASE("CAP-UNMAP-006 unlinking a table unmaps what hangs on it", unlinking),
        CASE("CAP-UNMAP-007 an address space ends with all its Mappings", space_ends),
        CASE("CAP-UNMAP-008 many capabilities to table and frame", many_copies),
        CASE("CAP-UNMAP-009 all of them can be moved, a Mapping not copied", moving),
        CASE("CAP-PROTECT-001 rights of some entries are changed", protects),
        CASE("CAP-PROTECT-002 never beyond those the Mapping was made with", protect_refused),
        CASE("CAP-SPLIT-001 a Mapping is split, and unmapped in part", splits),
        CASE("CAP-MAP-010 long ones are interrupted and continued", interrupted),
        CASE("CAP-MAP-011 an unfinished map can be refused later and be deleted", half_mapped),
    };

    return cmocka_run_group_tests_name("caps: map", tests, NULL, NULL);
}
