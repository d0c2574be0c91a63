/* SPDX-License-Identifier: MIT */
/* Retype: every pair of types, every refusal, and what happens when it takes long. */
#include "world.h"

enum {
    RAM = AT_FREE, /* a RAM of 1 MiB */
    TO,
};

#define RAM_SIZE 0x100000u

static int set_up(void **state)
{
    struct world *w = world_create();

    w->check = true;
    assert_ok(do_retype(w, AT_RAM, RAM, CAP_TYPE_RAM, 0x1000, RAM_SIZE, 1));
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

static bool is_zero(struct world *w, paddr_t address, uint64_t bytes)
{
    const uint8_t *p = cap_memory_at(&w->core, address);

    for (uint64_t i = 0; i < bytes; i++) {
        if (p[i] != 0) {
            return false;
        }
    }
    return true;
}

/* The table in words of its own, apart from captypes.def. */
static bool legal(unsigned from, unsigned to)
{
    switch (from) {
    case CAP_TYPE_PHYS_ADDR:
        return to == CAP_TYPE_PHYS_ADDR || to == CAP_TYPE_RAM || to == CAP_TYPE_DEV_FRAME;
    case CAP_TYPE_RAM:
        return to == CAP_TYPE_RAM || to == CAP_TYPE_FRAME || to == CAP_TYPE_L1_CNODE ||
               to == CAP_TYPE_L2_CNODE || (to >= CAP_TYPE_VNODE_L0 && to <= CAP_TYPE_VNODE_L3) ||
               to == CAP_TYPE_DISPATCHER || to == CAP_TYPE_ENDPOINT_LMP;
    case CAP_TYPE_FRAME:
    case CAP_TYPE_DEV_FRAME:
    case CAP_TYPE_IRQ:
    case CAP_TYPE_NAME_PREFIX:
        return to == from;
    case CAP_TYPE_ENDPOINT_LMP:
        return to == CAP_TYPE_SERVICE;
    case CAP_TYPE_SERVICE:
        return to == CAP_TYPE_HANDLE;
    case CAP_TYPE_KERNEL:
        return to == CAP_TYPE_PROCESS || to == CAP_TYPE_NOTIFY;
    default:
        return false;
    }
}

static void pairs(void **state)
{
    struct world *w = *state;
    struct cap_slot *from = world_slot(w, TO);

    for (unsigned source = 1; source < CAP_TYPE_COUNT; source++) {
        *from = (struct cap_slot){.type = (uint8_t)source, .base = RAM_BASE + 0x400000, .size = 0x10000};
        for (unsigned type = 0; type < CAP_TYPE_COUNT + 2; type++) {
            struct cap_retype r = {
                .source = {from, TO, CAP_LEVEL_SLOT, 1}, .dest = world_ref(w, TO + 1), .type = type};
            err_t e = cap_retype_check(&w->core, &r); /* size 0: legal pairs are refused for that */

            if (type == CAP_TYPE_MAPPING) {
                assert_error(e, ERR_CAP_MAPPING_EXPLICIT, TO);
            } else if (!legal(source, type)) {
                assert_error(e, ERR_CAP_RETYPE_PAIR, TO);
            } else {
                assert_true(err_is(e, ERR_CAP_RETYPE_SIZE) || err_is(e, ERR_CAP_RETYPE_COUNT));
            }
        }
    }
    *from = (struct cap_slot){.type = CAP_TYPE_NULL};
}

static void offsets(void **state)
{
    struct world *w = *state;

    assert_error(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0x800, PAGE_SIZE, 1), ERR_CAP_RETYPE_OFFSET, 0x800);
    assert_error(do_retype(w, RAM, TO, CAP_TYPE_FRAME, RAM_SIZE, PAGE_SIZE, 1), ERR_CAP_RETYPE_OFFSET,
                 RAM_SIZE);
    assert_error(do_retype(w, RAM, TO, CAP_TYPE_FRAME, UINT64_MAX - 0xfff, PAGE_SIZE, 1),
                 ERR_CAP_RETYPE_OFFSET, UINT64_MAX - 0xfff);
    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_FRAME, RAM_SIZE - PAGE_SIZE, PAGE_SIZE, 1));
}

