/* SPDX-License-Identifier: MIT */
/* Delete, revoke, reclaim, and the end of objects that hold slots. */
#include "world.h"

enum {
    RAM = AT_FREE, /* a RAM of 2 MiB */
    TO,
};

#define RAM_SIZE 0x200000u

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

static unsigned type_at(struct world *w, cptr_t address)
{
    return world_slot(w, address)->type;
}

static err_t retype_l1(struct world *w, cptr_t from, cptr_t l1, uint64_t offset)
{
    uint64_t args[SYS_ARGS] = {0,      CAP_PLACE_SLOT(from), AT_ROOT, CAP_PLACE_CNODE(l1), CAP_TYPE_L2_CNODE,
                               offset, CAP_L2_BYTES,         1};

    return world_invoke(w, AT_ROOT, CNODE_RETYPE, args);
}

static err_t delete_l1(struct world *w, cptr_t l1)
{
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_CNODE(l1)};

    return world_invoke(w, AT_ROOT, CNODE_DELETE, args);
}

static bool marked(struct world *w, cptr_t address)
{
    return (world_slot(w, address)->flags & CAP_FLAG_RECLAIM) != 0;
}

/* ---- delete ---- */

static void deletes(void **state)
{
    struct world *w = *state;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1));
    assert_ok(do_copy(w, TO, TO + 1));
    assert_ok(do_delete(w, TO));
    assert_int_equal(type_at(w, TO + 1), CAP_TYPE_FRAME);
    assert_int_equal(w->reclaimed, 0);
    assert_ok(do_delete(w, TO + 1));
    assert_int_equal(w->reclaimed, 1);
    assert_error(do_delete(w, TO + 1), ERR_CAP_EMPTY_SLOT, TO + 1);
    assert_error(do_delete(w, CPTR(32, 0)), ERR_CAP_L1_RANGE, CPTR(32, 0));
}

static void children_outlive(void **state)
{
    struct world *w = *state;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_RAM, 0, 0x10000, 1));
    assert_ok(do_retype(w, TO, TO + 1, CAP_TYPE_FRAME, 0x1000, PAGE_SIZE, 1));
    assert_ok(do_delete(w, TO));
    assert_int_equal(type_at(w, TO + 1), CAP_TYPE_FRAME);
    assert_ptr_equal(mdb_parent(&w->core.db, world_slot(w, TO + 1)), world_slot(w, RAM));
}

static void tells_ends(void **state)
{
    static const struct {
        unsigned type;
        uint64_t size;
        bool told;
    } cases[] = {
        {CAP_TYPE_FRAME, 0x1000, false},     {CAP_TYPE_L2_CNODE, CAP_L2_BYTES, false},
        {CAP_TYPE_VNODE_L0, 0x2000, true},   {CAP_TYPE_VNODE_L2, 0x1000, false},
        {CAP_TYPE_DISPATCHER, 0x2000, true}, {CAP_TYPE_ENDPOINT_LMP, 0x1000, true},
    };
    struct world *w = *state;

    for (unsigned i = 0; i < ARRAY_LENGTH(cases); i++) {
        w->ended = 0;
        assert_ok(do_retype(w, RAM, TO, cases[i].type, 0, cases[i].size, 1));
        assert_ok(do_copy(w, TO, TO + 1));
        assert_ok(do_delete(w, TO));
        assert_int_equal(w->ended, 0);
        assert_ok(do_delete(w, TO + 1));
        world_drain(w);
        assert_int_equal(w->ended, cases[i].told);
        assert_false(mdb_has_descendants(&w->core.db, world_slot(w, RAM)));
    }
}

static void senders_end_with_endpoint(void **state)
{
    struct world *w = *state;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_ENDPOINT_LMP, 0, PAGE_SIZE, 1));
    for (unsigned i = 0; i < 100; i++) {
        assert_ok(do_mint(w, TO, TO + 1 + i, CAP_WRITE, 1 + i / 2)); /* two copies each */
    }
    w->budget = 1;
    assert_ok(do_delete(w, TO));
    assert_true(w->again > 50);
    assert_int_equal(w->ended, 51); /* 50 senders and the endpoint */
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(type_at(w, TO + 1 + i), CAP_TYPE_NULL);
    }
}

