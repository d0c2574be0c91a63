/* SPDX-License-Identifier: MIT */
/* What each call does and each refusal says. */
#include "world.h"

#define BASE   0x80000000ull
#define ALICE  1u
#define BOB    2u
#define NOBODY 3u

static int setup(void **state)
{
    struct world *w = world_make();
    world_add(w, BASE, MIB(64));
    assert_ok(mm_client_add(&w->mm, ALICE, MIB(32)));
    assert_ok(mm_client_add(&w->mm, BOB, MM_NO_QUOTA));
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world_compare(*state);
    world_end(*state);
    return 0;
}

static uint64_t used(struct world *w, mm_client_t client)
{
    struct mm_account a;
    assert_ok(mm_client_account(&w->mm, client, &a));
    return a.used;
}

static void init_refuses_bad_memory(void **state)
{
    (void)state;
    static _Alignas(4096) char memory[8192];
    struct mm mm;
    assert_err(mm_init(&mm, NULL, NULL, memory + 64, 4096), ERR_BAD_ARGUMENT, 3);
    assert_err(mm_init(&mm, NULL, NULL, memory, 4095), ERR_BAD_ARGUMENT, 4);
}

static void add_refuses_what_is_no_region(void **state)
{
    struct mm *mm = &((struct world *)*state)->mm;
    assert_err(mm_add(mm, 0x1000, 0, 0, NULL), ERR_MM_SIZE, 0);
    assert_err(mm_add(mm, 0x1000, 0x1800, 0, NULL), ERR_MM_SIZE, 0x1800);
    assert_err(mm_add(mm, 0, (uint64_t)1 << 44, 0, NULL), ERR_MM_SIZE, (uint64_t)1 << 44);
    assert_err(mm_add(mm, 0x1800, 0x1000, 0, NULL), ERR_UNALIGNED, 0x1800);
    assert_err(mm_add(mm, (uint64_t)-4096, 0x1000, 0, NULL), ERR_OUT_OF_RANGE, (uint64_t)-4096);
    assert_err(mm_add(mm, BASE - 4096, 0x2000, 0, NULL), ERR_MM_OVERLAP, BASE);
    assert_err(mm_add(mm, BASE + MIB(64) - 4096, 0x2000, 0, NULL), ERR_MM_OVERLAP, BASE);
    assert_err(mm_add(mm, BASE + 4096, 0x1000, 0, NULL), ERR_MM_OVERLAP, BASE);
    assert_int_equal(mm_table_bytes(0x1800, 0x1000), 0);
}

static void region_above_four_gigabytes_and_at_the_end_of_addresses(void **state)
{
    struct world *w = *state;
    world_add(w, GIB(64), MIB(4));
    world_add(w, (uint64_t)-8192, 4096);
    assert_ok(mm_alloc_range(&w->mm, BOB, (uint64_t)-8192, 4096, NULL));
    oracle_out(w, (uint64_t)-8192, 4096, BOB);
    assert_ok(mm_alloc_range(&w->mm, BOB, GIB(64), MIB(4), NULL));
    oracle_out(w, GIB(64), MIB(4), BOB);
}

static void remove_wants_all_of_it_free(void **state)
{
    struct world *w = *state;
    paddr_t at = world_alloc(w, BOB, KIB(8), KIB(4));
    assert_err(mm_remove(&w->mm, BASE), ERR_BUSY, KIB(8));
    assert_err(mm_remove(&w->mm, BASE + 4096), ERR_MM_UNKNOWN, BASE + 4096);
    world_free(w, BOB, at, KIB(8));
    assert_ok(mm_remove(&w->mm, BASE));
    assert_err(mm_remove(&w->mm, BASE), ERR_MM_UNKNOWN, BASE);
    assert_ok(mm_add(&w->mm, BASE, MIB(64), 0, w->region[0].table));
}

static void any_multiple_of_a_page_without_rounding(void **state)
{
    struct world *w = *state;
    for (uint64_t pages = 1; pages < 130; pages += 7) {
        uint64_t before = used(w, BOB);
        world_alloc(w, BOB, pages * PAGE_SIZE, PAGE_SIZE);
        assert_int_equal(used(w, BOB) - before, pages * PAGE_SIZE);
    }
}