static void sizes(void **state)
{
    static const struct {
        unsigned type;
        uint64_t good[3];
        uint64_t bad[4];
    } cases[] = {
        {CAP_TYPE_FRAME, {0x1000, 0x3000, 0x11000}, {0, 0x800, 0x1001, UINT64_MAX}},
        {CAP_TYPE_L1_CNODE, {0x1000, 0x3000, 0x8000}, {0, 128, 0x1800, (uint64_t)1 << 40}},
        {CAP_TYPE_L2_CNODE, {0x8000, 0x8000, 0x8000}, {0, 0x1000, 0x10000, 0x7fff}},
        {CAP_TYPE_VNODE_L0, {0x2000, 0x2000, 0x2000}, {0, 0x1000, 0x4000, 0x3000}},
        {CAP_TYPE_VNODE_L3, {0x1000, 0x1000, 0x1000}, {0, 0x2000, 0x800, 0x1001}},
        {CAP_TYPE_DISPATCHER, {0x2000, 0x3000, 0x8000}, {0, 0x1000, 0x2800, 1}},
        {CAP_TYPE_ENDPOINT_LMP, {0x1000, 0x2000, 0x8000}, {0, 0x3000, 0x800, 0x6000}},
    };
    struct world *w = *state;

    for (unsigned i = 0; i < ARRAY_LENGTH(cases); i++) {
        for (unsigned k = 0; k < 3; k++) {
            assert_ok(do_retype(w, RAM, TO, cases[i].type, 0, cases[i].good[k], 1));
            assert_int_equal(world_slot(w, TO)->size, cases[i].good[k]);
            assert_ok(do_revoke(w, RAM));
        }
        for (unsigned k = 0; k < 4; k++) {
            assert_error(do_retype(w, RAM, TO, cases[i].type, 0, cases[i].bad[k], 1), ERR_CAP_RETYPE_SIZE,
                         cases[i].bad[k]);
        }
    }
}

static void counts(void **state)
{
    struct world *w = *state;

    assert_error(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0, PAGE_SIZE, 0), ERR_CAP_RETYPE_COUNT, 0);
    assert_error(do_retype(w, RAM, TO, CAP_TYPE_FRAME, RAM_SIZE - 0x3000, PAGE_SIZE, 4), ERR_CAP_RETYPE_COUNT,
                 4);
    assert_error(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0, RAM_SIZE + PAGE_SIZE, 1), ERR_CAP_RETYPE_COUNT, 1);
    assert_error(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0, PAGE_SIZE, (uint64_t)1 << 60), ERR_CAP_RETYPE_COUNT,
                 (uint64_t)1 << 60);
    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_FRAME, RAM_SIZE - 0x3000, PAGE_SIZE, 3));
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(world_slot(w, TO + i)->base,
                         world_slot(w, RAM)->base + RAM_SIZE - 0x3000 + i * PAGE_SIZE);
    }
}

static void slots(void **state)
{
    struct world *w = *state;
    cptr_t last = CPTR(0, 255);

    assert_error(do_retype(w, RAM, last, CAP_TYPE_FRAME, 0, PAGE_SIZE, 2), ERR_CAP_SLOTS_EXHAUSTED, last);
    assert_ok(do_copy(w, RAM, TO + 2));
    assert_error(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0, PAGE_SIZE, 4), ERR_CAP_SLOT_IN_USE, TO + 2);
    assert_error(do_retype(w, RAM, RAM, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1), ERR_CAP_SELF, RAM);
    assert_error(do_retype(w, RAM, CPTR(1, 0), CAP_TYPE_FRAME, 0, PAGE_SIZE, 1), ERR_CAP_EMPTY_SLOT,
                 CPTR(1, 0));
    assert_int_equal(w->zeroed, 0); /* none of them began */
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(RAM), AT_ROOT, CAP_PLACE_CNODE(1), CAP_TYPE_L2_CNODE,
                               0, CAP_L2_BYTES,        2};
    assert_ok(world_invoke(w, AT_ROOT, CNODE_RETYPE, args));
    assert_ok(do_copy(w, RAM, CPTR(2, 255)));
    args[3] = CAP_PLACE_CNODE(30);
    args[5] = 2 * CAP_L2_BYTES;
    args[7] = 3;
    assert_error(world_invoke(w, AT_ROOT, CNODE_RETYPE, args), ERR_CAP_SLOTS_EXHAUSTED, CPTR(30, 0));
    args[4] = CAP_TYPE_FRAME;
    args[7] = 1;
    assert_error(world_invoke(w, AT_ROOT, CNODE_RETYPE, args), ERR_CAP_L1_HOLDS_CNODES, CPTR(30, 0));
}