static void replies_end_with_dispatcher(void **state)
{
    struct world *w = *state;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_DISPATCHER, 0, CAP_DISPATCHER_BYTES, 1));
    for (unsigned i = 0; i < 3; i++) {
        cap_create_act(&w->core, world_slot(w, TO + 1 + i),
                       &(struct cap_origin){.type = CAP_TYPE_REPLY,
                                            .rights = CAP_ALL_RIGHTS,
                                            .base = world_slot(w, TO)->base,
                                            .size = CAP_DISPATCHER_BYTES,
                                            .word0 = 5 - i});
    }
    assert_ok(do_delete(w, TO + 2)); /* used, or dropped */
    assert_int_equal(w->last_ended.type, CAP_TYPE_REPLY);
    assert_ok(do_delete(w, TO));
    assert_int_equal(type_at(w, TO + 1), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, TO + 3), CAP_TYPE_NULL);
    assert_int_equal(w->last_ended.type, CAP_TYPE_DISPATCHER);
}

/* ---- revoke ---- */

static void revokes(void **state)
{
    struct world *w = *state;

    assert_ok(do_copy(w, RAM, TO));
    assert_ok(do_copy(w, RAM, TO + 1));
    assert_ok(do_retype(w, TO, TO + 2, CAP_TYPE_RAM, 0, 0x10000, 1));
    assert_ok(do_retype(w, TO + 2, TO + 3, CAP_TYPE_FRAME, 0, PAGE_SIZE, 4));
    assert_ok(do_retype(w, AT_RAM, TO + 9, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1)); /* beside it */
    w->budget = 1;
    assert_ok(do_revoke(w, TO));
    for (unsigned i = 0; i < 9; i++) {
        assert_int_equal(type_at(w, TO + i), i == 0 ? CAP_TYPE_RAM : CAP_TYPE_NULL);
    }
    assert_int_equal(type_at(w, RAM), CAP_TYPE_NULL); /* a copy like the others */
    assert_int_equal(type_at(w, TO + 9), CAP_TYPE_FRAME);
    assert_false(marked(w, TO)); /* who revokes knows */
    assert_error(do_revoke(w, RAM), ERR_CAP_EMPTY_SLOT, RAM);
}

static void revoke_waits_for_objects(void **state)
{
    struct world *w = *state;

    assert_ok(retype_l1(w, RAM, 1, 0));
    for (unsigned i = 0; i < 200; i++) {
        assert_ok(do_retype(w, AT_RAM, CPTR(1, i), CAP_TYPE_FRAME, 0x300000 + i * PAGE_SIZE, PAGE_SIZE, 1));
    }
    w->budget = 1;
    assert_ok(do_revoke(w, RAM));
    assert_false(cap_work_pending(&w->core));
    assert_false(mdb_has_descendants(&w->core.db, world_slot(w, RAM)));
    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0, CAP_L2_BYTES, 1));
}

static void revoke_under_itself(void **state)
{
    struct world *w = *state;

    /* The capability that is revoked lies in a CNode made of that very memory. */
    assert_ok(retype_l1(w, RAM, 1, 0));
    assert_ok(do_copy(w, RAM, CPTR(1, 0)));
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(CPTR(1, 0))};
    assert_error(world_invoke(w, AT_ROOT, CNODE_REVOKE, args), ERR_CAP_EMPTY_SLOT, CPTR(1, 0));
    assert_int_equal(type_at(w, RAM), CAP_TYPE_NULL);
    assert_error(do_delete(w, CPTR(1, 0)), ERR_CAP_EMPTY_SLOT, CPTR(1, 0));
}

static err_t revoke_range(struct world *w, cptr_t slot, uint64_t offset, uint64_t bytes)
{
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(slot), offset, bytes};

    return world_invoke(w, AT_ROOT, CNODE_REVOKE_RANGE, args);
}

