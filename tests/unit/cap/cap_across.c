/* SPDX-License-Identifier: MIT */
/* Capabilities of several cores: what the owner counts, what another core takes, and what nobody can end
 * behind the others' backs. The world is core 0 of four. */
#include "world.h"

enum {
    RAM = AT_FREE, /* 64 pages */
    FRAME,         /* 4 pages of it */
    TO,            /* empty from here on */
};

#define RAM_SIZE   ((uint64_t)64 * PAGE_SIZE)
#define FRAME_SIZE ((uint64_t)4 * PAGE_SIZE)
#define ALL        ((uint64_t)CAP_ALL_RIGHTS)

static int set_up(void **state)
{
    struct world *w = world_create();

    w->check = true;
    assert_ok(do_retype(w, AT_RAM, RAM, CAP_TYPE_RAM, 0, RAM_SIZE, 1));
    assert_ok(do_retype(w, RAM, FRAME, CAP_TYPE_FRAME, 0, FRAME_SIZE, 1));
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

/* The identity comes, and goes, in arguments 2 .. 6. */
static err_t do_share(struct world *w, cptr_t slot, uint64_t core, uint64_t args[SYS_ARGS])
{
    args[1] = slot;
    args[2] = core;
    return world_invoke(w, AT_KERNEL, KERNEL_SHARE, args);
}

static err_t do_unshare(struct world *w, cptr_t slot, uint64_t core)
{
    uint64_t args[SYS_ARGS] = {0, slot, core};

    return world_invoke(w, AT_KERNEL, KERNEL_UNSHARE, args);
}

static err_t do_adopt(struct world *w, cptr_t to, const uint64_t identity[SYS_ARGS])
{
    uint64_t args[SYS_ARGS];

    memcpy(args, identity, sizeof(args));
    args[1] = to;
    return world_invoke(w, AT_KERNEL, KERNEL_ADOPT, args);
}

static err_t do_find(struct world *w, cptr_t to, const uint64_t identity[SYS_ARGS])
{
    uint64_t args[SYS_ARGS];

    memcpy(args, identity, sizeof(args));
    args[1] = to;
    return world_invoke(w, AT_KERNEL, KERNEL_FIND, args);
}

static err_t do_revoke_foreign(struct world *w, cptr_t slot)
{
    uint64_t args[SYS_ARGS] = {0, slot};

    return world_invoke(w, AT_KERNEL, KERNEL_REVOKE_FOREIGN, args);
}

/* What core `owner` would say of something of its own. */
static void identity_of(uint64_t args[SYS_ARGS], unsigned type, unsigned rights, coreid_t owner,
                        uint64_t base, uint64_t size)
{
    memset(args, 0, SYS_ARGS * sizeof(args[0]));
    args[2] = type | (uint64_t)rights << 8 | (uint64_t)owner << 24;
    args[3] = base;
    args[4] = size;
}

static void adopt_frame(struct world *w, cptr_t to, uint64_t offset, uint64_t pages)
{
    uint64_t args[SYS_ARGS];

    identity_of(args, CAP_TYPE_FRAME, ALL, 1, AWAY_BASE(1) + offset, pages * PAGE_SIZE);
    assert_ok(do_adopt(w, to, args));
}

/* ---- share ---- */

static void shares(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0};

    assert_ok(do_mint(w, FRAME, TO, CAP_READ | CAP_GRANT, 0));
    assert_ok(do_share(w, TO, 2, args));
    assert_int_equal(args[2], CAP_TYPE_FRAME | (CAP_READ | CAP_GRANT) << 8);
    assert_int_equal(args[3], world_slot(w, FRAME)->base);
    assert_int_equal(args[4], FRAME_SIZE);
    assert_int_equal(args[5], 0);
    assert_int_equal(args[6], 0);
    assert_ok(do_share(w, FRAME, 1, args));
    assert_ok(do_share(w, FRAME, 1, args)); /* twice is once */
    assert_int_equal(mdb_first_copy(&w->core.db, world_slot(w, TO))->sharers, 6);
}