/* [0x4000, 0x8000) of the source is taken: everything that touches it is refused, everything beside it is
 * not. */
static void overlaps(void **state)
{
    static const struct {
        uint64_t offset;
        uint64_t bytes;
        bool free;
    } cases[] = {
        {0x0000, 0x4000, true},  {0x0000, 0x5000, false},   {0x3000, 0x1000, true},  {0x3000, 0x2000, false},
        {0x3000, 0x8000, false}, {0x4000, 0x1000, false},   {0x4000, 0x4000, false}, {0x5000, 0x1000, false},
        {0x5000, 0x8000, false}, {0x7000, 0x1000, false},   {0x7000, 0x2000, false}, {0x8000, 0x1000, true},
        {0x8000, 0x8000, true},  {0x0000, 0x100000, false},
    };
    struct world *w = *state;
    uint64_t taken = world_slot(w, RAM)->base + 0x4000;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_RAM, 0x4000, 0x4000, 1));
    assert_ok(do_retype(w, TO, TO + 1, CAP_TYPE_FRAME, 0x1000, 0x1000, 1));
    for (unsigned i = 0; i < ARRAY_LENGTH(cases); i++) {
        err_t e = do_retype(w, RAM, TO + 2, CAP_TYPE_RAM, cases[i].offset, cases[i].bytes, 1);

        if (cases[i].free) {
            assert_ok(e);
            assert_ok(do_delete(w, TO + 2));
        } else {
            assert_error(e, ERR_CAP_REVOKE_FIRST, taken);
        }
    }
    /* The same when only the grandchild is left. */
    assert_ok(do_delete(w, TO));
    assert_error(do_retype(w, RAM, TO, CAP_TYPE_RAM, 0x4000, 0x4000, 1), ERR_CAP_REVOKE_FIRST,
                 taken + 0x1000);
    assert_ok(do_delete(w, TO + 1));
    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_RAM, 0x4000, 0x4000, 1));
}

/* A copy of the source, an ancestor, the whole range: who may retype what. */
static void relatives(void **state)
{
    struct world *w = *state;
    uint64_t base = world_slot(w, RAM)->base;

    assert_ok(do_copy(w, RAM, TO));
    assert_ok(do_retype(w, TO, TO + 1, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1));
    assert_error(do_retype(w, RAM, TO + 2, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1), ERR_CAP_REVOKE_FIRST, base);
    assert_error(do_retype(w, AT_RAM, TO + 2, CAP_TYPE_RAM, 0x1000 + 0x80000, PAGE_SIZE, 1),
                 ERR_CAP_REVOKE_FIRST, base);
    assert_ok(do_revoke(w, RAM));
    /* The whole range again and again: each a descendant of the one before. */
    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_RAM, 0, RAM_SIZE, 1));
    assert_true(mdb_is_descendant(world_slot(w, RAM), world_slot(w, TO)));
    assert_false(mdb_is_copy(world_slot(w, RAM), world_slot(w, TO)));
    assert_ok(do_retype(w, TO, TO + 1, CAP_TYPE_RAM, 0, RAM_SIZE, 1));
    assert_error(do_retype(w, RAM, TO + 2, CAP_TYPE_RAM, 0, RAM_SIZE, 1), ERR_CAP_REVOKE_FIRST, base);
    assert_ok(do_revoke(w, TO));
    assert_int_equal(world_slot(w, RAM)->type, CAP_TYPE_RAM);
    assert_int_equal(world_slot(w, TO)->type, CAP_TYPE_RAM);
    assert_int_equal(world_slot(w, TO + 1)->type, CAP_TYPE_NULL);
}

