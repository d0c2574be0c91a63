/* SPDX-License-Identifier: MIT */
/* The manager's own memory: it never runs dry while memory remains, refill does not recurse, and a fault at
 * any callback leaves everything true. */
#include "world.h"

#define BASE  0x40000000ull
#define ALICE 1u
#define CROWD 200u /* clients enough for a chunk whose pages all belong to somebody else */

static void crowd(struct world *w)
{
    for (mm_client_t c = 0; c < CROWD; c++) {
        assert_ok(mm_client_add(&w->mm, c, MM_NO_QUOTA));
    }
}

/* Takes page after page until there is none; the manager takes its own ones from the same memory. */
static uint64_t take_all(struct world *w, unsigned clients, uint64_t bytes)
{
    uint64_t taken = 0;
    for (mm_client_t c = 0;; c = (c + 1) % clients) {
        paddr_t base;
        if (!err_ok(mm_alloc(&w->mm, c, bytes, PAGE_SIZE, NULL, &base))) {
            break;
        }
        oracle_out(w, base, bytes, c);
        taken += bytes;
    }
    struct mm_stats s;
    mm_stats(&w->mm, &s);
    assert_true(s.largest < bytes);
    return taken;
}

static uint64_t own_from_self(const struct world *w)
{
    uint64_t bytes = 0;
    for (unsigned i = 0; i < w->own_pages; i++) {
        bytes += w->own[i].base != 0 ? PAGE_SIZE : 0;
    }
    return bytes;
}

static void free_all(struct world *w)
{
    struct mm_extent e;
    for (paddr_t at = 0; mm_next(&w->mm, at, &e); at = e.base + e.bytes) {
        if (e.state == MM_OUT && e.client != SERVER) {
            world_free(w, e.client, e.base, e.bytes);
            e.bytes = 0; /* what stands here now may be larger */
        }
    }
}

/* From the smallest memory upwards, so that the last refill meets every possible end of memory. */
static void all_memory_can_be_handed_out(void **state)
{
    (void)state;
    for (uint64_t pages = 1; pages < 3 * 512; pages += pages < 40 ? 1 : 37) {
        for (unsigned clients = 1; clients <= CROWD; clients = clients == 1   ? 2
                                                               : clients == 2 ? 20
                                                                              : CROWD + 1) {
            struct world *w = world_make();
            crowd(w);
            world_add(w, BASE + KIB(12), pages * PAGE_SIZE);
            w->refill_from_self = true;
            uint64_t taken = take_all(w, clients, PAGE_SIZE);
            /* What is missing is the manager's own. */
            assert_int_equal(taken + own_from_self(w), pages * PAGE_SIZE);
            world_compare(w);
            free_all(w);
            world_compare(w);
            world_end(w);
        }
    }
}

/* Every chunk gets mixed by a different number of owners: each kind of owner table is made with the reserve
 * at each level, because `skew` objects are used up beforehand. */
static void every_boundary_of_the_reserve(void **state)
{
    (void)state;
    unsigned releases = 0;
    for (unsigned skew = 0; skew < 70; skew++) {
        struct world *w = world_make();
        w->refill_from_self = true;
        w->refill_extra = 3;
        world_add(w, BASE, MIB(12));
        for (unsigned i = 0; i < skew; i++) {
            assert_ok(mm_client_add(&w->mm, 5000 + i, 0));
        }
        crowd(w);
        for (unsigned i = 0; i < MIB(12) / PAGE_SIZE - 40; i++) {
            /* Fixed places, so that clients mix from the first page on. */
            paddr_t at = BASE + i * PAGE_SIZE;
            mm_client_t client = i / 512 <= 3 ? i % CROWD : i / 512 == 4 ? i % 16 : i % 3;
            if (world_page(w, at)->state == ORACLE_FREE) {
                err_t e = mm_alloc_range(&w->mm, client, at, PAGE_SIZE, NULL);
                if (!err_ok(e)) {
                    assert_int_equal(world_page(w, at)->client, SERVER); /* refill took this very page */
                    continue;
                }
                oracle_out(w, at, PAGE_SIZE, client);
            }
        }
        assert_true(w->refills > 0 && w->depth_max == 1);
        world_compare(w);
        free_all(w);
        releases += w->releases;
        world_compare(w);
        world_end(w);
    }
    assert_true(releases > 0);
}

