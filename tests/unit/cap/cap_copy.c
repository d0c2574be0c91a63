/* SPDX-License-Identifier: MIT */
/* Lookup, copy, mint, move, identify: each operation and each of its refusals. After a refusal nothing has
 * changed. */
#include "world.h"

enum {
    RAM = AT_FREE, /* a RAM of 64 KiB */
    FRAME,
    ENDPOINT,
    SENDER,
    CNODE, /* L2CNode, also at L1 slot 1 */
    TO,
    OTHER,
};

static int set_up(void **state)
{
    struct world *w = world_create();

    w->check = true;
    assert_ok(do_retype(w, AT_RAM, RAM, CAP_TYPE_RAM, 0, 0x10000, 1));
    assert_ok(do_retype(w, RAM, FRAME, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1));
    assert_ok(do_retype(w, RAM, ENDPOINT, CAP_TYPE_ENDPOINT_LMP, PAGE_SIZE, PAGE_SIZE, 1));
    assert_ok(do_mint(w, ENDPOINT, SENDER, CAP_WRITE | CAP_GRANT, 5));
    assert_ok(do_retype(w, RAM, CNODE, CAP_TYPE_L2_CNODE, 0x8000, CAP_L2_BYTES, 1));
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    world_check(*state, true);
    world_destroy(*state);
    return 0;
}

/* With places for everything: source and destination, and their roots. */
static err_t copy_places(struct world *w, uint64_t from, uint64_t root, uint64_t to)
{
    uint64_t args[SYS_ARGS] = {0, from, root, to};

    return world_invoke(w, AT_ROOT, CNODE_COPY, args);
}

static err_t copy_into_l1(struct world *w, cptr_t from, cptr_t l1)
{
    return copy_places(w, CAP_PLACE_SLOT(from), AT_ROOT, CAP_PLACE_CNODE(l1));
}

static void lookup_root(void **state)
{
    struct world *w = *state;

    /* FRAME is no CNode: as the invoker's root it cannot be walked. */
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(RAM), FRAME, CAP_PLACE_SLOT(TO)};
    struct cap_ref ref;

    assert_error(cap_lookup(&w->core, world_slot(w, FRAME), RAM, CAP_LEVEL_SLOT, 0, &ref),
                 ERR_CAP_ROOT_NOT_CNODE, RAM);
    assert_error(world_invoke(w, AT_ROOT, CNODE_COPY, args), ERR_CAP_DEST_NOT_CNODE, FRAME);
}

static void lookup_levels(void **state)
{
    struct world *w = *state;
    struct cap_ref ref;
    struct cap_slot *root = &w->outside[OUTSIDE_ROOT];

    assert_ok(cap_lookup(&w->core, root, 0, CAP_LEVEL_ROOT, 0, &ref));
    assert_ptr_equal(ref.slot, root);
    assert_ok(cap_lookup(&w->core, root, CPTR(3, 0), CAP_LEVEL_CNODE, 0, &ref));
    assert_int_equal(ref.room, PAGE_SIZE / CAP_SLOT_BYTES - 3);
    assert_ok(cap_lookup(&w->core, root, CPTR(0, 200), CAP_LEVEL_SLOT, 0, &ref));
    assert_int_equal(ref.room, 56);
    assert_error(cap_lookup(&w->core, root, RAM, CAP_LEVEL_ROOT, 0, &ref), ERR_CAP_BAD_LEVEL, 0);
    assert_error(cap_lookup(&w->core, root, RAM, CAP_LEVEL_CNODE, 0, &ref), ERR_CAP_BAD_LEVEL, 1);
    assert_error(cap_lookup(&w->core, root, RAM, 3, 0, &ref), ERR_CAP_BAD_LEVEL, 3);
    assert_error(copy_places(w, CAP_PLACE(RAM, 7), AT_ROOT, CAP_PLACE_SLOT(TO)), ERR_CAP_BAD_LEVEL, 3);
    assert_error(copy_places(w, (uint64_t)1 << 50 | CAP_PLACE_SLOT(RAM), AT_ROOT, CAP_PLACE_SLOT(TO)),
                 ERR_CAP_BAD_LEVEL, 3);
    assert_error(copy_places(w, CAP_PLACE_SLOT(RAM), (uint64_t)1 << 40 | AT_ROOT, CAP_PLACE_SLOT(TO)),
                 ERR_CAP_BAD_LEVEL, 3);
}