static void revokes_ranges(void **state)
{
    struct world *w = *state;
    uint64_t base = world_slot(w, RAM)->base;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_RAM, 0x4000, 0x4000, 4)); /* [0x4000, 0x14000) */
    assert_ok(do_retype(w, TO + 1, TO + 4, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1));
    assert_ok(do_copy(w, TO + 1, TO + 5));
    assert_error(revoke_range(w, RAM, 0x5000, 0x7000), ERR_CAP_STRADDLES, base + 0x4000);
    assert_error(revoke_range(w, RAM, 0x8000, 0x5000), ERR_CAP_STRADDLES, base + 0xc000);
    assert_error(revoke_range(w, RAM, RAM_SIZE, 0x1000), ERR_CAP_RETYPE_OFFSET, RAM_SIZE);
    assert_error(revoke_range(w, RAM, 0, RAM_SIZE + 1), ERR_CAP_RETYPE_SIZE, RAM_SIZE + 1);
    assert_error(revoke_range(w, RAM, 0, 0), ERR_CAP_RETYPE_SIZE, 0);
    assert_error(revoke_range(w, AT_ROOT, 0, 1), ERR_CAP_WRONG_TYPE, AT_ROOT);
    assert_ok(revoke_range(w, RAM, 0x8000, 0x4000));
    assert_int_equal(type_at(w, TO), CAP_TYPE_RAM);
    assert_int_equal(type_at(w, TO + 1), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, TO + 2), CAP_TYPE_RAM);
    assert_int_equal(type_at(w, TO + 4), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, TO + 5), CAP_TYPE_NULL);
    assert_false(marked(w, RAM));
    assert_ok(revoke_range(w, RAM, 0x8000, 0x4000)); /* nothing there: fine */
}

/* Whoever was lent a copy takes nothing away from who lent it. */
static void lent_copies_revoke_nothing(void **state)
{
    const unsigned lent = CAP_ALL_RIGHTS & ~CAP_REVOKE;
    struct world *w = *state;

    assert_ok(do_mint(w, RAM, TO, lent, 0));
    assert_ok(do_retype(w, RAM, TO + 1, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1));
    assert_ok(do_retype(w, TO, TO + 2, CAP_TYPE_FRAME, PAGE_SIZE, PAGE_SIZE, 1));
    assert_error(do_revoke(w, TO), ERR_CAP_MISSING_RIGHT, CAP_REVOKE);
    assert_error(revoke_range(w, TO, 0, 2 * PAGE_SIZE), ERR_CAP_MISSING_RIGHT, CAP_REVOKE);
    assert_error(do_revoke(w, TO + 2), ERR_CAP_MISSING_RIGHT, CAP_REVOKE); /* nor what is made of it */
    assert_int_equal(type_at(w, RAM), CAP_TYPE_RAM);
    assert_int_equal(type_at(w, TO + 1), CAP_TYPE_FRAME);
    assert_ok(do_revoke(w, RAM));
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(type_at(w, TO + i), CAP_TYPE_NULL);
    }
}

/* ---- reclaim ---- */

static void unused(struct world *w, cptr_t slot, uint64_t from, uint64_t offset, uint64_t bytes)
{
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(slot), from};

    assert_ok(world_invoke(w, AT_ROOT, CNODE_UNUSED, args));
    assert_int_equal(args[1], offset);
    assert_int_equal(args[2], bytes);
}

static void reclaims(void **state)
{
    struct world *w = *state;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_RAM, 0x4000, 0x4000, 4));
    assert_ok(do_retype(w, TO + 1, TO + 4, CAP_TYPE_FRAME, 0x1000, 0x2000, 1));
    assert_ok(do_delete(w, TO + 1)); /* its frame lives on in [0x9000, 0xb000) */
    assert_true(marked(w, RAM));
    unused(w, RAM, 0, 0, 0x4000);
    unused(w, RAM, 0x4000, 0x8000, 0x1000);
    unused(w, RAM, 0x9000, 0xb000, 0x1000);
    assert_true(marked(w, RAM));
    unused(w, RAM, 0xc000, 0x14000, RAM_SIZE - 0x14000);
    unused(w, RAM, 0x15000, 0x15000, RAM_SIZE - 0x15000);
    unused(w, RAM, RAM_SIZE, RAM_SIZE, 0);
    assert_false(marked(w, RAM)); /* asked from the end on: whoever does has seen the mark */
    assert_ok(do_delete(w, TO + 4));
    assert_true(marked(w, RAM)); /* nothing is lost, however often */
    assert_ok(do_delete(w, TO));
    assert_true(marked(w, RAM));
    unused(w, RAM, 0, 0, 0xc000);
}