static void share_refused(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0};

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_ENDPOINT_LMP, FRAME_SIZE, PAGE_SIZE, 1));
    assert_error(do_share(w, TO, 1, args), ERR_CAP_MAY_NOT_CROSS, CAP_TYPE_ENDPOINT_LMP);
    assert_error(do_share(w, AT_KERNEL, 1, args), ERR_CAP_MAY_NOT_CROSS, CAP_TYPE_KERNEL);
    assert_error(do_share(w, TO + 1, 1, args), ERR_CAP_EMPTY_SLOT, TO + 1);
    assert_error(do_share(w, FRAME, 0, args), ERR_OUT_OF_RANGE, 0);
    assert_error(do_share(w, FRAME, WORLD_CORES, args), ERR_OUT_OF_RANGE, WORLD_CORES);
    assert_error(do_share(w, FRAME, UINT64_MAX, args), ERR_OUT_OF_RANGE, UINT64_MAX);
    assert_ok(do_mint(w, FRAME, TO + 1, ALL & ~(uint64_t)CAP_GRANT, 0));
    assert_error(do_share(w, TO + 1, 1, args), ERR_CAP_MISSING_RIGHT, CAP_GRANT);
    adopt_frame(w, TO + 2, 0, 1);
    assert_error(do_share(w, TO + 2, 2, args), ERR_CAP_FOREIGN, 1);
    assert_int_equal(world_slot(w, FRAME)->sharers, 0);
    world_slot(w, AT_KERNEL)->rights = CAP_READ;
    assert_error(do_share(w, FRAME, 1, args), ERR_CAP_MISSING_RIGHT, CAP_WRITE);
}

/* The owner's own copies come and go; who shares stays known. */
static void copies_hand_on(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0};

    assert_ok(do_share(w, FRAME, 3, args));
    assert_ok(do_copy(w, FRAME, TO));
    assert_ok(do_copy(w, TO, TO + 1));
    assert_ok(do_delete(w, FRAME));
    assert_ok(do_move(w, TO, FRAME));
    assert_ok(do_delete(w, FRAME));
    assert_int_equal(world_slot(w, TO + 1)->sharers, 8);
    assert_error(do_delete(w, TO + 1), ERR_CAP_SHARED, world_slot(w, TO + 1)->base);
    assert_ok(do_unshare(w, TO + 1, 3));
    assert_ok(do_delete(w, TO + 1));
}

/* More copies than the search looks at one by one. */
static void many_copies(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0};

    for (unsigned i = 0; i < 50; i++) {
        assert_ok(do_copy(w, i == 0 ? FRAME : TO + i - 1, TO + i));
    }
    assert_ok(do_share(w, TO + 49, 1, args));
    assert_ok(do_share(w, TO + 25, 2, args));
    for (unsigned i = 0; i < 50; i++) {
        assert_error(do_revoke(w, TO + i), ERR_CAP_SHARED, world_slot(w, FRAME)->base);
    }
    assert_ok(do_unshare(w, TO + 10, 2));
    assert_ok(do_unshare(w, TO + 40, 1));
    assert_error(do_unshare(w, TO + 40, 1), ERR_NOT_FOUND, 1);
    assert_ok(do_revoke(w, TO + 30));
    assert_int_equal(type_at(w, TO + 31), CAP_TYPE_NULL);
}