static void alignment_up_to_a_gigabyte(void **state)
{
    struct world *w = *state;
    world_add(w, GIB(5) - MIB(10), GIB(2));
    for (uint64_t alignment = PAGE_SIZE; alignment <= GIB(1); alignment *= 2) {
        world_alloc(w, BOB, PAGE_SIZE, alignment);
    }
    paddr_t base;
    assert_err(mm_alloc(&w->mm, BOB, PAGE_SIZE, GIB(16), NULL, &base), ERR_NO_MEMORY,
               GIB(1) - MIB(10) - PAGE_SIZE);
}

static void alloc_refusals_leave_base_alone(void **state)
{
    struct world *w = *state;
    paddr_t base = 7;
    assert_err(mm_alloc(&w->mm, BOB, 0, 4096, NULL, &base), ERR_MM_SIZE, 0);
    assert_err(mm_alloc(&w->mm, BOB, 4097, 4096, NULL, &base), ERR_MM_SIZE, 4097);
    assert_err(mm_alloc(&w->mm, BOB, 4096, 0, NULL, &base), ERR_MM_ALIGNMENT, 0);
    assert_err(mm_alloc(&w->mm, BOB, 4096, 2048, NULL, &base), ERR_MM_ALIGNMENT, 2048);
    assert_err(mm_alloc(&w->mm, BOB, 4096, 12288, NULL, &base), ERR_MM_ALIGNMENT, 12288);
    assert_err(mm_alloc(&w->mm, NOBODY, 4096, 4096, NULL, &base), ERR_NOT_FOUND, NOBODY);
    assert_err(mm_alloc(&w->mm, ALICE, MIB(32) + 4096, 4096, NULL, &base), ERR_MM_QUOTA, MIB(32));
    assert_err(mm_alloc(&w->mm, BOB, MIB(64) + 4096, 4096, NULL, &base), ERR_NO_MEMORY, MIB(64));
    assert_err(mm_alloc(&w->mm, BOB, (uint64_t)-4096, 4096, NULL, &base), ERR_NO_MEMORY, MIB(64));
    w->fail_after = 0;
    assert_err(mm_alloc(&w->mm, BOB, 4096, 4096, NULL, &base), ERR_CAP_LOCKED, 77);
    assert_int_equal(base, 7);
    assert_int_equal(used(w, BOB), 0);
}

static void alloc_range_gives_exactly_that(void **state)
{
    struct world *w = *state;
    assert_ok(mm_alloc_range(&w->mm, ALICE, BASE + MIB(3) + 4096, MIB(5), NULL));
    oracle_out(w, BASE + MIB(3) + 4096, MIB(5), ALICE);
    assert_err(mm_alloc_range(&w->mm, BOB, BASE + MIB(3), 8192, NULL), ERR_NO_MEMORY, BASE + MIB(3) + 4096);
    assert_err(mm_alloc_range(&w->mm, BOB, BASE + MIB(8), 8192, NULL), ERR_NO_MEMORY, BASE + MIB(8));
    assert_err(mm_alloc_range(&w->mm, BOB, BASE + 1, 8192, NULL), ERR_UNALIGNED, BASE + 1);
    assert_err(mm_alloc_range(&w->mm, BOB, BASE + MIB(64) - 4096, 8192, NULL), ERR_MM_UNKNOWN,
               BASE + MIB(64) - 4096);
    assert_err(mm_alloc_range(&w->mm, BOB, 0, 8192, NULL), ERR_MM_UNKNOWN, 0);
    assert_err(mm_alloc_range(&w->mm, BOB, BASE, 0, NULL), ERR_MM_SIZE, 0);
    assert_err(mm_alloc_range(&w->mm, NOBODY, BASE, 4096, NULL), ERR_NOT_FOUND, NOBODY);
}

static void no_block_reaches_over_two_regions(void **state)
{
    struct world *w = *state;
    world_add(w, BASE + MIB(64), MIB(64));
    paddr_t base = 0;
    assert_err(mm_alloc(&w->mm, BOB, MIB(64) + 4096, 4096, NULL, &base), ERR_NO_MEMORY, MIB(64));
    assert_err(mm_alloc_range(&w->mm, BOB, BASE + MIB(63), MIB(2), NULL), ERR_MM_UNKNOWN, BASE + MIB(63));
}

