/* SPDX-License-Identifier: MIT */
/* What each function of the family does, and what it says to a wrong pointer. */
#include "range.h"

static int setup(void **state)
{
    *state = range_make(MIB(16), false, 0);
    return 0;
}

static int setup_tool(void **state)
{
    *state = range_make(MIB(16), true, 16);
    return 0;
}

static int teardown(void **state)
{
    range_expect_empty(*state);
    range_end(*state);
    return 0;
}

static void init_refuses(void **state)
{
    struct range *r = *state;
    struct heap h;
    assert_int_equal(heap_init(&h, NULL, NULL, NULL, r->memory + 16, MIB(1)).detail, 4);
    assert_int_equal(heap_init(&h, NULL, NULL, NULL, r->memory, MIB(1) + 1).detail, 5);
    assert_int_equal(heap_init(&h, NULL, NULL, NULL, r->memory, 0).detail, 5);
    assert_int_equal(heap_init(&h, NULL, NULL, NULL, r->memory, PAGE_SIZE).detail, 5);
    assert_int_equal(heap_init(&h, NULL, NULL, NULL, r->memory, (size_t)1 << 44).detail, 5);
}

static void every_size_is_usable_and_aligned(void **state)
{
    struct range *r = *state;
    for (size_t bytes = 0; bytes < 70000; bytes += bytes < 300 ? 1 : 97) {
        unsigned char *p = heap_malloc(&r->heap, bytes);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % HEAP_ALIGNMENT, 0);
        size_t usable = heap_usable_size(&r->heap, p);
        assert_true(usable >= bytes);
        if (!r->tool) {
            assert_true(usable <= bytes + bytes / 4 + PAGE_SIZE); /* the slack is bounded */
            assert_true(bytes > 4096 || usable <= bytes + bytes / 4 + 16);
        }
        memset(p, 0xee, usable);
        heap_free(&r->heap, p);
    }
    assert_int_equal(heap_usable_size(&r->heap, NULL), 0);
    heap_free(&r->heap, NULL);
    assert_int_equal(r->misuses, 0);
}

static void blocks_of_no_bytes_are_distinct(void **state)
{
    struct range *r = *state;
    void *a = heap_malloc(&r->heap, 0);
    void *b = heap_malloc(&r->heap, 0);
    void *c = heap_calloc(&r->heap, 0, 8);
    assert_true(a && b && c && a != b && b != c);
    heap_free(&r->heap, a);
    heap_free(&r->heap, b);
    heap_free(&r->heap, c);
}

static void calloc_clears_and_notices_overflow(void **state)
{
    struct range *r = *state;
    static const size_t sizes[] = {1, 100, 5000, 40000, 300000};
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < ARRAY_LENGTH(sizes); i++) {
            unsigned char *p = heap_calloc(&r->heap, sizes[i], 1);
            for (size_t j = 0; j < sizes[i]; j++) {
                assert_int_equal(p[j], 0);
            }
            memset(p, 0xff, sizes[i]);
            heap_free(&r->heap, p);
        }
    }
    assert_null(heap_calloc(&r->heap, SIZE_MAX / 2, 3));
    assert_null(heap_calloc(&r->heap, SIZE_MAX, SIZE_MAX));
}

static void alignment_up_to_megabytes(void **state)
{
    struct range *r = *state;
    for (size_t alignment = 1; alignment <= MIB(4); alignment *= 2) {
        for (size_t bytes = 1; bytes < 100000; bytes = bytes * 3 + 1) {
            unsigned char *p = heap_memalign(&r->heap, alignment, bytes);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p & (alignment - 1), 0);
            memset(p, 1, bytes);
            heap_free(&r->heap, p);
        }
    }
    assert_null(heap_memalign(&r->heap, 0, 10));
    assert_null(heap_memalign(&r->heap, 24, 10));
    assert_null(heap_memalign(&r->heap, (size_t)1 << 63, 10));
}