static void stay_out_of_reach(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0};
    uint64_t range[SYS_ARGS] = {0, CAP_PLACE_SLOT(RAM), 0, RAM_SIZE};
    paddr_t base = world_slot(w, FRAME)->base;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_FRAME, FRAME_SIZE, PAGE_SIZE, 1));
    assert_ok(do_share(w, FRAME, 1, args));
    assert_error(do_retype(w, FRAME, TO + 1, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1), ERR_CAP_SHARED, base);
    assert_error(do_revoke(w, FRAME), ERR_CAP_SHARED, base);
    assert_error(do_revoke(w, RAM), ERR_CAP_SHARED, base);
    assert_error(world_invoke(w, AT_ROOT, CNODE_REVOKE_RANGE, range), ERR_CAP_SHARED, base);
    assert_int_equal(type_at(w, FRAME), CAP_TYPE_FRAME);
    assert_ok(do_delete(w, RAM)); /* its parent's range comes to an end, it does not */
    assert_error(do_delete(w, FRAME), ERR_CAP_SHARED, base);
    assert_ok(do_unshare(w, FRAME, 1));
    assert_ok(do_delete(w, FRAME));
}

/* A revoke goes as far as it can, and on when it may. */
static void revoke_goes_on(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0};

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_FRAME, FRAME_SIZE, PAGE_SIZE, 3));
    assert_ok(do_copy(w, TO + 1, TO + 3));
    assert_ok(do_share(w, TO + 1, 2, args));
    assert_error(do_revoke(w, RAM), ERR_CAP_SHARED, world_slot(w, TO + 1)->base);
    assert_int_equal(type_at(w, TO), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, TO + 1), CAP_TYPE_FRAME);
    assert_int_equal(type_at(w, TO + 3), CAP_TYPE_FRAME);
    assert_ok(do_unshare(w, TO + 3, 2));
    assert_ok(do_revoke(w, RAM));
    assert_int_equal(type_at(w, TO + 2), CAP_TYPE_NULL);
}

/* What ends together: an endpoint does not end while another core has a Handle to it. */
static void dependants_hold(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0};
    paddr_t base;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_ENDPOINT_LMP, FRAME_SIZE, PAGE_SIZE, 1));
    assert_ok(do_retype(w, TO, TO + 1, CAP_TYPE_SERVICE, 0, 0, 1));
    assert_ok(do_retype(w, TO + 1, TO + 2, CAP_TYPE_HANDLE, 0, 0, 1));
    assert_ok(do_copy(w, TO + 2, TO + 3));
    base = world_slot(w, TO)->base;
    assert_ok(do_share(w, TO + 2, 1, args));
    assert_int_equal(args[2] & 0xff, CAP_TYPE_HANDLE);
    assert_int_equal(args[5], 7); /* do_retype's number */
    assert_error(do_delete(w, TO), ERR_CAP_SHARED, base);
    assert_error(do_delete(w, TO + 1), ERR_CAP_SHARED, base);
    assert_error(do_revoke(w, TO + 1), ERR_CAP_SHARED, base);
    assert_error(do_revoke(w, RAM), ERR_CAP_SHARED, base);
    assert_ok(do_delete(w, TO + 3));
    assert_error(do_delete(w, TO + 2), ERR_CAP_SHARED, base);
    assert_ok(do_unshare(w, TO + 2, 1));
    assert_ok(do_delete(w, TO));
    assert_int_equal(type_at(w, TO + 2), CAP_TYPE_NULL);
}

/* ---- adopt ---- */

static void adopts(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS];

    identity_of(args, CAP_TYPE_FRAME, CAP_READ | CAP_GRANT, 2, AWAY_BASE(2), 0x4000);
    assert_ok(do_adopt(w, TO, args));
    assert_int_equal(world_slot(w, TO)->owner, 2);
    assert_int_equal(world_slot(w, TO)->rights, CAP_READ | CAP_GRANT);
    assert_int_equal(world_slot(w, TO)->base, AWAY_BASE(2));
    assert_ok(do_adopt(w, TO + 1, args));
    assert_true(mdb_is_copy(world_slot(w, TO), world_slot(w, TO + 1)));
    assert_ok(do_copy(w, TO, TO + 2));
    assert_error(do_retype(w, TO, TO + 3, CAP_TYPE_FRAME, 0, PAGE_SIZE, 1), ERR_CAP_FOREIGN, 2);
    assert_error(do_revoke(w, TO), ERR_CAP_FOREIGN, 2);
    assert_ok(do_delete(w, TO + 1));
    assert_ok(do_delete(w, TO + 2));
    assert_ok(do_delete(w, TO)); /* the owner may go on counting us */
    assert_int_equal(w->reclaimed, 0);
}