static void wrong_frees_have_no_effect(void **state)
{
    struct world *w = *state;
    paddr_t at = world_alloc(w, ALICE, KIB(64), KIB(4));
    paddr_t large = world_alloc(w, ALICE, MIB(8), MIB(2));
    assert_err(mm_free(&w->mm, ALICE, at, 0), ERR_MM_SIZE, 0);
    assert_err(mm_free(&w->mm, ALICE, at + 5, 4096), ERR_UNALIGNED, at + 5);
    assert_err(mm_free(&w->mm, ALICE, 0, 4096), ERR_MM_UNKNOWN, 0);
    assert_err(mm_free(&w->mm, ALICE, BASE + MIB(60), MIB(8)), ERR_MM_UNKNOWN, BASE + MIB(64));
    assert_err(mm_free(&w->mm, BOB, at, KIB(64)), ERR_MM_FOREIGN, at);
    assert_err(mm_free(&w->mm, NOBODY, at, KIB(64)), ERR_NOT_FOUND, NOBODY);
    assert_err(mm_free(&w->mm, ALICE, at, KIB(60)), ERR_MM_UNKNOWN, at);
    assert_err(mm_free(&w->mm, ALICE, at, KIB(68)), ERR_MM_UNKNOWN, at);
    assert_err(mm_free(&w->mm, ALICE, at + KIB(4), KIB(60)), ERR_MM_UNKNOWN, at + KIB(4));
    assert_err(mm_free(&w->mm, ALICE, large + MIB(2), MIB(6)), ERR_MM_UNKNOWN, large + MIB(2));
    assert_err(mm_free(&w->mm, ALICE, BASE + MIB(60), KIB(4)), ERR_MM_DOUBLE_FREE, BASE + MIB(60));
    world_compare(w);
    assert_int_equal(used(w, ALICE), KIB(64) + MIB(8));
    assert_int_equal(w->revoked, 0); /* the kernel was not asked */
    world_free(w, ALICE, at, KIB(64));
    assert_err(mm_free(&w->mm, ALICE, at, KIB(64)), ERR_MM_DOUBLE_FREE, at);
}

static void the_kernel_may_refuse_a_free(void **state)
{
    struct world *w = *state;
    paddr_t at = world_alloc(w, ALICE, KIB(64), KIB(4));
    w->fail_after = 0;
    assert_err(mm_free(&w->mm, ALICE, at, KIB(64)), ERR_CAP_LOCKED, 77);
    world_page(w, at + KIB(8))->straddled = true;
    assert_err(mm_free_range(&w->mm, ALICE, at, KIB(8)), ERR_CAP_REVOKE_FIRST, 0);
    world_compare(w);
    assert_int_equal(used(w, ALICE), KIB(64));
}

static void a_block_is_split_exactly(void **state)
{
    struct world *w = *state;
    paddr_t at = world_alloc(w, ALICE, MIB(9), MIB(2));
    assert_ok(mm_free_range(&w->mm, ALICE, at + MIB(1), MIB(3) + KIB(4)));
    oracle_back(w, at + MIB(1), MIB(3) + KIB(4), ORACLE_FREE);
    world_compare(w);
    assert_int_equal(used(w, ALICE), MIB(6) - KIB(4));
    assert_err(mm_free_range(&w->mm, ALICE, at, MIB(9)), ERR_MM_DOUBLE_FREE, at + MIB(1));
    world_free(w, ALICE, at, MIB(1)); /* both rests are blocks now */
    world_free(w, ALICE, at + MIB(4) + KIB(4), MIB(5) - KIB(4));
    assert_int_equal(used(w, ALICE), 0);
}

static void a_split_between_chunks_makes_two_blocks(void **state)
{
    struct world *w = *state;
    paddr_t at = world_alloc(w, ALICE, MIB(8), MIB(2));
    assert_ok(mm_free_range(&w->mm, ALICE, at, MIB(2)));
    oracle_back(w, at, MIB(2), ORACLE_FREE);
    world_free(w, ALICE, at + MIB(2), MIB(6));
}

