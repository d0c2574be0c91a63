/* SPDX-License-Identifier: MIT */
/* Capability operations through system calls, as the first program of a machine sees them. */
#include <mudskipper/rt/cap.h>
#include "../system/suite.h"

#define RAM     CPTR(2, 0) /* the largest piece of memory the kernel left, or one of several */
#define NOWHERE CPTR(9, 0) /* no CNode in this L1 slot */
#define FIRST   SLOT_FIRST_FREE

/* Slots of the tests; emptied by whoever uses them. */
enum { A = FIRST, B, C, D, E, F };

/* A piece of RAM all tests work in, in slot E. What a test that failed has left goes first. */
static void take_piece(uint64_t bytes)
{
    struct cap_identity left;

    if (err_ok(cap_identify(E, &left))) {
        assert_ok(cap_revoke(E));
        assert_ok(cap_delete(E));
    }
    assert_ok(cap_retype(RAM, 0, CAP_TYPE_RAM, bytes, 1, E));
}

static void give_piece(void)
{
    assert_ok(cap_revoke(E));
    assert_ok(cap_delete(E));
}

static void copy_names_the_same(void)
{
    struct cap_identity a;
    struct cap_identity b;

    take_piece(PAGE_SIZE);
    assert_ok(cap_copy(E, A));
    assert_ok(cap_identify(E, &a));
    assert_ok(cap_identify(A, &b));
    assert_int_equal(b.type, CAP_TYPE_RAM);
    assert_int_equal(b.base, a.base);
    assert_int_equal(b.bytes, PAGE_SIZE);
    assert_ok(cap_delete(A));
    give_piece();
}

static void copy_refusals(void)
{
    take_piece(PAGE_SIZE);
    assert_error(cap_copy(A, B), CAP_EMPTY_SLOT);
    assert_error(cap_copy(E, E), CAP_SELF);
    assert_error(cap_copy(E, SLOT_ROOT), CAP_SLOT_IN_USE);
    assert_error(cap_copy(E, NOWHERE), CAP_EMPTY_SLOT);
    assert_error(cap_copy(E, CPTR(0xffffff, 0)), CAP_L1_RANGE);
    assert_error(cap_copy_to(E, SLOT_LOG, CAP_PLACE_SLOT(A)), CAP_DEST_NOT_CNODE);
    assert_error(cap_copy_to(E, SLOT_ROOT, CAP_PLACE(A, 3)), CAP_BAD_LEVEL);
    give_piece();
}

static void rights_shrink(void)
{
    struct cap_identity i;

    take_piece(PAGE_SIZE);
    assert_ok(cap_retype(E, 0, CAP_TYPE_FRAME, PAGE_SIZE, 1, A));
    assert_ok(cap_narrow(A, B, CAP_READ | CAP_IDENTIFY));
    assert_error(cap_narrow(B, C, CAP_ALL_RIGHTS), CAP_NARROW);
    assert_ok(cap_narrow(B, C, CAP_READ));
    assert_ok(cap_identify(C, &i));
    assert_int_equal(i.rights, CAP_READ);
    assert_int_equal(i.base, 0); /* not without CAP_IDENTIFY */
    give_piece();
    assert_error(cap_identify(B, &i), CAP_EMPTY_SLOT);
    assert_error(cap_identify(C, &i), CAP_EMPTY_SLOT);
}

static void retype_is_disjoint(void)
{
    take_piece(4 * PAGE_SIZE);
    assert_ok(cap_retype(E, 0, CAP_TYPE_FRAME, PAGE_SIZE, 2, A));
    assert_error(cap_retype(E, PAGE_SIZE, CAP_TYPE_FRAME, PAGE_SIZE, 1, C), CAP_REVOKE_FIRST);
    assert_ok(cap_retype(E, 2 * PAGE_SIZE, CAP_TYPE_FRAME, 2 * PAGE_SIZE, 1, C));
    give_piece();
}

static void retype_refusals(void)
{
    take_piece(2 * PAGE_SIZE);
    assert_error(cap_retype(E, 1, CAP_TYPE_FRAME, PAGE_SIZE, 1, A), CAP_RETYPE_OFFSET);
    assert_error(cap_retype(E, 0, CAP_TYPE_FRAME, 100, 1, A), CAP_RETYPE_SIZE);
    assert_error(cap_retype(E, 0, CAP_TYPE_FRAME, PAGE_SIZE, 3, A), CAP_RETYPE_COUNT);
    assert_error(cap_retype(E, 0, CAP_TYPE_FRAME, PAGE_SIZE, 0, A), CAP_RETYPE_COUNT);
    assert_error(cap_retype(E, 0, CAP_TYPE_MAPPING, PAGE_SIZE, 1, A), CAP_MAPPING_EXPLICIT);
    assert_error(cap_retype(E, 0, CAP_TYPE_PHYS_ADDR, PAGE_SIZE, 1, A), CAP_RETYPE_PAIR);
    assert_error(cap_retype(SLOT_PHYS, 0, CAP_TYPE_RAM, PAGE_SIZE, 1, A), CAP_WRONG_MEMORY);
    assert_error(cap_retype(E, 0, (enum cap_type)200, PAGE_SIZE, 1, A), CAP_RETYPE_PAIR);
    give_piece();
}