static void adopts_numbers(void **state)
{
    static const struct {
        unsigned type;
        uint64_t base;
        uint64_t size;
        uint64_t words[2];
    } good[] = {
        {CAP_TYPE_RAM, AWAY_BASE(1), 0x10000, {0, 0}},
        {CAP_TYPE_SERVICE, AWAY_BASE(1), 0x1000, {5, 0}},
        {CAP_TYPE_HANDLE, AWAY_BASE(1), 0x1000, {5, 9}},
        {CAP_TYPE_HANDLE, AWAY_BASE(1) + 0x2000, 0x2000, {1, 1}},
        {CAP_TYPE_NOTIFY, CAP_KERNEL_BASE(1) + CAP_KERNEL_NOTIFY + 4095, 1, {0, 0}},
        {CAP_TYPE_PROCESS, CAP_KERNEL_BASE(1) + 17, 1, {0, 0}},
    };
    struct world *w = *state;
    uint64_t args[SYS_ARGS];

    for (unsigned i = 0; i < ARRAY_LENGTH(good); i++) {
        identity_of(args, good[i].type, ALL, 1, good[i].base, good[i].size);
        args[5] = good[i].words[0];
        args[6] = good[i].words[1];
        assert_ok(do_adopt(w, TO + i, args));
    }
    w->ended = 0;
    for (unsigned i = 0; i < ARRAY_LENGTH(good); i++) {
        assert_ok(do_delete(w, TO + i));
    }
    assert_int_equal(w->ended, 0); /* objects end where they are */
}