static void a_range_may_hold_several_blocks_but_of_one_client(void **state)
{
    struct world *w = *state;
    assert_ok(mm_alloc_range(&w->mm, ALICE, BASE, KIB(16), NULL));
    assert_ok(mm_alloc_range(&w->mm, ALICE, BASE + KIB(16), KIB(16), NULL));
    assert_ok(mm_alloc_range(&w->mm, BOB, BASE + KIB(32), KIB(16), NULL));
    oracle_out(w, BASE, KIB(16), ALICE);
    oracle_out(w, BASE + KIB(16), KIB(16), ALICE);
    oracle_out(w, BASE + KIB(32), KIB(16), BOB);
    assert_err(mm_free_range(&w->mm, ALICE, BASE, KIB(48)), ERR_MM_FOREIGN, BASE + KIB(32));
    assert_err(mm_free(&w->mm, ALICE, BASE, KIB(32)), ERR_MM_UNKNOWN, BASE);
    assert_ok(mm_free_range(&w->mm, ALICE, BASE + KIB(8), KIB(16)));
    oracle_back(w, BASE + KIB(8), KIB(16), ORACLE_FREE);
}

static void pending_revoke_credits_at_once_and_gives_memory_later(void **state)
{
    struct world *w = *state;
    paddr_t at = world_alloc(w, ALICE, MIB(32), MIB(2));
    w->pending = true;
    world_free(w, ALICE, at, MIB(32));
    assert_int_equal(used(w, ALICE), 0);
    assert_err(mm_free(&w->mm, ALICE, at, MIB(32)), ERR_MM_DOUBLE_FREE, at);
    assert_err(mm_alloc_range(&w->mm, BOB, at, KIB(4), NULL), ERR_NO_MEMORY, at);
    assert_err(mm_remove(&w->mm, BASE), ERR_BUSY, MIB(32));
    struct mm_stats s;
    mm_stats(&w->mm, &s);
    assert_int_equal(s.revoking, MIB(32));
    assert_int_equal(s.managed, s.free + s.out + s.revoking);
    assert_err(mm_revoked(&w->mm, at, MIB(33)), ERR_MM_UNKNOWN, at + MIB(32));
    for (uint64_t i = 0; i < MIB(32); i += PAGE_SIZE) {
        world_page(w, at + i)->state = ORACLE_FREE;
        world_page(w, at + i)->capability = false;
    }
    assert_ok(mm_revoked(&w->mm, at, MIB(32)));
    assert_err(mm_revoked(&w->mm, at, MIB(32)), ERR_MM_UNKNOWN, at);
    mm_stats(&w->mm, &s);
    assert_int_equal(s.largest, MIB(64));
}

static void reclaim_takes_what_lost_its_last_capability(void **state)
{
    struct world *w = *state;
    paddr_t one = world_alloc(w, ALICE, KIB(16), KIB(4));
    paddr_t large = world_alloc(w, BOB, MIB(6), MIB(2));
    uint64_t freed = 99;
    assert_ok(mm_reclaim(&w->mm, BASE, MIB(64), &freed));
    assert_int_equal(freed, 0);
    for (uint64_t i = 0; i < KIB(8); i += PAGE_SIZE) {
        world_page(w, one + KIB(8) + i)->capability = false;
        world_page(w, large + MIB(2) + i)->capability = false;
    }
    assert_err(mm_reclaim(&w->mm, BASE, MIB(65), &freed), ERR_MM_UNKNOWN, BASE + MIB(64));
    assert_ok(mm_reclaim(&w->mm, BASE, MIB(64), &freed));
    assert_int_equal(freed, KIB(16));
    oracle_back(w, one + KIB(8), KIB(8), ORACLE_FREE);
    oracle_back(w, large + MIB(2), KIB(8), ORACLE_FREE);
    assert_int_equal(used(w, ALICE), KIB(8));
    assert_int_equal(used(w, BOB), MIB(6) - KIB(8));
}