static void lookup_range(void **state)
{
    struct world *w = *state;

    assert_error(do_copy(w, CPTR(32, 4), TO), ERR_CAP_L1_RANGE, CPTR(32, 4));
    assert_error(do_copy(w, RAM, CPTR(0xffffff, 4)), ERR_CAP_L1_RANGE, CPTR(0xffffff, 4));
    assert_error(copy_into_l1(w, CNODE, 32), ERR_CAP_L1_RANGE, CPTR(32, 0));
}

static void lookup_empty(void **state)
{
    struct world *w = *state;

    assert_error(do_copy(w, CPTR(2, 9), TO), ERR_CAP_EMPTY_SLOT, CPTR(2, 0));
    assert_error(do_copy(w, TO, OTHER), ERR_CAP_EMPTY_SLOT, TO);
    assert_error(do_copy(w, RAM, CPTR(2, 9)), ERR_CAP_EMPTY_SLOT, CPTR(2, 0));
}

static void lookup_contexts(void **state)
{
    struct world *w = *state;
    err_t e = do_copy(w, TO, OTHER);

    assert_int_equal(e.code[1], ERR_WHILE_SOURCE);
    e = do_copy(w, RAM, CPTR(2, 9));
    assert_int_equal(e.code[1], ERR_WHILE_DEST);
    e = copy_places(w, CAP_PLACE_SLOT(RAM), TO, CAP_PLACE_SLOT(OTHER));
    assert_error(e, ERR_CAP_EMPTY_SLOT, TO);
    assert_int_equal(e.code[1], ERR_WHILE_ROOT);
    assert_int_equal(e.code[2], ERR_WHILE_DEST);
}

static void lookup_rights(void **state)
{
    struct world *w = *state;

    assert_ok(do_mint(w, CNODE, TO, CAP_READ, 0));
    assert_ok(copy_into_l1(w, TO, 1));
    assert_error(do_copy(w, RAM, CPTR(1, 0)), ERR_CAP_MISSING_RIGHT, CPTR(1, 0));
    assert_error(do_copy(w, CPTR(1, 0), OTHER), ERR_CAP_EMPTY_SLOT, CPTR(1, 0));
    assert_ok(do_mint(w, CNODE, OTHER, CAP_WRITE, 0));
    assert_ok(copy_into_l1(w, OTHER, 2));
    assert_ok(do_copy(w, RAM, CPTR(2, 0)));
    assert_error(do_copy(w, CPTR(2, 0), CPTR(2, 1)), ERR_CAP_MISSING_RIGHT, CPTR(2, 0));
}

static void copies(void **state)
{
    struct world *w = *state;

    assert_ok(do_copy(w, FRAME, TO));
    assert_true(mdb_is_copy(world_slot(w, FRAME), world_slot(w, TO)));
    assert_int_equal(world_slot(w, TO)->rights, CAP_ALL_RIGHTS);
    assert_ptr_equal(world_slot(w, FRAME)->next, world_slot(w, TO));
}

static void copy_refused(void **state)
{
    struct world *w = *state;

    assert_error(do_copy(w, FRAME, RAM), ERR_CAP_SLOT_IN_USE, RAM);
    assert_error(do_copy(w, FRAME, FRAME), ERR_CAP_SELF, FRAME);
    assert_error(copy_into_l1(w, FRAME, 1), ERR_CAP_L1_HOLDS_CNODES, CPTR(1, 0));
    assert_ok(copy_into_l1(w, CNODE, 1));
    assert_error(copy_into_l1(w, CNODE, 1), ERR_CAP_SLOT_IN_USE, CPTR(1, 0));
}