/* What becomes unused behind somebody who is looking is not lost when he comes to the end. */
static void mark_outlives_a_scan(void **state)
{
    struct world *w = *state;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0, RAM_SIZE / 2, 2));
    assert_ok(do_delete(w, TO + 1));
    unused(w, RAM, RAM_SIZE, RAM_SIZE, 0); /* seen; now the scan begins */
    assert_false(marked(w, RAM));
    unused(w, RAM, 0, RAM_SIZE / 2, RAM_SIZE / 2);
    assert_ok(do_retype(w, RAM, TO + 1, CAP_TYPE_FRAME, RAM_SIZE / 2, RAM_SIZE / 2, 1));
    assert_ok(do_delete(w, TO)); /* behind it */
    unused(w, RAM, RAM_SIZE / 2, RAM_SIZE, 0);
    assert_true(marked(w, RAM));
    unused(w, RAM, RAM_SIZE, RAM_SIZE, 0);
    assert_false(marked(w, RAM));
    unused(w, RAM, 0, 0, RAM_SIZE / 2);
}

static void reclaim_of_all(void **state)
{
    struct world *w = *state;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_RAM, 0, RAM_SIZE, 1));
    unused(w, RAM, 0, RAM_SIZE, 0);
    assert_ok(do_retype(w, TO, TO + 1, CAP_TYPE_FRAME, 0, RAM_SIZE, 1));
    assert_ok(do_delete(w, TO));
    assert_false(marked(w, RAM)); /* all of it is still in use */
    assert_ok(do_delete(w, TO + 1));
    assert_true(marked(w, RAM));
    unused(w, RAM, 0, 0, RAM_SIZE);
}

static void mark_stays_on_a_copy(void **state)
{
    struct world *w = *state;

    assert_ok(do_copy(w, RAM, TO));
    assert_ok(do_retype(w, RAM, TO + 1, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1));
    assert_ok(do_delete(w, TO + 1));
    assert_true(marked(w, RAM) != marked(w, TO));
    assert_ok(do_delete(w, marked(w, RAM) ? RAM : TO));
    assert_true(marked(w, type_at(w, RAM) == CAP_TYPE_RAM ? RAM : TO));
}

static void unused_is_bounded(void **state)
{
    struct world *w = *state;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0, PAGE_SIZE, 100));
    w->budget = 1;
    w->again = 0;
    unused(w, RAM, 0, 100 * PAGE_SIZE, RAM_SIZE - 100 * PAGE_SIZE);
    assert_int_equal(w->again, 100);
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(AT_ROOT), 0};
    assert_error(world_invoke(w, AT_ROOT, CNODE_UNUSED, args), ERR_CAP_WRONG_TYPE, AT_ROOT);
}

/* ---- objects that hold slots ---- */

static void cnode_ends(void **state)
{
    struct world *w = *state;

    assert_ok(retype_l1(w, RAM, 1, 0));
    assert_ok(do_retype(w, RAM, CPTR(1, 0), CAP_TYPE_FRAME, 0x10000, PAGE_SIZE, 200));
    assert_ok(do_copy(w, CPTR(1, 7), TO)); /* a copy outside lives on */
    w->budget = 1;
    assert_ok(delete_l1(w, 1));
    assert_true(cap_work_pending(&w->core));
    assert_error(do_copy(w, RAM, CPTR(1, 0)), ERR_CAP_EMPTY_SLOT, CPTR(1, 0)); /* deleted means gone */
    world_drain(w);
    assert_int_equal(type_at(w, TO), CAP_TYPE_FRAME);
    assert_ok(do_delete(w, TO));
    assert_false(mdb_has_descendants(&w->core.db, world_slot(w, RAM)));
}

static void cnode_memory_is_kept(void **state)
{
    struct world *w = *state;

    assert_ok(retype_l1(w, RAM, 1, 0));
    assert_ok(do_retype(w, RAM, CPTR(1, 0), CAP_TYPE_FRAME, 0x10000, PAGE_SIZE, 200));
    w->budget = 1;
    assert_ok(delete_l1(w, 1));
    assert_true(cap_work_pending(&w->core));
    /* Not refused: it waits until the object has ended, and does not begin before. */
    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0, CAP_L2_BYTES, 1));
}