/* What is dropped behind the walk leaves the mark set, so that the next walk finds it: nothing is lost. */
static void a_drop_during_reclaim_is_not_lost(void **state)
{
    struct world *w = *state;
    paddr_t first = world_alloc(w, ALICE, KIB(4), KIB(4));
    paddr_t second = world_alloc(w, ALICE, KIB(4), KIB(4));
    uint64_t freed;
    assert_true(first < second);
    world_page(w, second)->capability = false;
    w->marked = true;
    assert_ok(mm_reclaim(&w->mm, second, KIB(4), &freed));
    assert_int_equal(freed, KIB(4));
    oracle_back(w, second, KIB(4), ORACLE_FREE);
    assert_false(w->marked);

    second = world_alloc(w, ALICE, KIB(4), KIB(4));
    world_page(w, second)->capability = false;
    w->drop = first;
    assert_ok(mm_reclaim(&w->mm, second, KIB(4), &freed)); /* looks behind `first` only */
    oracle_back(w, second, KIB(4), ORACLE_FREE);
    assert_true(w->marked);
    assert_ok(mm_reclaim(&w->mm, BASE, MIB(64), &freed));
    assert_int_equal(freed, KIB(4));
    oracle_back(w, first, KIB(4), ORACLE_FREE);
    assert_false(w->marked);
}

static void quotas_bound_and_move(void **state)
{
    struct world *w = *state;
    struct mm *mm = &w->mm;
    paddr_t at = world_alloc(w, ALICE, MIB(20), KIB(4));
    assert_ok(mm_client_add(mm, NOBODY, MIB(1)));
    assert_err(mm_client_add(mm, NOBODY, MIB(1)), ERR_EXISTS, NOBODY);
    assert_err(mm_client_set_quota(mm, ALICE, MIB(19)), ERR_MM_QUOTA, MIB(20));
    assert_err(mm_client_set_quota(mm, 99, MIB(19)), ERR_NOT_FOUND, 99);
    assert_err(mm_free_range(mm, 99, at, KIB(4)), ERR_NOT_FOUND, 99);
    assert_ok(mm_client_set_quota(mm, ALICE, MIB(32)));
    assert_err(mm_client_move_quota(mm, ALICE, NOBODY, MIB(13)), ERR_MM_QUOTA, MIB(12));
    assert_ok(mm_client_move_quota(mm, ALICE, NOBODY, MIB(12)));
    assert_err(mm_client_move_quota(mm, BOB, ALICE, 4096), ERR_MM_QUOTA, 0);
    assert_err(mm_client_move_quota(mm, ALICE, BOB, 0), ERR_OUT_OF_RANGE, 0);
    assert_err(mm_client_move_quota(mm, ALICE, 99, 0), ERR_NOT_FOUND, 99);
    paddr_t none;
    assert_err(mm_alloc(mm, ALICE, 4096, 4096, NULL, &none), ERR_MM_QUOTA, MIB(20));
    paddr_t other = world_alloc(w, NOBODY, MIB(13), KIB(4));
    assert_err(mm_client_remove(mm, ALICE), ERR_BUSY, MIB(20));
    world_free(w, ALICE, at, MIB(20));
    assert_ok(mm_client_remove(mm, ALICE));
    assert_err(mm_client_remove(mm, ALICE), ERR_NOT_FOUND, ALICE);
    struct mm_account a;
    assert_err(mm_client_account(mm, ALICE, &a), ERR_NOT_FOUND, ALICE);
    world_free(w, NOBODY, other, MIB(13));
}

static void everything_freed_is_one_block_again(void **state)
{
    struct world *w = *state;
    static paddr_t at[16384];
    for (unsigned i = 0; i < 16384; i++) {
        at[i] = world_alloc(w, i % 2 ? ALICE : BOB, PAGE_SIZE, PAGE_SIZE);
    }
    paddr_t none;
    assert_err(mm_alloc(&w->mm, BOB, 4096, 4096, NULL, &none), ERR_NO_MEMORY, 0);
    for (unsigned i = 0; i < 16384; i++) {
        unsigned j = i * 12345u % 16384;
        world_free(w, j % 2 ? ALICE : BOB, at[j], PAGE_SIZE);
    }
    struct mm_stats s;
    mm_stats(&w->mm, &s);
    assert_int_equal(s.largest, MIB(64));
}

/* A callback that calls the manager in the middle of an operation is told so. */
static struct mm *reentered;
static unsigned busy;