static void too_much_is_null(void **state)
{
    struct range *r = *state;
    assert_null(heap_malloc(&r->heap, MIB(16)));
    assert_null(heap_malloc(&r->heap, SIZE_MAX));
    assert_null(heap_malloc(&r->heap, SIZE_MAX - 4095));
    void *p = heap_malloc(&r->heap, MIB(15));
    assert_non_null(p);
    assert_null(heap_malloc(&r->heap, MIB(1)));
    assert_null(heap_realloc(&r->heap, p, SIZE_MAX - 10));
    heap_free(&r->heap, p);
}

static void realloc_keeps_contents(void **state)
{
    struct range *r = *state;
    size_t size = 1;
    unsigned char *p = heap_realloc(&r->heap, NULL, size);
    p[0] = 1;
    while (size < MIB(3)) {
        size_t bigger = size * 2 + 5;
        p = heap_realloc(&r->heap, p, bigger);
        assert_non_null(p);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(p[i], (i * 7 + 1) & 0xff);
        }
        for (size_t i = size; i < bigger; i++) {
            p[i] = (unsigned char)(i * 7 + 1);
        }
        size = bigger;
    }
    while (size > 3) {
        size = size / 3;
        p = heap_realloc(&r->heap, p, size);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(p[i], (i * 7 + 1) & 0xff);
        }
    }
    p = heap_realloc(&r->heap, p, 0);
    assert_non_null(p);
    heap_free(&r->heap, p);
}

static void large_blocks_grow_and_shrink_in_place(void **state)
{
    struct range *r = *state;
    unsigned char *p = heap_malloc(&r->heap, KIB(100));
    assert_ptr_equal(heap_realloc(&r->heap, p, MIB(1)), p);
    assert_ptr_equal(heap_realloc(&r->heap, p, KIB(200)), p);
    unsigned char *q = heap_malloc(&r->heap, KIB(40)); /* stands in the way */
    assert_ptr_equal(q, p + KIB(200));
    unsigned char *moved = heap_realloc(&r->heap, p, KIB(400));
    assert_ptr_not_equal(moved, p);
    heap_free(&r->heap, moved);
    heap_free(&r->heap, q);
}

/* A smaller size is never refused, even when no other place can be had. */
static void shrinking_needs_no_memory(void **state)
{
    struct range *r = *state;
    void *p = heap_malloc(&r->heap, 20000);
    void *q = heap_malloc(&r->heap, MIB(2));
    r->commits = 0;
    r->keep = true;
    void *smaller = heap_realloc(&r->heap, p, 40);
    assert_non_null(smaller);
    q = heap_realloc(&r->heap, q, 100);
    assert_non_null(q);
    assert_null(heap_malloc(&r->heap, MIB(3)));
    r->keep = false;
    heap_free(&r->heap, smaller);
    heap_free(&r->heap, q);
}

static void expect_misuse(struct range *r, enum heap_misuse misuse, void *pointer)
{
    struct heap_figures before = heap_stats(&r->heap);
    unsigned misuses = r->misuses;
    heap_free(&r->heap, pointer);
    assert_null(heap_realloc(&r->heap, pointer, 10));
    assert_int_equal(heap_usable_size(&r->heap, pointer), 0);
    assert_int_equal(r->misuses, misuses + 3);
    assert_int_equal(r->misuse, misuse);
    assert_ptr_equal(r->misused, pointer);
    struct heap_figures after = heap_stats(&r->heap);
    assert_int_equal(after.blocks, before.blocks);
    assert_int_equal(after.misuses, before.misuses + 3);
    range_check(r);
}