static void dispatcher_holds(void **state)
{
    struct world *w = *state;
    struct cap_slot *held;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_DISPATCHER, 0, CAP_DISPATCHER_BYTES, 1));
    assert_ok(do_retype(w, RAM, TO + 1, CAP_TYPE_FRAME, 0x10000, PAGE_SIZE, 1));
    held = cap_memory_at(&w->core, world_slot(w, TO)->base);
    cap_copy_act(&w->core, &(struct cap_copy){world_ref(w, TO + 1), {&held[3], 0, CAP_LEVEL_SLOT, 1}});
    cap_copy_act(&w->core, &(struct cap_copy){world_ref(w, AT_ROOT), {&held[1], 0, CAP_LEVEL_SLOT, 1}});
    world_check(w, true);
    assert_ok(do_delete(w, TO + 1));
    assert_int_equal(held[3].type, CAP_TYPE_FRAME);
    assert_ok(do_delete(w, TO));
    world_drain(w);
    assert_false(mdb_has_descendants(&w->core.db, world_slot(w, RAM)));
}

static void contains_itself(void **state)
{
    struct world *w = *state;

    assert_ok(retype_l1(w, RAM, 1, 0));
    assert_ok(do_retype(w, RAM, CPTR(1, 1), CAP_TYPE_FRAME, 0x10000, PAGE_SIZE, 3));
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_CNODE(1), AT_ROOT, CAP_PLACE_SLOT(CPTR(1, 9))};
    assert_ok(world_invoke(w, AT_ROOT, CNODE_COPY, args));
    /* The capability in L1 is copied into the CNode, then deleted: what is left is in the CNode itself.
     * Reached through another space, that one is deleted too. */
    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_L1_CNODE, 0x20000, PAGE_SIZE, 1));
    uint64_t into[SYS_ARGS] = {0, CAP_PLACE_CNODE(1), TO, CAP_PLACE_CNODE(0)};
    assert_ok(world_invoke(w, AT_ROOT, CNODE_MOVE, into));
    uint64_t gone[SYS_ARGS] = {0, CAP_PLACE_SLOT(9)};
    assert_ok(world_invoke(w, TO, CNODE_DELETE, gone));
    uint64_t last[SYS_ARGS] = {0, CAP_PLACE_CNODE(0)};
    assert_ok(world_invoke(w, TO, CNODE_DELETE, last));
    world_drain(w);
    assert_ok(do_delete(w, TO));
    world_drain(w);
    assert_false(mdb_has_descendants(&w->core.db, world_slot(w, RAM)));
}

/* n CNodes, each the last capability to the next in its slot `at`; the first in L1 slot 1. The last holds a
 * frame, or (ring) the capability to the first. */
static void chain(struct world *w, unsigned n, unsigned at, bool ring)
{
    struct cap_slot *l1 = cap_memory_at(&w->core, w->outside[OUTSIDE_ROOT].base);
    struct cap_ref to = {&l1[1], CPTR(1, 0), CAP_LEVEL_CNODE, 1};
    struct cap_slot *last = NULL;
    bool check = w->check;

    w->check = false;
    for (unsigned i = 0; i < n; i++) {
        struct cap_retype r = {.source = world_ref(w, RAM),
                               .dest = to,
                               .type = CAP_TYPE_L2_CNODE,
                               .rights = CAP_ALL_RIGHTS,
                               .offset = i * CAP_L2_BYTES,
                               .size = CAP_L2_BYTES,
                               .count = 1};
        int budget = 1000;

        assert_ok(cap_retype_check(&w->core, &r));
        assert_int_equal(cap_retype_act(&w->core, &r, &budget), CAP_DONE);
        last = (struct cap_slot *)cap_memory_at(&w->core, to.slot->base) + at;
        to = (struct cap_ref){last, 0, CAP_LEVEL_SLOT, 1};
    }
    if (ring) {
        cap_move_act(&w->core, &(struct cap_copy){{&l1[1], CPTR(1, 0), CAP_LEVEL_CNODE, 1}, to});
    }
    w->check = check;
}

static void nested(void **state)
{
    struct world *w = *state;

    for (unsigned at = 0; at < 256; at += 51) { /* first, between, last */
        chain(w, 60, at, false);
        w->budget = at % 2 == 0 ? 1 : 10;
        assert_ok(delete_l1(w, 1));
        world_drain(w);
        assert_false(mdb_has_descendants(&w->core.db, world_slot(w, RAM)));
        w->budget = CAP_STEP_BUDGET;
    }
}

static void rings(void **state)
{
    struct world *w = *state;

    for (unsigned at = 0; at < 256; at += 85) {
        chain(w, 20, at, true); /* nothing outside leads there */
        w->budget = 1;
        assert_ok(do_revoke(w, RAM));
        assert_false(mdb_has_descendants(&w->core.db, world_slot(w, RAM)));
        w->budget = CAP_STEP_BUDGET;
    }
}