static void copy_unique(void **state)
{
    struct world *w = *state;
    struct cap_slot *dispatcher;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_DISPATCHER, 0x4000, CAP_DISPATCHER_BYTES, 1));
    dispatcher = world_slot(w, TO);
    cap_create_act(&w->core, world_slot(w, OTHER),
                   &(struct cap_origin){.type = CAP_TYPE_REPLY,
                                        .rights = CAP_ALL_RIGHTS,
                                        .base = dispatcher->base,
                                        .size = dispatcher->size,
                                        .word0 = 1});
    assert_error(do_copy(w, OTHER, OTHER + 1), ERR_CAP_UNIQUE, OTHER);
    assert_error(do_mint(w, OTHER, OTHER + 1, 0, 0), ERR_CAP_UNIQUE, OTHER);
    assert_int_equal(w->placed, 0);
    assert_ok(do_move(w, OTHER, OTHER + 1));
    assert_int_equal(w->placed, 1);
}

static void copy_in_other_space(void **state)
{
    struct world *w = *state;

    /* A second space, with our CNode in its L1 slot 0. */
    assert_ok(do_retype(w, AT_RAM, TO, CAP_TYPE_L1_CNODE, 0x20000, PAGE_SIZE, 1));
    assert_ok(copy_places(w, CAP_PLACE_SLOT(CNODE), TO, CAP_PLACE_CNODE(0)));
    assert_ok(copy_places(w, CAP_PLACE_SLOT(RAM), TO, CAP_PLACE_SLOT(CPTR(0, 17))));
    assert_ok(copy_into_l1(w, CNODE, 5));
    assert_int_equal(world_slot(w, CPTR(5, 17))->type, CAP_TYPE_RAM);
    /* And back from it: the invoked CNode is where sources are looked up. */
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(CPTR(0, 17)), AT_ROOT, CAP_PLACE_SLOT(OTHER)};
    assert_ok(world_invoke(w, TO, CNODE_COPY, args));
    assert_int_equal(world_slot(w, OTHER)->type, CAP_TYPE_RAM);
}

static void mint_rights(void **state)
{
    struct world *w = *state;

    assert_ok(do_mint(w, FRAME, TO, CAP_READ | CAP_GRANT, 0));
    assert_int_equal(world_slot(w, TO)->rights, CAP_READ | CAP_GRANT);
    assert_true(mdb_is_copy(world_slot(w, FRAME), world_slot(w, TO)));
    assert_error(do_mint(w, TO, OTHER, CAP_READ | CAP_WRITE, 0), ERR_CAP_NARROW, CAP_READ | CAP_WRITE);
    assert_error(do_mint(w, FRAME, OTHER, CAP_ALL_RIGHTS + 1, 0), ERR_CAP_NARROW, UINT32_MAX);
    assert_ok(do_mint(w, TO, OTHER, 0, 0));
}

static void mint_badge(void **state)
{
    struct world *w = *state;

    assert_int_equal(world_slot(w, SENDER)->endpoint.badge, 5);
    assert_int_equal(world_slot(w, SENDER)->endpoint.credits, 4);
    assert_int_equal(world_slot(w, SENDER)->rights, CAP_WRITE | CAP_GRANT);
    assert_true(mdb_is_descendant(world_slot(w, ENDPOINT), world_slot(w, SENDER)));
    assert_error(do_mint(w, SENDER, TO, CAP_WRITE, 6), ERR_CAP_BADGE_SET, SENDER);
    assert_error(do_mint(w, FRAME, TO, CAP_READ, 6), ERR_CAP_WRONG_TYPE, FRAME);
    assert_ok(do_mint(w, SENDER, TO, CAP_WRITE, 0));
    assert_int_equal(world_slot(w, TO)->endpoint.badge, 5);
    assert_true(mdb_is_copy(world_slot(w, SENDER), world_slot(w, TO)));
}