static void wrong_pointers_are_told_and_have_no_effect(void **state)
{
    struct range *r = *state;
    int foreign;
    unsigned char *small = heap_malloc(&r->heap, 100);
    unsigned char *other = heap_malloc(&r->heap, 100);
    unsigned char *middle = heap_malloc(&r->heap, 5000);
    unsigned char *large = heap_malloc(&r->heap, KIB(200));
    expect_misuse(r, HEAP_FOREIGN, &foreign);
    expect_misuse(r, HEAP_FOREIGN, r->memory);
    expect_misuse(r, HEAP_FOREIGN, r->memory + r->bytes);
    expect_misuse(r, HEAP_NO_BLOCK, small + 1);
    expect_misuse(r, HEAP_NO_BLOCK, small + 16);
    expect_misuse(r, HEAP_NO_BLOCK, middle + 4096);
    expect_misuse(r, HEAP_NO_BLOCK, large + 16);
    expect_misuse(r, HEAP_NO_BLOCK, large + 4096);
    expect_misuse(r, HEAP_NO_BLOCK, r->memory + r->bytes - 4096 + 8);
    unsigned char *tail = heap_malloc(&r->heap, 48);
    expect_misuse(r, HEAP_NO_BLOCK,
                  tail + (size_t)85 * 48); /* 85 blocks fit into the page, and 16 bytes are left */
    heap_free(&r->heap, tail);
    heap_free(&r->heap, small);
    expect_misuse(r, HEAP_DOUBLE_FREE, small);
    heap_free(&r->heap, large);
    expect_misuse(r, HEAP_DOUBLE_FREE, large);
    heap_free(&r->heap, middle);
    expect_misuse(r, HEAP_DOUBLE_FREE, middle);
    heap_free(&r->heap, other);
    (void)heap_trim(&r->heap);
    expect_misuse(r, HEAP_DOUBLE_FREE, small - ((uintptr_t)small & PAGE_MASK));
}

/* Free memory is not written to, so a use after free harms whoever has it next, never the heap. */
static void writing_into_free_memory_does_not_harm_the_heap(void **state)
{
    struct range *r = *state;
    unsigned char *p[64];
    for (unsigned i = 0; i < 64; i++) {
        p[i] = heap_malloc(&r->heap, 48);
    }
    for (unsigned i = 0; i < 64; i += 2) {
        heap_free(&r->heap, p[i]);
        memset(p[i], 0xdd, 48);
    }
    range_check(r);
    for (unsigned i = 0; i < 64; i += 2) {
        p[i] = heap_malloc(&r->heap, 48);
        assert_int_equal(p[i][0], 0xdd); /* and is handed out as it is */
    }
    for (unsigned i = 0; i < 64; i++) {
        heap_free(&r->heap, p[i]);
    }
}

static void memory_is_given_back(void **state)
{
    struct range *r = *state;
    static void *p[2000];
    for (unsigned i = 0; i < 2000; i++) {
        p[i] = heap_malloc(&r->heap, 4000);
    }
    assert_int_equal(r->released, 0);
    for (unsigned i = 0; i < 2000; i++) {
        heap_free(&r->heap, p[i]);
    }
    struct heap_figures f = heap_stats(&r->heap);
    assert_true(r->released >= MIB(5)); /* by itself, all but a MiB or so */
    assert_true(f.dirty <= MIB(2));
    assert_int_equal(f.released, r->released);
    assert_true(f.used_max >= MIB(7));
    size_t before = r->released;
    size_t trimmed = heap_trim(&r->heap);
    assert_int_equal(trimmed, r->released - before);
    assert_int_equal(heap_stats(&r->heap).dirty, 0);
}

static void a_block_again_and_again_asks_for_memory_once(void **state)
{
    struct range *r = *state;
    heap_free(&r->heap, heap_malloc(&r->heap, 100));
    heap_free(&r->heap, heap_malloc(&r->heap, KIB(64)));
    r->commits = 0;
    for (unsigned i = 0; i < 1000; i++) {
        void *p = heap_malloc(&r->heap, 100);
        void *q = heap_malloc(&r->heap, KIB(64));
        assert_true(p && q);
        heap_free(&r->heap, p);
        heap_free(&r->heap, q);
    }
    assert_int_equal(r->released, 0);
}

/* The n-th commit fails: NULL, nothing lost, and the next attempt succeeds. */
static void the_nth_commit_fails(void **state)
{
    struct range *r = *state;
    static const size_t sizes[] = {10, 2000, 9000, 50000, 400000, 20, 100, 5000};
    for (long n = 0; n < 10; n++) {
        void *p[ARRAY_LENGTH(sizes)];
        bool failed = false;
        r->commits = n;
        for (unsigned i = 0; i < ARRAY_LENGTH(sizes); i++) {
            p[i] = heap_malloc(&r->heap, sizes[i]);
            if (!p[i]) {
                failed = true;
                range_check(r);
                r->commits = -1;
                p[i] = heap_malloc(&r->heap, sizes[i]);
                assert_non_null(p[i]);
            }
        }
        assert_true(failed == (n < 8));
        r->commits = -1;
        for (unsigned i = 0; i < ARRAY_LENGTH(sizes); i++) {
            heap_free(&r->heap, p[i]);
        }
        range_expect_empty(r);
    }
}