/* Identities that nobody can have been told. */
static void adopt_refused(void **state)
{
    const uint64_t base = AWAY_BASE(1);
    const struct {
        uint64_t words[5]; /* CAP_IDENTITY without the owner, base, size, words */
        coreid_t owner;
        enum err_code error;
        uint64_t detail;
    } bad[] = {
        {{CAP_TYPE_FRAME | ALL << 8, base, 0x1000, 0, 0}, 0, ERR_BAD_ARGUMENT, 2},    /* ourselves */
        {{CAP_TYPE_FRAME | ALL << 8, base, 0x1000, 0, 0}, 2, ERR_CAP_FOREIGN, 1},     /* not the owner */
        {{CAP_TYPE_FRAME | ALL << 8, base, 0x1000, 0, 0}, 200, ERR_CAP_FOREIGN, 1},   /* no core */
        {{CAP_TYPE_FRAME | ALL << 8, RAM_BASE, 0x1000, 0, 0}, 1, ERR_CAP_FOREIGN, 0}, /* our own memory */
        {{CAP_TYPE_FRAME | ALL << 8, base - 0x1000, 0x2000, 0, 0}, 1, ERR_BAD_ARGUMENT, 3},
        {{CAP_TYPE_FRAME | ALL << 8, AWAY_BASE(2) - 0x1000, 0x2000, 0, 0}, 1, ERR_BAD_ARGUMENT, 3},
        {{CAP_TYPE_FRAME | ALL << 8, base, 0, 0, 0}, 1, ERR_BAD_ARGUMENT, 3},
        {{CAP_TYPE_FRAME | ALL << 8, base, 0x800, 0, 0}, 1, ERR_BAD_ARGUMENT, 3},
        {{CAP_TYPE_FRAME | ALL << 8, base + 1, 0x1000, 0, 0}, 1, ERR_BAD_ARGUMENT, 3},
        {{CAP_TYPE_FRAME | ALL << 8, UINT64_MAX & ~PAGE_MASK, 0x2000, 0, 0}, 1, ERR_BAD_ARGUMENT, 3},
        {{CAP_TYPE_FRAME | ALL << 8, CAP_KERNEL_BASE(1), 0x1000, 0, 0}, 1, ERR_BAD_ARGUMENT, 3},
        {{CAP_TYPE_FRAME | ALL << 8, base, 0x1000, 1, 0}, 1, ERR_BAD_ARGUMENT, 5},
        {{CAP_TYPE_FRAME | ALL << 8, base, 0x1000, 0, 1}, 1, ERR_BAD_ARGUMENT, 5},
        {{CAP_TYPE_FRAME, base, 0x1000, 0, 0}, 1, ERR_BAD_ARGUMENT, 2}, /* no rights */
        {{CAP_TYPE_FRAME | 64 << 8, base, 0x1000, 0, 0}, 1, ERR_BAD_ARGUMENT, 2},
        {{CAP_TYPE_FRAME | ALL << 8 | 1 << 16, base, 0x1000, 0, 0}, 1, ERR_BAD_ARGUMENT, 2}, /* a flag */
        {{CAP_TYPE_NULL | ALL << 8, base, 0x1000, 0, 0}, 1, ERR_CAP_MAY_NOT_CROSS, CAP_TYPE_NULL},
        {{CAP_TYPE_MAPPING | ALL << 8, base, 0x1000, 0, 0}, 1, ERR_CAP_MAY_NOT_CROSS, CAP_TYPE_MAPPING},
        {{CAP_TYPE_L1_CNODE | ALL << 8, base, 0x1000, 0, 0}, 1, ERR_CAP_MAY_NOT_CROSS, CAP_TYPE_L1_CNODE},
        {{CAP_TYPE_KERNEL | ALL << 8, CAP_KERNEL_BASE(1), CAP_KERNEL_SIZE, 0, 0},
         1,
         ERR_CAP_MAY_NOT_CROSS,
         CAP_TYPE_KERNEL},
        {{255 | ALL << 8, base, 0x1000, 0, 0}, 1, ERR_CAP_MAY_NOT_CROSS, 255},
        {{CAP_TYPE_HANDLE | ALL << 8, base, 0x3000, 1, 1}, 1, ERR_BAD_ARGUMENT, 3}, /* no endpoint's size */
        {{CAP_TYPE_SERVICE | ALL << 8, base, 0x1000, 1, 1}, 1, ERR_BAD_ARGUMENT, 5},
        {{CAP_TYPE_NOTIFY | ALL << 8, CAP_KERNEL_BASE(1) + CAP_KERNEL_NOTIFY + 4096, 1, 0, 0},
         1,
         ERR_BAD_ARGUMENT,
         3},
        {{CAP_TYPE_NOTIFY | ALL << 8, CAP_KERNEL_BASE(1) + 3, 1, 0, 0}, 1, ERR_BAD_ARGUMENT, 3},
        {{CAP_TYPE_PROCESS | ALL << 8, CAP_KERNEL_BASE(1) + CAP_KERNEL_NOTIFY, 1, 0, 0},
         1,
         ERR_BAD_ARGUMENT,
         3},
        {{CAP_TYPE_PROCESS | ALL << 8, CAP_KERNEL_BASE(9) + 1, 1, 0, 0}, 9, ERR_BAD_ARGUMENT, 3},
        {{CAP_TYPE_IRQ | ALL << 8, CAP_SPACE(CAP_SPACE_IRQ), 1, 0, 0}, 1, ERR_CAP_FOREIGN, 0},
    };
    struct world *w = *state;
    uint64_t count = w->core.db.count;

    for (unsigned i = 0; i < ARRAY_LENGTH(bad); i++) {
        uint64_t args[SYS_ARGS] = {0};

        memcpy(&args[2], bad[i].words, sizeof(bad[i].words));
        args[2] |= (uint64_t)bad[i].owner << 24;
        assert_error(do_adopt(w, TO, args), bad[i].error, bad[i].detail);
        if (bad[i].error != ERR_CAP_FOREIGN) {
            continue;
        }
        assert_error(do_find(w, TO, args), ERR_NOT_FOUND, 0);
    }
    assert_int_equal(w->core.db.count, count);
    assert_int_equal(type_at(w, TO), CAP_TYPE_NULL);
}