static void mint_badges_in_order(void **state)
{
    struct world *w = *state;

    for (unsigned i = 0; i < 12; i++) {
        assert_ok(do_copy(w, ENDPOINT, TO + 20 + i)); /* many neighbours */
        assert_ok(do_mint(w, ENDPOINT, TO + i, CAP_WRITE, 100 - i));
    }
    assert_ok(do_revoke(w, ENDPOINT));
    for (unsigned i = 0; i < 12; i++) {
        assert_int_equal(world_slot(w, TO + i)->type, CAP_TYPE_NULL);
    }
    assert_int_equal(world_slot(w, SENDER)->type, CAP_TYPE_NULL);
}

static void mint_part(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0,     CAP_PLACE_SLOT(TO), AT_ROOT, CAP_PLACE_SLOT(OTHER), CAP_READ, 0x1000,
                               0x2000};
    uint64_t again[SYS_ARGS] = {
        0, CAP_PLACE_SLOT(TO), AT_ROOT, CAP_PLACE_SLOT(OTHER + 1), CAP_READ, 0x2000, 0x2000};
    uint64_t beyond[SYS_ARGS] = {
        0, CAP_PLACE_SLOT(TO), AT_ROOT, CAP_PLACE_SLOT(OTHER + 1), CAP_READ, 0x3000, 0x2000};
    uint64_t only_offset[SYS_ARGS] = {0,     CAP_PLACE_SLOT(TO), AT_ROOT, CAP_PLACE_SLOT(OTHER + 1), CAP_READ,
                                      0x3000};
    uint64_t *bytes;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_FRAME, 0x4000, 0x4000, 1));
    bytes = cap_memory_at(&w->core, world_slot(w, TO)->base + 0x1000);
    *bytes = 42;
    assert_ok(world_invoke(w, AT_ROOT, CNODE_MINT, args));
    assert_int_equal(world_slot(w, OTHER)->base, world_slot(w, TO)->base + 0x1000);
    assert_int_equal(world_slot(w, OTHER)->size, 0x2000);
    assert_int_equal(world_slot(w, OTHER)->rights, CAP_READ);
    assert_int_equal(*bytes, 42); /* a part of what one can read is not cleared */
    assert_error_code(world_invoke(w, AT_ROOT, CNODE_MINT, again), ERR_CAP_REVOKE_FIRST);
    assert_error(world_invoke(w, AT_ROOT, CNODE_MINT, beyond), ERR_CAP_RETYPE_COUNT, 1);
    assert_error(world_invoke(w, AT_ROOT, CNODE_MINT, only_offset), ERR_CAP_RETYPE_OFFSET, 0x3000);
    beyond[1] = CAP_PLACE_SLOT(ENDPOINT);
    assert_error(world_invoke(w, AT_ROOT, CNODE_MINT, beyond), ERR_CAP_RETYPE_PAIR, ENDPOINT);
}

static void moves(void **state)
{
    struct world *w = *state;
    struct cap_slot before = *world_slot(w, SENDER);

    assert_ok(do_move(w, SENDER, TO));
    assert_int_equal(world_slot(w, SENDER)->type, CAP_TYPE_NULL);
    assert_int_equal(world_slot(w, TO)->endpoint.badge, before.endpoint.badge);
    assert_int_equal(world_slot(w, TO)->endpoint.credits, before.endpoint.credits);
    assert_error(do_move(w, SENDER, OTHER), ERR_CAP_EMPTY_SLOT, SENDER);
    assert_error(do_move(w, TO, TO), ERR_CAP_SELF, TO);
    assert_error(do_move(w, TO, RAM), ERR_CAP_SLOT_IN_USE, RAM);
    assert_ok(do_move(w, RAM, RAM + 40)); /* with descendants */
    assert_true(mdb_has_descendants(&w->core.db, world_slot(w, RAM + 40)));
}