static void clears(void **state)
{
    struct world *w = *state;
    uint64_t base = world_slot(w, RAM)->base;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_RAM, 0, 0x4000, 1));
    assert_int_equal(w->zeroed, 0);
    assert_false(is_zero(w, base, 8));
    assert_ok(do_retype(w, TO, TO + 1, CAP_TYPE_FRAME, 0x1000, 0x1000, 2));
    assert_int_equal(w->zeroed, 2);
    assert_int_equal(w->created, 2);
    assert_true(is_zero(w, base + 0x1000, 0x2000));
    assert_false(is_zero(w, base, 8));
    assert_false(is_zero(w, base + 0x3000, 8));
    /* Used, given back, and made anew: not a byte is left. */
    memset(cap_memory_at(&w->core, base + 0x1000), 0x77, 0x2000);
    assert_ok(do_revoke(w, TO));
    assert_ok(do_retype(w, TO, TO + 1, CAP_TYPE_FRAME, 0, 0x4000, 1));
    assert_true(is_zero(w, base, 0x4000));
}

static void memory_kinds(void **state)
{
    struct world *w = *state;
    uint64_t free_ram = 0x9000 + 0x1000 + RAM_SIZE;

    assert_error(do_retype(w, AT_PHYS, TO, CAP_TYPE_RAM, RAM_BYTES, PAGE_SIZE, 1), ERR_CAP_WRONG_MEMORY,
                 DEV_BASE);
    assert_error(do_retype(w, AT_PHYS, TO, CAP_TYPE_DEV_FRAME, free_ram, PAGE_SIZE, 1), ERR_CAP_WRONG_MEMORY,
                 RAM_BASE + free_ram);
    assert_error(do_retype(w, AT_PHYS, TO, CAP_TYPE_DEV_FRAME, RAM_BYTES - PAGE_SIZE, 2 * PAGE_SIZE, 1),
                 ERR_CAP_WRONG_MEMORY, DEV_BASE - PAGE_SIZE);
    assert_ok(do_retype(w, AT_PHYS, TO, CAP_TYPE_DEV_FRAME, RAM_BYTES, 0x10000, 2));
    assert_ok(do_retype(w, TO, TO + 2, CAP_TYPE_DEV_FRAME, PAGE_SIZE, PAGE_SIZE, 1));
    assert_int_equal(w->zeroed, 0); /* devices are never written */
}

static void services(void **state)
{
    struct world *w = *state;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_ENDPOINT_LMP, 0, PAGE_SIZE, 1));
    assert_error(do_retype(w, TO, TO + 1, CAP_TYPE_SERVICE, 0, PAGE_SIZE, 1), ERR_CAP_RETYPE_SIZE, PAGE_SIZE);
    assert_error(do_retype(w, TO, TO + 1, CAP_TYPE_SERVICE, 1, 0, 1), ERR_CAP_RETYPE_OFFSET, 1);
    assert_error(do_retype(w, TO, TO + 1, CAP_TYPE_SERVICE, 0, 0, 2), ERR_CAP_RETYPE_COUNT, 2);
    assert_error(do_retype(w, TO, RAM, CAP_TYPE_SERVICE, 0, 0, 1), ERR_CAP_SLOT_IN_USE, RAM);
    assert_ok(do_retype(w, TO, TO + 1, CAP_TYPE_SERVICE, 0, 0, 1));
    assert_ok(do_retype(w, TO, TO + 2, CAP_TYPE_SERVICE, 0, 0, 1)); /* another of the same number */
    assert_false(mdb_is_copy(world_slot(w, TO + 1), world_slot(w, TO + 2)));
    assert_ok(do_retype(w, TO + 1, TO + 3, CAP_TYPE_HANDLE, 0, 0, 1));
    assert_ok(do_retype(w, TO + 2, TO + 4, CAP_TYPE_HANDLE, 0, 0, 1));
    assert_int_equal(world_slot(w, TO + 3)->service.id, 7);
    assert_int_equal(world_slot(w, TO + 3)->generation, world_slot(w, TO + 1)->generation);
    assert_ok(do_mint(w, TO, TO + 5, CAP_WRITE, 9));
    assert_error(do_retype(w, TO + 5, TO + 6, CAP_TYPE_SERVICE, 0, 0, 1), ERR_CAP_BADGE_SET, TO + 5);
    /* Each revoke ends exactly what is below it. */
    assert_ok(do_revoke(w, TO + 1));
    assert_int_equal(world_slot(w, TO + 3)->type, CAP_TYPE_NULL);
    assert_int_equal(world_slot(w, TO + 4)->type, CAP_TYPE_HANDLE);
    assert_ok(do_delete(w, TO + 2));
    assert_int_equal(world_slot(w, TO + 4)->type, CAP_TYPE_NULL);
    assert_int_equal(world_slot(w, TO + 5)->type, CAP_TYPE_ENDPOINT_LMP);
    assert_ok(do_delete(w, TO));
    assert_int_equal(world_slot(w, TO + 5)->type, CAP_TYPE_NULL);
    assert_int_equal(world_slot(w, TO + 1)->type, CAP_TYPE_NULL);
}