/* A story that needs all callbacks; returns whether it came to its end. */
static bool story(struct world *w, unsigned *stage)
{
    static const struct {
        uint64_t offset, bytes;
        mm_client_t client;
    } blocks[] = {
        {0, KIB(4), 1},
        {KIB(4), KIB(4), 2},
        {KIB(8), KIB(4), 3},
        {KIB(12), KIB(4), 4},
        {KIB(16), KIB(4), 5},
        {KIB(20), KIB(4), 6},
        {KIB(24), KIB(8), 7},
        {KIB(64), MIB(5), 1},
        {MIB(6), MIB(4), 2},
        {MIB(10), KIB(4), 3},
        {MIB(12), KIB(4), 3},
        {MIB(14), KIB(4), 3},
        {MIB(15), MIB(1) - KIB(4), 3},
    };
    for (; *stage < ARRAY_LENGTH(blocks); (*stage)++) {
        unsigned i = *stage;
        if (!err_ok(
                mm_alloc_range(&w->mm, blocks[i].client, BASE + blocks[i].offset, blocks[i].bytes, NULL))) {
            return false;
        }
        oracle_out(w, BASE + blocks[i].offset, blocks[i].bytes, blocks[i].client);
    }
    if (*stage == ARRAY_LENGTH(blocks)) {
        if (!err_ok(mm_free_range(&w->mm, 2, BASE + MIB(7), MIB(1)))) {
            return false;
        }
        oracle_back(w, BASE + MIB(7), MIB(1), ORACLE_FREE);
        (*stage)++;
    }
    if (*stage == ARRAY_LENGTH(blocks) + 1) {
        if (!err_ok(mm_free(&w->mm, 1, BASE + KIB(64), MIB(5)))) {
            return false;
        }
        oracle_back(w, BASE + KIB(64), MIB(5), ORACLE_FREE);
        (*stage)++;
    }
    for (mm_client_t c = 4000; *stage < 130; (*stage)++) {
        if (!err_ok(mm_client_add(&w->mm, c + *stage, KIB(4)))) {
            return false;
        }
    }
    return true;
}

/* The n-th callback fails, n from 1 until none is made to fail: each refusal changes nothing, and the story
 * goes on afterwards as if nothing had been. */
static void the_nth_callback_fails(void **state)
{
    (void)state;
    for (int n = 0;; n++) {
        struct world *w = world_make();
        crowd(w);
        world_add(w, BASE, MIB(16));
        w->fail_after = n;
        unsigned stage = 0;
        bool whole = story(w, &stage);
        assert_true(whole || w->failures == 1);
        w->fail_after = -1;
        world_compare(w);
        while (!story(w, &stage)) {
            fail();
        }
        world_compare(w);
        free_all(w);
        world_compare(w);
        int failures = w->failures;
        world_end(w);
        if (failures == 0) {
            assert_true(n > 15);
            break;
        }
    }
}

/* While refill fails again and again, the manager goes on as far as it can, refuses cleanly, and recovers. */
static void refill_fails_for_a_while(void **state)
{
    (void)state;
    struct world *w = world_make();
    world_add(w, BASE, MIB(256));
    assert_ok(mm_client_add(&w->mm, ALICE, MM_NO_QUOTA));
    bool refused = false;
    w->refill_fails = true;
    for (paddr_t at = BASE; at < BASE + MIB(256); at += MIB(2)) {
        err_t e = mm_alloc_range(&w->mm, ALICE, at, KIB(4), NULL);
        if (err_ok(e)) {
            assert_false(refused);
            oracle_out(w, at, KIB(4), ALICE);
        } else {
            assert_int_equal(e.code[0], ERR_NO_MEMORY);
            refused = true;
        }
    }
    assert_true(refused);
    assert_ok(mm_alloc_range(&w->mm, ALICE, BASE + MIB(254), MIB(2), NULL)); /* a whole chunk needs no note */
    oracle_out(w, BASE + MIB(254), MIB(2), ALICE);
    w->refill_fails = false;
    world_compare(w);
    world_alloc(w, ALICE, KIB(4), KIB(4));
    assert_ok(mm_alloc_range(&w->mm, ALICE, BASE + MIB(250), KIB(4), NULL));
    oracle_out(w, BASE + MIB(250), KIB(4), ALICE);
    world_compare(w);
    world_end(w);
}

/* Uses up all but `left` own objects, by clients. */
static void use_up(struct world *w, uint64_t left)
{
    for (mm_client_t c = 7000; w->mm.own.free_objects > left; c++) {
        bool refills = w->refill_fails;
        w->mm.refilling = true; /* as if it happened in a refill: the reserve may be used */
        w->refill_fails = true;
        assert_ok(mm_client_add(&w->mm, c, 0));
        w->mm.refilling = false;
        w->refill_fails = refills;
    }
}