static void identifies(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(ENDPOINT)};

    assert_ok(world_invoke(w, AT_ROOT, CNODE_IDENTIFY, args));
    assert_int_equal(CAP_IDENTITY_TYPE(args[1]), CAP_TYPE_ENDPOINT_LMP);
    assert_int_equal(CAP_IDENTITY_RIGHTS(args[1]), CAP_ALL_RIGHTS);
    assert_int_equal(CAP_IDENTITY_OWNER(args[1]), 0);
    assert_int_equal(args[2], world_slot(w, ENDPOINT)->base);
    assert_int_equal(args[3], PAGE_SIZE);
    args[1] = CAP_PLACE_SLOT(TO);
    assert_error(world_invoke(w, AT_ROOT, CNODE_IDENTIFY, args), ERR_CAP_EMPTY_SLOT, TO);
}

static void identifies_little(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(SENDER)};

    assert_ok(world_invoke(w, AT_ROOT, CNODE_IDENTIFY, args));
    assert_int_equal(args[1], CAP_TYPE_ENDPOINT_LMP | (CAP_WRITE | CAP_GRANT) << 8);
    for (unsigned i = 2; i < 7; i++) {
        assert_int_equal(args[i], 0); /* neither address nor badge */
    }
}

static void unknown_operations(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0};

    assert_error(world_invoke(w, AT_ROOT, 10, args), ERR_CAP_ILLEGAL_INVOCATION, 10);
    assert_error(world_invoke(w, FRAME, 0, args), ERR_CAP_ILLEGAL_INVOCATION, 0);
    assert_error(world_invoke(w, RAM, 1, args), ERR_CAP_ILLEGAL_INVOCATION, 1);
}

static void locked(void **state)
{
    struct world *w = *state;

    world_slot(w, FRAME)->flags = CAP_FLAG_LOCKED;
    assert_error(do_copy(w, FRAME, TO), ERR_CAP_LOCKED, FRAME);
    assert_error(do_move(w, FRAME, TO), ERR_CAP_LOCKED, FRAME);
    assert_error(do_delete(w, FRAME), ERR_CAP_LOCKED, FRAME);
    assert_error(do_revoke(w, FRAME), ERR_CAP_LOCKED, FRAME);
    world_slot(w, FRAME)->flags = 0;
}

#define CASE(name, function)                                                                                 \
    {                                                                                                        \
        (name), (function), set_up, tear_down, NULL                                                          \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("CAP-LOOKUP-001 only an L1CNode is a root", lookup_root),
        CASE("CAP-LOOKUP-002 levels 0, 1 and 2 name root, L1 slot and slot; nothing else is a level",
             lookup_levels),
        CASE("CAP-LOOKUP-003 an L1 index beyond the CNode is refused with the address", lookup_range),
        CASE("CAP-LOOKUP-004 an empty slot on the way or at the end is named", lookup_empty),
        CASE("CAP-LOOKUP-005 errors say which look-up failed", lookup_contexts),
        CASE("CAP-LOOKUP-006 using needs READ and filling needs WRITE on the CNodes passed", lookup_rights),
        CASE("CAP-COPY-001 a copy is equal and stands beside its source", copies),
        CASE("CAP-COPY-002 full slots, the slot itself, and L1 slots for other types are refused",
             copy_refused),
        CASE("CAP-COPY-003 a Reply is moved, never copied", copy_unique),
        CASE("CAP-COPY-004 every operation works in another's space too", copy_in_other_space),
        CASE("CAP-MINT-001 rights only shrink", mint_rights),
        CASE("CAP-MINT-002 a badge is set once, on endpoints only", mint_badge),
        CASE("CAP-MINT-003 revoking the endpoint ends all its senders, however many", mint_badges_in_order),
        CASE("CAP-MINT-004 a part of the range is a descendant, disjoint from others, and not cleared",
             mint_part),
        CASE("CAP-MOVE-001 a moved capability is the same, with all its descendants", moves),
        CASE("CAP-IDENTIFY-001 identify tells type, rights, address and size", identifies),
        CASE("CAP-IDENTIFY-002 without the IDENTIFY right it tells type and rights only", identifies_little),
        CASE("CAP-INVOKE-001 operations that do not exist are refused by number", unknown_operations),
        CASE("CAP-LOCK-001 a locked capability answers LOCKED to everything", locked),
    };

    return cmocka_run_group_tests_name("caps: copy, mint, move", tests, NULL, NULL);
}