static void reenter(void)
{
    paddr_t base;
    uint64_t freed;
    busy += err_is(mm_alloc(reentered, BOB, 4096, 4096, NULL, &base), ERR_BUSY);
    busy += err_is(mm_alloc_range(reentered, BOB, BASE, 4096, NULL), ERR_BUSY);
    busy += err_is(mm_free(reentered, BOB, BASE, 4096), ERR_BUSY);
    busy += err_is(mm_free_range(reentered, BOB, BASE, 4096), ERR_BUSY);
    busy += err_is(mm_revoked(reentered, BASE, 4096), ERR_BUSY);
    busy += err_is(mm_reclaim(reentered, BASE, 4096, &freed), ERR_BUSY);
    busy += err_is(mm_remove(reentered, BASE), ERR_BUSY);
    busy += err_is(mm_add(reentered, 0, 4096, 0, NULL), ERR_BUSY);
    busy += err_is(mm_client_add(reentered, 50, 0), ERR_BUSY);
    busy += err_is(mm_client_remove(reentered, BOB), ERR_BUSY);
}

static err_t retype_reentering(void *context, uint64_t region, uint64_t offset, uint64_t bytes, void *into)
{
    (void)context, (void)region, (void)offset, (void)bytes, (void)into;
    reenter();
    return OK;
}

static err_t revoke_reentering(void *context, uint64_t region, uint64_t offset, uint64_t bytes, bool *pending)
{
    (void)context, (void)region, (void)offset, (void)bytes, (void)pending;
    reenter();
    return OK;
}

static void callbacks_in_the_middle_are_told_busy(void **state)
{
    struct world *w = *state;
    static const struct mm_ops ops = {.retype = retype_reentering, .revoke = revoke_reentering};
    const struct mm_ops *before = w->mm.ops;
    reentered = &w->mm;
    w->mm.ops = &ops;
    paddr_t base;
    assert_ok(mm_alloc(&w->mm, BOB, 4096, 4096, NULL, &base));
    assert_ok(mm_free(&w->mm, BOB, base, 4096));
    assert_int_equal(busy, 20);
    w->mm.ops = before;
}

struct text {
    char bytes[4096];
    size_t length;
};

static void keep(void *context, const char *bytes, size_t count)
{
    struct text *t = context;
    assert_true(t->length + count < sizeof(t->bytes));
    memcpy(t->bytes + t->length, bytes, count);
    t->length += count;
}

static void dump_tells_extents_and_accounts(void **state)
{
    struct world *w = *state;
    struct text text = {0};
    assert_ok(mm_alloc_range(&w->mm, ALICE, BASE + MIB(1), MIB(4), NULL));
    oracle_out(w, BASE + MIB(1), MIB(4), ALICE);
    mm_dump(&w->mm, keep, &text);
    char expected[1024];
    format_to(expected, sizeof(expected),
              "region 0x80000000..0x83ffffff: 65536 KiB, 61440 KiB free\n"
              "  0x80000000 1024 KiB free\n"
              "  0x80100000 4096 KiB out client 1\n"
              "  0x80500000 60416 KiB free\n"
              "client 1: 4096 KiB of 32768 KiB\n"
              "client 2: 0 KiB of any\n"
              "client 1000: 0 KiB of any\n"
              "all: 65536 KiB = 61440 free + 4096 out + 0 revoking; largest 60416; own data %u bytes\n",
              (unsigned)world_own_bytes(w));
    assert_string_equal(text.bytes, expected);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_refuses_bad_memory),
        CASE(add_refuses_what_is_no_region),
        CASE(region_above_four_gigabytes_and_at_the_end_of_addresses),
        CASE(remove_wants_all_of_it_free),
        CASE(any_multiple_of_a_page_without_rounding),
        CASE(alignment_up_to_a_gigabyte),
        CASE(alloc_refusals_leave_base_alone),
        CASE(alloc_range_gives_exactly_that),
        CASE(no_block_reaches_over_two_regions),
        CASE(wrong_frees_have_no_effect),
        CASE(the_kernel_may_refuse_a_free),
        CASE(a_block_is_split_exactly),
        CASE(a_split_between_chunks_makes_two_blocks),
        CASE(a_range_may_hold_several_blocks_but_of_one_client),
        CASE(pending_revoke_credits_at_once_and_gives_memory_later),
        CASE(reclaim_takes_what_lost_its_last_capability),
        CASE(a_drop_during_reclaim_is_not_lost),
        CASE(quotas_bound_and_move),
        CASE(everything_freed_is_one_block_again),
        CASE(callbacks_in_the_middle_are_told_busy),
        CASE(dump_tells_extents_and_accounts),
    };
    return cmocka_run_group_tests_name("mm_basic", tests, NULL, NULL);
}