static void numbers(void **state)
{
    struct world *w = *state;

    assert_ok(do_retype(w, AT_KERNEL, TO, CAP_TYPE_PROCESS, 12, 1, 1));
    assert_error(do_retype(w, AT_KERNEL, TO + 1, CAP_TYPE_PROCESS, 12, 1, 1), ERR_CAP_REVOKE_FIRST,
                 CAP_KERNEL_BASE(0) + 12);
    assert_ok(do_retype(w, AT_KERNEL, TO + 1, CAP_TYPE_NOTIFY, CAP_KERNEL_NOTIFY + 12, 1, 2));
    assert_error(do_retype(w, AT_KERNEL, TO + 3, CAP_TYPE_NOTIFY, 13, 1, 1), ERR_CAP_RETYPE_OFFSET, 13);
    assert_error(do_retype(w, AT_KERNEL, TO + 3, CAP_TYPE_PROCESS, CAP_KERNEL_NOTIFY, 1, 1),
                 ERR_CAP_RETYPE_OFFSET, CAP_KERNEL_NOTIFY);
    assert_error(do_retype(w, AT_KERNEL, TO + 3, CAP_TYPE_PROCESS, CAP_KERNEL_NOTIFY - 1, 1, 2),
                 ERR_CAP_RETYPE_OFFSET, CAP_KERNEL_NOTIFY - 1);
    uint32_t first = world_slot(w, TO)->generation;
    assert_ok(do_delete(w, TO));
    assert_int_equal(w->last_ended.type, CAP_TYPE_PROCESS);
    assert_ok(do_retype(w, AT_KERNEL, TO, CAP_TYPE_PROCESS, 12, 1, 1));
    assert_int_not_equal(world_slot(w, TO)->generation, first);
    assert_ok(do_retype(w, AT_IRQ, TO + 3, CAP_TYPE_IRQ, 32, 8, 2));
    assert_error_code(do_retype(w, AT_IRQ, TO + 5, CAP_TYPE_IRQ, 47, 1, 1), ERR_CAP_REVOKE_FIRST);
    assert_ok(do_retype(w, TO + 4, TO + 5, CAP_TYPE_IRQ, 7, 1, 1));
    assert_int_equal(world_slot(w, TO + 5)->base, CAP_SPACE(CAP_SPACE_IRQ) + 47);
    assert_error(do_retype(w, AT_IRQ, TO + 6, CAP_TYPE_IRQ, 250, 10, 1), ERR_CAP_RETYPE_COUNT, 1);
}

/* Interrupted after every page: the answer is the same, and nobody gets in between. */
static void interrupted(void **state)
{
    struct world *w = *state;

    w->budget = 1;
    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0, 0x4000, 8));
    assert_true(w->again >= 32);
    assert_int_equal(w->zeroed, 32);
    assert_true(is_zero(w, world_slot(w, RAM)->base, 0x20000));
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(world_slot(w, TO + i)->size, 0x4000);
        assert_int_equal(world_slot(w, TO + i)->base, world_slot(w, RAM)->base + i * 0x4000);
        assert_int_equal(world_slot(w, TO + i)->flags, 0);
    }
}

/* One step of a retype of two frames of two pages. */
static enum cap_progress one_step(struct world *w, err_t *e)
{
    struct cap_retype r = {.source = world_ref(w, RAM),
                           .dest = world_ref(w, TO),
                           .type = CAP_TYPE_FRAME,
                           .rights = CAP_ALL_RIGHTS,
                           .size = 0x2000,
                           .count = 2};
    int budget = 1;