/* Several callers begin to delete members of a ring; none goes on. */
static void ring_from_all_sides(void **state)
{
    struct world *w = *state;
    const struct cap_slot *l1 = cap_memory_at(&w->core, w->outside[OUTSIDE_ROOT].base);

    for (unsigned at = 0; at < 256; at += 255) {
        struct cap_slot *members[12];
        const struct cap_slot *s = &l1[1];

        chain(w, 12, at, false);
        for (unsigned i = 0; i < 12; i++) {
            members[i] = (struct cap_slot *)s;
            s = (const struct cap_slot *)cap_memory_at(&w->core, s->base) + at;
        }
        struct cap_slot *first = members[0];
        cap_move_act(&w->core, &(struct cap_copy){{first, 0, CAP_LEVEL_CNODE, 1},
                                                  {(struct cap_slot *)s, 0, CAP_LEVEL_SLOT, 1}});
        members[0] = (struct cap_slot *)s;
        for (unsigned i = 0; i < 12; i += 3) {
            struct cap_ref ref = {members[i], 0, CAP_LEVEL_SLOT, 1};
            int budget = 1;

            if (err_ok(cap_delete_check(&w->core, &ref))) {
                (void)cap_delete_act(&w->core, ref.slot, &budget);
            }
            world_check(w, false);
        }
        w->budget = 1;
        world_drain(w);
        assert_false(mdb_has_descendants(&w->core.db, world_slot(w, RAM)));
        w->budget = CAP_STEP_BUDGET;
    }
}

/* 10,000 CNodes need 320 MiB of their own. */
static void ten_thousand(void **state)
{
    enum { CNODES = 10000 };
    struct world *w = *state;
    uint8_t *memory = aligned_alloc(PAGE_SIZE, (uint64_t)CNODES * CAP_L2_BYTES);
    uint64_t base = (uint64_t)(uintptr_t)memory - w->core.window;
    struct cap_slot *region = &w->outside[OUTSIDE_SPARE];
    struct cap_slot *l1 = cap_memory_at(&w->core, w->outside[OUTSIDE_ROOT].base);
    struct cap_ref to = {&l1[1], CPTR(1, 0), CAP_LEVEL_CNODE, 1};

    assert_non_null(memory);
    cap_create_act(&w->core, region,
                   &(struct cap_origin){.type = CAP_TYPE_RAM,
                                        .rights = CAP_ALL_RIGHTS,
                                        .base = base,
                                        .size = (uint64_t)CNODES * CAP_L2_BYTES});
    for (unsigned i = 0; i < CNODES; i++) {
        struct cap_retype r = {.source = {region, 0, CAP_LEVEL_SLOT, 1},
                               .dest = to,
                               .type = CAP_TYPE_L2_CNODE,
                               .rights = CAP_ALL_RIGHTS,
                               .offset = i * (uint64_t)CAP_L2_BYTES,
                               .size = CAP_L2_BYTES,
                               .count = 1};
        int budget = 1000;

        assert_ok(cap_retype_check(&w->core, &r));
        assert_int_equal(cap_retype_act(&w->core, &r, &budget), CAP_DONE);
        to = (struct cap_ref){cap_memory_at(&w->core, to.slot->base), 0, CAP_LEVEL_SLOT, 1};
    }
    w->check = false;
    w->budget = 16;
    assert_ok(delete_l1(w, 1));
    world_drain(w);
    assert_false(mdb_has_descendants(&w->core.db, region));
    assert_ok(cap_delete_check(&w->core, &(struct cap_ref){region, 0, CAP_LEVEL_SLOT, 1}));
    int budget = 100;
    assert_int_equal(cap_delete_act(&w->core, region, &budget), CAP_DONE);
    free(memory);
}

/* ---- L1CNode ---- */

static err_t resize(struct world *w, cptr_t cnode, cptr_t with)
{
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(with)};

    return world_invoke(w, cnode, CNODE_RESIZE, args);
}