static void all_of_the_range_can_be_used(void **state)
{
    struct range *r = *state;
    size_t got = 0;
    void **last = NULL;
    for (void **p; (p = heap_malloc(&r->heap, 4096)) != NULL; last = p, got += 4096) {
        *p = last;
    }
    assert_true(got >= MIB(16) / 65 * 64 - KIB(8));
    while (last) {
        void **next = *last;
        heap_free(&r->heap, last);
        last = next;
    }
}

static void tools_hear_of_every_block(void **state)
{
    struct range *r = *state;
    void *p = heap_malloc(&r->heap, 100);
    assert_int_equal(heap_usable_size(&r->heap, p), 100);
    p = heap_realloc(&r->heap, p, 90);
    assert_int_equal(heap_usable_size(&r->heap, p), 90);
    void *q = heap_malloc(&r->heap, KIB(100) + 1);
    assert_int_equal(heap_usable_size(&r->heap, q), KIB(100) + 1);
    q = heap_realloc(&r->heap, q, KIB(100) + 50);
    q = heap_realloc(&r->heap, q, KIB(200));
    q = heap_realloc(&r->heap, q, KIB(90));
    assert_int_equal(heap_usable_size(&r->heap, q), KIB(90));
    assert_true(r->told >= 4);
    heap_free(&r->heap, p);
    heap_free(&r->heap, q);
    for (size_t i = 0; i < r->bytes; i++) {
        assert_int_equal(r->state[i], 0);
    }
}

struct text {
    char bytes[1024];
    size_t length;
};

static void keep_text(void *context, const char *bytes, size_t count)
{
    struct text *t = context;
    assert_true(t->length + count < sizeof(t->bytes));
    memcpy(t->bytes + t->length, bytes, count);
    t->length += count;
}

static void dump_tells_sizes(void **state)
{
    struct range *r = *state;
    void *a = heap_malloc(&r->heap, 100);
    void *b = heap_malloc(&r->heap, 1000);
    void *c = heap_malloc(&r->heap, MIB(1));
    struct text text = {0};
    heap_dump(&r->heap, keep_text, &text);
    assert_string_equal(text.bytes, "3 blocks, 1032 KiB in use (most: 1032), 0 KiB free and resident\n"
                                    "   112 bytes: 1 of 36 blocks\n"
                                    "  1024 bytes: 1 of 4 blocks\n"
                                    " large: 1 blocks\n");
    heap_free(&r->heap, a);
    heap_free(&r->heap, b);
    heap_free(&r->heap, c);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TOOL(f)                                                                                              \
    {                                                                                                        \
#f "_with_a_tool", f, setup_tool, teardown, NULL                                                     \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(init_refuses),
        CASE(every_size_is_usable_and_aligned),
        CASE(blocks_of_no_bytes_are_distinct),
        CASE(calloc_clears_and_notices_overflow),
        CASE(alignment_up_to_megabytes),
        CASE(too_much_is_null),
        CASE(realloc_keeps_contents),
        CASE(large_blocks_grow_and_shrink_in_place),
        CASE(shrinking_needs_no_memory),
        CASE(wrong_pointers_are_told_and_have_no_effect),
        CASE(writing_into_free_memory_does_not_harm_the_heap),
        CASE(memory_is_given_back),
        CASE(a_block_again_and_again_asks_for_memory_once),
        CASE(the_nth_commit_fails),
        CASE(all_of_the_range_can_be_used),
        CASE(dump_tells_sizes),
        TOOL(tools_hear_of_every_block),
        TOOL(every_size_is_usable_and_aligned),
        TOOL(blocks_of_no_bytes_are_distinct),
        TOOL(calloc_clears_and_notices_overflow),
        TOOL(alignment_up_to_megabytes),
        TOOL(realloc_keeps_contents),
        TOOL(shrinking_needs_no_memory),
    };
    return cmocka_run_group_tests_name("heap_blocks", tests, NULL, NULL);
}