static void adopt_places(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS];

    adopt_frame(w, TO, 0x4000, 4);
    identity_of(args, CAP_TYPE_FRAME, ALL, 1, AWAY_BASE(1) + 0x3000, 0x2000);
    assert_error(do_adopt(w, TO + 1, args), ERR_CAP_STRADDLES, AWAY_BASE(1) + 0x4000);
    identity_of(args, CAP_TYPE_FRAME, ALL, 1, AWAY_BASE(1) + 0x7000, 0x2000);
    assert_error(do_adopt(w, TO + 1, args), ERR_CAP_STRADDLES, AWAY_BASE(1) + 0x4000);
    adopt_frame(w, TO + 1, 0x5000, 2); /* a part */
    adopt_frame(w, TO + 2, 0x2000, 8); /* what has it as a part */
    identity_of(args, CAP_TYPE_FRAME, ALL, 1, AWAY_BASE(1) + 0x6000, 0x2000);
    assert_error(do_adopt(w, TO + 3, args), ERR_CAP_STRADDLES, AWAY_BASE(1) + 0x5000);
    identity_of(args, CAP_TYPE_FRAME, ALL, 1, AWAY_BASE(1) + 0x8000, 0x1000);
    assert_error(do_adopt(w, TO, args), ERR_CAP_SLOT_IN_USE, TO);
    assert_error(do_adopt(w, CPTR(9, 9), args), ERR_CAP_EMPTY_SLOT, CPTR(9, 0));
    assert_ok(do_adopt(w, TO + 3, args));
    assert_ok(do_revoke_foreign(w, TO + 2));
    assert_int_equal(type_at(w, TO), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, TO + 1), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, TO + 3), CAP_TYPE_NULL);
    assert_int_equal(type_at(w, TO + 2), CAP_TYPE_FRAME);
}

/* ---- revoke_foreign ---- */

static void revokes_foreign(void **state)
{
    struct world *w = *state;

    assert_ok(do_retype(w, RAM, TO, CAP_TYPE_VNODE_L0, 0x10000, CAP_VNODE_L0_BYTES, 1));
    assert_ok(do_retype(w, RAM, TO + 1, CAP_TYPE_VNODE_L1, 0x12000, PAGE_SIZE, 1));
    assert_ok(do_retype(w, RAM, TO + 2, CAP_TYPE_VNODE_L2, 0x13000, PAGE_SIZE, 1));
    assert_ok(do_retype(w, RAM, TO + 3, CAP_TYPE_VNODE_L3, 0x14000, PAGE_SIZE, 1));
    assert_ok(do_map(w, TO, TO + 1, 0, 1, 0, 0, TO + 4));
    assert_ok(do_map(w, TO + 1, TO + 2, 0, 1, 0, 0, TO + 5));
    assert_ok(do_map(w, TO + 2, TO + 3, 0, 1, 0, 0, TO + 6));
    adopt_frame(w, TO + 10, 0x4000, 4);
    assert_ok(do_mint(w, TO + 10, TO + 11, CAP_READ, 0));
    assert_ok(do_map(w, TO + 3, TO + 11, 7, 2, PAGE_SIZE, CAP_READ, TO + 12));
    assert_ok(do_map(w, TO + 3, TO + 10, 9, 1, 0, CAP_READ | CAP_WRITE, TO + 13));
    w->budget = 1;
    assert_ok(do_revoke_foreign(w, TO + 10));
    for (cptr_t slot = TO + 11; slot <= TO + 13; slot++) {
        assert_int_equal(type_at(w, slot), CAP_TYPE_NULL);
    }
    assert_int_equal(w->unmapped, 2);
    assert_error(do_revoke_foreign(w, FRAME), ERR_BAD_ARGUMENT, 1);
    assert_error(do_revoke_foreign(w, TO + 11), ERR_CAP_EMPTY_SLOT, TO + 11);
}