static void resizes(void **state)
{
    struct world *w = *state;
    uint64_t old = w->outside[OUTSIDE_ROOT].base;

    assert_error(do_copy(w, RAM, CPTR(40, 0)), ERR_CAP_L1_RANGE, CPTR(40, 0));
    assert_ok(retype_l1(w, RAM, 31, 0x10000));
    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_L1_CNODE, 0, 2 * PAGE_SIZE, 1));
    w->budget = 1;
    assert_ok(resize(w, AT_ROOT, TO));
    assert_true(w->again >= 32);
    assert_int_equal(w->outside[OUTSIDE_ROOT].size, 2 * PAGE_SIZE); /* all copies of the root */
    assert_int_equal(world_slot(w, AT_ROOT)->base, w->outside[OUTSIDE_ROOT].base);
    assert_int_equal(world_slot(w, TO)->base, old);
    assert_ok(do_copy(w, RAM, CPTR(31, 0)));
    assert_ok(retype_l1(w, RAM, 40, 0x18000));
    assert_ok(do_copy(w, RAM, CPTR(40, 0)));
    assert_ok(do_delete(w, TO)); /* the old memory is free again */
    world_drain(w);
    assert_error(resize(w, AT_ROOT, TO), ERR_CAP_EMPTY_SLOT, TO);
}

static void resize_refused(void **state)
{
    struct world *w = *state;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_L1_CNODE, 0, PAGE_SIZE, 2));
    assert_error(resize(w, AT_ROOT, TO), ERR_CAP_RESIZE, PAGE_SIZE);
    assert_error(resize(w, AT_ROOT, RAM), ERR_CAP_WRONG_TYPE, RAM);
    assert_error(resize(w, AT_ROOT, AT_ROOT), ERR_CAP_RESIZE, PAGE_SIZE);
}

#define CASE(name, function)                                                                                 \
    {                                                                                                        \
        (name), (function), set_up, tear_down, NULL                                                          \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("CAP-DELETE-001 a copy just goes; with the last one the memory becomes unused", deletes),
        CASE("CAP-DELETE-002 what was retyped from it outlives a capability", children_outlive),
        CASE("CAP-DELETE-003 objects are told their end with their last capability, once", tells_ends),
        CASE("CAP-DELETE-004 senders end with their endpoint, in bounded steps", senders_end_with_endpoint),
        CASE("CAP-DELETE-005 replies end with the dispatcher that waits for them",
             replies_end_with_dispatcher),
        CASE("CAP-REVOKE-001 revoke ends all copies and descendants, and nothing else", revokes),
        CASE("CAP-REVOKE-002 when revoke returns, objects have ended and their memory can be used",
             revoke_waits_for_objects),
        CASE("CAP-REVOKE-003 a revoke that takes away its own slot says so", revoke_under_itself),
        CASE("CAP-REVOKE-004 a range is revoked exactly, or refused", revokes_ranges),
        CASE("CAP-REVOKE-005 what was lent without the right revokes nothing", lent_copies_revoke_nothing),
        CASE("CAP-RECLAIM-001 what becomes unused is marked, and found until none is left", reclaims),
        CASE("CAP-RECLAIM-002 nothing is unused while a descendant covers it", reclaim_of_all),
        CASE("CAP-RECLAIM-003 the mark survives the copy it stands on", mark_stays_on_a_copy),
        CASE("CAP-RECLAIM-005 what becomes unused behind a scan is marked when that ends",
             mark_outlives_a_scan),
        CASE("CAP-RECLAIM-004 looking for unused memory takes bounded steps", unused_is_bounded),
        CASE("CAP-CNODE-001 a CNode's contents end with it", cnode_ends),
        CASE("CAP-CNODE-002 memory of a CNode that is ending is not given away", cnode_memory_is_kept),
        CASE("CAP-CNODE-003 what a dispatcher holds ends with it", dispatcher_holds),
        CASE("CAP-CNODE-004 a CNode that contains itself", contains_itself),
        CASE("CAP-CNODE-005 nested CNodes, whichever slot they are nested through", nested),
        CASE("CAP-CNODE-006 rings of CNodes that nothing leads to are revoked with their memory", rings),
        CASE("CAP-CNODE-007 a ring whose members are being deleted at once", ring_from_all_sides),
        CASE("CAP-CNODE-008 ten thousand nested CNodes", ten_thousand),
        CASE("CAP-RESIZE-001 an L1CNode grows under the feet of who uses it", resizes),
        CASE("CAP-RESIZE-002 it only grows", resize_refused),
    };

    return cmocka_run_group_tests_name("caps: delete, revoke", tests, NULL, NULL);
}