static void revoke_takes_everything(void)
{
    struct cap_identity i;

    take_piece(8 * PAGE_SIZE);
    assert_ok(cap_retype(E, 0, CAP_TYPE_RAM, 4 * PAGE_SIZE, 1, A));
    assert_ok(cap_retype(A, 0, CAP_TYPE_FRAME, PAGE_SIZE, 1, B));
    assert_ok(cap_copy(B, C));
    assert_ok(cap_copy(E, D));
    assert_ok(cap_revoke(E));
    for (cptr_t slot = A; slot <= D; slot++) {
        assert_error(cap_identify(slot, &i), CAP_EMPTY_SLOT);
    }
    assert_ok(cap_identify(E, &i));
    assert_ok(cap_delete(E));
}

/* What a process is given at its start is its parent's, too. */
static void what_was_lent_stays(void)
{
    static const cptr_t lent[] = {SLOT_LOG, SLOT_INIT, SLOT_NAMES, SLOT_CHANNELS, SLOT_STDOUT};
    struct cap_identity before;
    struct cap_identity after;

    for (unsigned i = 0; i < ARRAY_LENGTH(lent); i++) {
        if (err_ok(cap_identify(lent[i], &before)) && !(before.rights & CAP_REVOKE)) {
            assert_error(cap_revoke(lent[i]), CAP_MISSING_RIGHT);
            assert_ok(cap_identify(lent[i], &after));
        }
    }
    take_piece(PAGE_SIZE);
    assert_ok(cap_narrow(E, A, CAP_ALL_RIGHTS & ~CAP_REVOKE));
    assert_ok(cap_retype(A, 0, CAP_TYPE_FRAME, PAGE_SIZE, 1, B));
    assert_error(cap_revoke(A), CAP_MISSING_RIGHT);
    assert_error(cap_revoke_range(A, 0, PAGE_SIZE), CAP_MISSING_RIGHT);
    assert_ok(cap_identify(B, &after));
    give_piece();
}

/* A page of ours, far above what the kernel mapped, in a table of its own. */
#define PLACE_INDEX_L2 3u /* 2 MiB blocks 3 of the second GiB */

/* The level-1 table that the kernel made lies somewhere among what it made. */
static cptr_t find_level_1(void)
{
    for (unsigned slot = 0; slot < CPTR_L2_SLOTS; slot++) {
        struct cap_identity i;

        if (err_ok(cap_identify(CPTR(1, slot), &i)) && i.type == CAP_TYPE_VNODE_L1) {
            return CPTR(1, slot);
        }
    }
    return CPTR_NULL;
}

static volatile uint64_t *map_page(unsigned rights)
{
    uint64_t offset = ((uint64_t)1 << 30) + PLACE_INDEX_L2 * ((uint64_t)2 << 20);

    assert_ok(cap_retype(E, 0, CAP_TYPE_VNODE_L2, PAGE_SIZE, 1, A));
    assert_ok(cap_retype(E, PAGE_SIZE, CAP_TYPE_VNODE_L3, PAGE_SIZE, 1, B));
    assert_ok(cap_retype(E, 2 * PAGE_SIZE, CAP_TYPE_FRAME, PAGE_SIZE, 1, C));
    assert_ok(cap_map(find_level_1(), A, 1, 1, 0, 0, D));
    assert_ok(cap_map(A, B, PLACE_INDEX_L2, 1, 0, 0, F));
    assert_ok(cap_map(B, C, 7, 1, 0, rights, F + 1));
    return (volatile uint64_t *)(rt_self()->vspace_base + offset + 7 * PAGE_SIZE);
}

static void map_and_use(void)
{
    volatile uint64_t *page;

    take_piece(4 * PAGE_SIZE);
    page = map_page(CAP_READ | CAP_WRITE);
    assert_int_equal(page[0], 0);
    page[511] = 0x1234;
    assert_int_equal(page[511], 0x1234);
    assert_error(cap_map(B, C, 7, 1, 0, CAP_READ, F + 2), MAP_ENTRY_IN_USE);
    assert_error(cap_map(B, C, 511, 2, 0, CAP_READ, F + 2), MAP_BEYOND_TABLE);
    assert_error(cap_map(B, C, 8, 1, PAGE_SIZE, CAP_READ, F + 2), MAP_BEYOND_FRAME);
    assert_error(cap_map(B, C, 8, 1, 1, CAP_READ, F + 2), MAP_UNALIGNED);
    assert_error(cap_map(B, C, 8, 1, 0, CAP_READ | CAP_WRITE | CAP_EXECUTE, F + 2), MAP_WRITE_EXECUTE);
    assert_error(cap_map(A, C, 9, 1, 0, CAP_READ, F + 2), MAP_UNALIGNED);
    give_piece();
}

SUITE_MAIN({"CAP-COPY-001", "a copy names the same memory with the same rights", copy_names_the_same},
           {"CAP-COPY-002", "each way a copy can be wrong has its own error", copy_refusals},
           {"CAP-MINT-001", "rights only shrink, and revoke reaches narrowed copies", rights_shrink},
           {"CAP-RETYPE-001", "disjoint parts are retyped independently, overlap is refused",
            retype_is_disjoint},
           {"CAP-RETYPE-002", "each way a retype can be wrong has its own error", retype_refusals},
           {"CAP-REVOKE-001", "revoke empties every slot of copies and descendants", revoke_takes_everything},
           {"CAP-REVOKE-002", "a copy that was lent revokes nothing", what_was_lent_stays},
           {"CAP-MAP-001", "a mapped page is zero and can be used; bad maps have their own errors",
            map_and_use})