/* Without an object: what needs one is refused with nothing changed, what needs none goes on; with refill
 * working again, everything does. */
static void without_any_own_memory(void **state)
{
    (void)state;
    struct world *w = world_make();
    uint64_t freed;
    paddr_t base = 0;
    world_add(w, BASE, MIB(16));
    assert_ok(mm_client_add(&w->mm, ALICE, MM_NO_QUOTA));
    assert_ok(mm_alloc_range(&w->mm, ALICE, BASE, MIB(8), NULL));
    oracle_out(w, BASE, MIB(8), ALICE);
    w->pending = true;
    assert_ok(mm_free_range(&w->mm, ALICE, BASE + MIB(6), MIB(2)));
    oracle_back(w, BASE + MIB(6), MIB(2), ORACLE_REVOKING);
    w->pending = false;
    use_up(w, 0);
    w->refill_fails = true;
    for (uint64_t i = 0; i < KIB(8); i += PAGE_SIZE) {
        world_page(w, BASE + MIB(1) + i)->capability = false;
    }
    assert_err(mm_alloc(&w->mm, ALICE, KIB(4), KIB(4), NULL, &base), ERR_NO_MEMORY, MIB(8));
    assert_err(mm_alloc_range(&w->mm, ALICE, BASE + MIB(8), KIB(4), NULL), ERR_NO_MEMORY, MIB(8));
    assert_err(mm_free_range(&w->mm, ALICE, BASE, KIB(4)), ERR_NO_MEMORY, 0);
    assert_err(mm_revoked(&w->mm, BASE + MIB(6), KIB(4)), ERR_NO_MEMORY, 0);
    assert_err(mm_reclaim(&w->mm, BASE, MIB(16), &freed), ERR_NO_MEMORY, 0);
    assert_err(mm_client_add(&w->mm, 9999, 0), ERR_NO_MEMORY, 0);
    assert_int_equal(freed, 0);
    world_compare(w);

    assert_ok(mm_free_range(&w->mm, ALICE, BASE + MIB(2), MIB(2))); /* a whole chunk */
    oracle_back(w, BASE + MIB(2), MIB(2), ORACLE_FREE);
    world_compare(w);

    w->refill_fails = false;
    assert_ok(mm_free_range(&w->mm, ALICE, BASE, KIB(4)));
    oracle_back(w, BASE, KIB(4), ORACLE_FREE);
    assert_ok(mm_reclaim(&w->mm, BASE, MIB(16), &freed));
    assert_int_equal(freed, KIB(8));
    oracle_back(w, BASE + MIB(1), KIB(8), ORACLE_FREE);
    assert_ok(mm_revoked(&w->mm, BASE + MIB(6), KIB(4))); /* a part of what was freed */
    oracle_back(w, BASE + MIB(6), KIB(4), ORACLE_FREE);
    world_page(w, BASE + MIB(6))->capability = false;
    world_alloc(w, ALICE, KIB(4), KIB(4));
    world_compare(w);
    world_end(w);
}

/* The last page goes to who asks for it, not to the manager: no refill could follow anyway. */
static void the_last_page_may_use_the_reserve_up(void **state)
{
    (void)state;
    struct world *w = world_make();
    w->refill_from_self = true;
    world_add(w, BASE, KIB(8));
    assert_ok(mm_client_add(&w->mm, ALICE, MM_NO_QUOTA));
    assert_ok(mm_client_add(&w->mm, ALICE + 1, MM_NO_QUOTA));
    world_alloc(w, ALICE, KIB(4), KIB(4));
    use_up(w, 24);
    world_alloc(w, ALICE + 1, KIB(4), KIB(4)); /* another owner in the chunk: two objects */
    assert_int_equal(w->mm.own.free_objects, 22);
    assert_int_equal(w->own_pages, 0);
    world_end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_any_own_memory),
        cmocka_unit_test(the_last_page_may_use_the_reserve_up),
        cmocka_unit_test(all_memory_can_be_handed_out),
        cmocka_unit_test(every_boundary_of_the_reserve),
        cmocka_unit_test(the_nth_callback_fails),
        cmocka_unit_test(refill_fails_for_a_while),
    };
    return cmocka_run_group_tests_name("mm_reserve", tests, NULL, NULL);
}