    *e = cap_retype_check(&w->core, &r);
    return err_ok(*e) ? cap_retype_act(&w->core, &r, &budget) : CAP_DONE;
}

static void placeholder(void **state)
{
    struct world *w = *state;
    err_t e;

    assert_int_equal(one_step(w, &e), CAP_AGAIN);
    assert_error(do_copy(w, TO, TO + 9), ERR_CAP_LOCKED, TO);
    assert_error(do_move(w, TO, TO + 9), ERR_CAP_LOCKED, TO);
    assert_error(do_retype(w, TO, TO + 9, CAP_TYPE_FRAME, 0, 0x1000, 1), ERR_CAP_LOCKED, TO);
    assert_error(do_retype(w, RAM, TO + 9, CAP_TYPE_RAM, 0x3000, 0x1000, 1), ERR_CAP_REVOKE_FIRST,
                 world_slot(w, RAM)->base);
    assert_error(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0x80000, 0x1000, 1), ERR_CAP_SLOT_IN_USE, TO);
    /* Somebody takes a slot that was free: the retype is refused, the placeholder can be deleted. */
    assert_ok(do_copy(w, RAM, TO + 1));
    assert_int_equal(one_step(w, &e), CAP_DONE);
    assert_error(e, ERR_CAP_SLOT_IN_USE, TO + 1);
    assert_ok(do_delete(w, TO));
    assert_ok(do_delete(w, TO + 1));
    assert_int_equal(one_step(w, &e), CAP_AGAIN);
    assert_ok(do_revoke(w, RAM)); /* and revoked */
    assert_int_equal(world_slot(w, TO)->type, CAP_TYPE_NULL);
}

/* Half-cleared memory that somebody else has used since is cleared again. */
static void no_stale_clearing(void **state)
{
    struct world *w = *state;
    uint64_t base = world_slot(w, RAM)->base;
    err_t e;

    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(one_step(w, &e), CAP_AGAIN);
    }
    assert_ok(do_delete(w, TO));
    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0, 0x4000, 1));
    memset(cap_memory_at(&w->core, base), 0x5a, 0x4000);
    assert_ok(do_delete(w, TO));
    while (one_step(w, &e) == CAP_AGAIN) {
        assert_ok(e);
    }
    assert_ok(e);
    assert_true(is_zero(w, base, 0x4000));
}

#define CASE(name, function)                                                                                 \
    {                                                                                                        \
        (name), (function), set_up, tear_down, NULL                                                          \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("CAP-RETYPE-001 only the pairs of the table are possible, and a Mapping is made only by map",
             pairs),
        CASE("CAP-RETYPE-002 the offset must lie inside and be aligned", offsets),
        CASE("CAP-RETYPE-003 each type has its sizes", sizes),
        CASE("CAP-RETYPE-004 all objects must fit, and there must be one", counts),
        CASE("CAP-RETYPE-005 all slots must be there, be empty, and be of a CNode that takes the type",
             slots),
        CASE("CAP-RETYPE-006 overlap with any live descendant is REVOKE_FIRST, and nothing else is",
             overlaps),
        CASE("CAP-RETYPE-007 copies and ancestors see the same descendants; the whole range is a descendant "
             "too",
             relatives),
        CASE("CAP-RETYPE-008 new objects are clear, other memory is not touched", clears),
        CASE("CAP-RETYPE-009 RAM is made of RAM, DevFrames of devices, and devices are never written",
             memory_kinds),
        CASE("CAP-RETYPE-010 Services and Handles share the endpoint's range and end with what is above them",
             services),
        CASE("CAP-RETYPE-011 processes, notifications and interrupt lines are unique numbers", numbers),
        CASE("CAP-RETYPE-012 a retype interrupted at every page gives the same result", interrupted),
        CASE("CAP-RETYPE-013 an unfinished retype keeps others out, and anybody may end it", placeholder),
        CASE("CAP-RETYPE-014 memory used between two attempts is cleared again", no_stale_clearing),
    };

    return cmocka_run_group_tests_name("caps: retype", tests, NULL, NULL);
}