/* ---- find ---- */

static void comes_home(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0};

    assert_ok(do_mint(w, FRAME, TO, CAP_READ | CAP_GRANT, 0));
    assert_ok(do_share(w, TO, 1, args));
    assert_ok(do_delete(w, TO));
    assert_ok(do_find(w, TO, args));
    assert_true(mdb_is_copy(world_slot(w, TO), world_slot(w, FRAME)));
    assert_int_equal(world_slot(w, TO)->rights, CAP_READ | CAP_GRANT);
    args[2] |= (uint64_t)CAP_WRITE << 8; /* a right that never left */
    assert_ok(do_find(w, TO + 1, args));
    assert_int_equal(world_slot(w, TO + 1)->rights, CAP_READ | CAP_GRANT);
    assert_error(do_find(w, TO + 1, args), ERR_CAP_SLOT_IN_USE, TO + 1);
    assert_ok(do_unshare(w, TO, 1));
    assert_error(do_find(w, TO + 2, args), ERR_NOT_FOUND, 0); /* nobody has it now */
}

static void finds_foreign(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS];

    identity_of(args, CAP_TYPE_HANDLE, CAP_WRITE | CAP_GRANT, 3, AWAY_BASE(3), PAGE_SIZE);
    args[5] = 4;
    args[6] = 5;
    assert_error(do_find(w, TO, args), ERR_NOT_FOUND, 0);
    assert_ok(do_adopt(w, TO, args));
    assert_ok(do_find(w, TO + 1, args));
    args[6] = 6;
    assert_error(do_find(w, TO + 2, args), ERR_NOT_FOUND, 0);
    args[6] = 5;
    args[2] = (args[2] & ~((uint64_t)0xff << 24)) | (uint64_t)2 << 24;
    assert_error(do_find(w, TO + 2, args), ERR_NOT_FOUND, 0);
}

/* A generation later it is another one, whatever the numbers say. */
static void not_the_next_one(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0};

    assert_ok(do_retype(w, AT_KERNEL, TO, CAP_TYPE_NOTIFY, CAP_KERNEL_NOTIFY + 100, 1, 1));
    assert_ok(do_share(w, TO, 1, args));
    assert_ok(do_unshare(w, TO, 1));
    assert_ok(do_delete(w, TO));
    assert_ok(do_retype(w, AT_KERNEL, TO, CAP_TYPE_NOTIFY, CAP_KERNEL_NOTIFY + 100, 1, 1));
    assert_error(do_find(w, TO + 1, args), ERR_NOT_FOUND, 0);
}

/* ---- objects that end around it ---- */

static void put_in_cnode(struct world *w, cptr_t slot)
{
    uint64_t make[SYS_ARGS] = {
        0, CAP_PLACE_SLOT(RAM), AT_ROOT, CAP_PLACE_CNODE(1), CAP_TYPE_L2_CNODE, 0x20000ull, CAP_L2_BYTES, 1};

    assert_ok(world_invoke(w, AT_ROOT, CNODE_RETYPE, make));
    assert_ok(do_move(w, slot, CPTR(1, 5)));
}

static err_t delete_cnode(struct world *w)
{
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_CNODE(1)};

    return world_invoke(w, AT_ROOT, CNODE_DELETE, args);
}

/* A CNode with the last copy waits, and nothing spins meanwhile. */
static void cnode_waits(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0};
    paddr_t base = world_slot(w, FRAME)->base;

    assert_ok(do_share(w, FRAME, 2, args));
    put_in_cnode(w, FRAME);
    assert_ok(delete_cnode(w));
    world_drain(w);
    assert_false(cap_work_pending(&w->core));
    assert_non_null(w->core.stalled);
    assert_error(do_revoke(w, RAM), ERR_CAP_SHARED, base);
    world_check(w, true);
    assert_ok(do_find(w, TO, args));
    world_drain(w);
    assert_null(w->core.stalled);
    assert_error(do_revoke(w, RAM), ERR_CAP_SHARED, base);
    assert_ok(do_unshare(w, TO, 2));
    assert_ok(do_revoke(w, RAM));
    assert_int_equal(type_at(w, TO), CAP_TYPE_NULL);
}

/* The same when it lies where the CNode's own capability has to go. */
static void first_slot_waits(void **state)
{
    struct world *w = *state;
    uint64_t args[SYS_ARGS] = {0};

    assert_ok(do_share(w, FRAME, 2, args));
    assert_ok(do_copy(w, FRAME, TO));
    put_in_cnode(w, TO);
    assert_ok(do_move(w, CPTR(1, 5), CPTR(1, 0)));
    assert_ok(do_delete(w, FRAME));
    assert_ok(delete_cnode(w));
    world_drain(w);
    assert_non_null(w->core.stalled);
    world_check(w, true);
    assert_error(do_revoke(w, RAM), ERR_CAP_SHARED, world_slot(w, RAM)->base);
    assert_ok(do_find(w, FRAME, args));
    assert_ok(do_unshare(w, FRAME, 2));
    world_drain(w);
    assert_null(w->core.stalled);
    assert_ok(do_revoke(w, RAM));
}

static void foreign_go_silently(void **state)
{
    struct world *w = *state;

    adopt_frame(w, TO, 0, 1);
    put_in_cnode(w, TO);
    assert_ok(delete_cnode(w));
    world_drain(w);
    assert_null(w->core.stalled);
    assert_ok(do_revoke(w, RAM));
}

#define CASE(name, function)                                                                                 \
    {                                                                                                        \
        (name), (function), set_up, tear_down, NULL                                                          \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("CAP-SHARE-001 sharing counts the core and tells what the capability is", shares),
        CASE("CAP-SHARE-002 each way a share can be wrong has its own error, and counts nothing",
             share_refused),
        CASE("CAP-SHARE-003 whichever copy goes, who shares stays known", copies_hand_on),
        CASE("CAP-SHARE-004 all of many copies are shared, and unshared, at once", many_copies),
        CASE("CAP-SHARE-005 what is shared is not deleted, revoked or retyped, at whatever distance",
             stay_out_of_reach),
        CASE("CAP-SHARE-006 a revoke stops before what is shared and goes on when that is given up",
             revoke_goes_on),
        CASE("CAP-SHARE-007 an endpoint stays while another core has a Handle to it", dependants_hold),
        CASE("CAP-ADOPT-001 a foreign copy is used and deleted, not retyped or revoked", adopts),
        CASE("CAP-ADOPT-002 all types that cross can be adopted, and end nothing here", adopts_numbers),
        CASE("CAP-ADOPT-003 identities that nobody can have been told are refused", adopt_refused),
        CASE("CAP-ADOPT-004 ranges nest, whatever is adopted in whatever order", adopt_places),
        CASE("CAP-FOREIGN-001 revoking a foreign capability takes copies and Mappings, step by step",
             revokes_foreign),
        CASE("CAP-FIND-001 what comes home is a copy, with no right that never left", comes_home),
        CASE("CAP-FIND-002 a foreign capability is found by all that makes it equal", finds_foreign),
        CASE("CAP-FIND-003 a later object of the same number is not found", not_the_next_one),
        CASE("CAP-STALL-001 a CNode with the last copy waits for the other cores", cnode_waits),
        CASE("CAP-STALL-002 so it does when that lies in its first slot", first_slot_waits),
        CASE("CAP-STALL-003 a CNode with a foreign copy waits for nobody", foreign_go_silently),
    };

    return cmocka_run_group_tests_name("caps: several cores", tests, NULL, NULL);
}
