/* SPDX-License-Identifier: MIT */
/* Random calls of the whole family; every block carries a pattern that must be there at its end. */
#include "range.h"

#define BLOCKS 600u

struct block {
    unsigned char *p;
    size_t bytes;
    unsigned char seed;
};

struct run {
    struct range *r;
    uint64_t seed;
    struct block block[BLOCKS];
};

static uint64_t pick(struct run *t, uint64_t below)
{
    return random_next(&t->seed) % below;
}

static size_t pick_size(struct run *t)
{
    static const size_t most[] = {16, 64, 300, 300, 2000, 9000, 40000, 200000};
    return pick(t, most[pick(t, ARRAY_LENGTH(most))]);
}

/* Every byte of small blocks, some of large ones: the same ones each time. */
static size_t stride(size_t at)
{
    return at < 5000 ? 1 : 61;
}

static void fill(struct run *t, struct block *b)
{
    b->seed = (unsigned char)pick(t, 256);
    for (size_t i = 0; i < b->bytes; i += stride(i)) {
        b->p[i] = (unsigned char)(b->seed + i * 13);
    }
}

static void expect_pattern(const struct block *b, size_t bytes)
{
    size_t wrong = 0;
    for (size_t i = 0; i < bytes; i += stride(i)) {
        wrong += b->p[i] != (unsigned char)(b->seed + i * 13);
    }
    assert_int_equal(wrong, 0);
}

static bool all_zero(const unsigned char *p, size_t bytes)
{
    size_t wrong = 0;
    for (size_t i = 0; i < bytes; i++) {
        wrong += p[i] != 0;
    }
    return wrong == 0;
}

static void begin(struct run *t, struct block *b)
{
    b->bytes = pick_size(t);
    switch (pick(t, 4)) {
    case 0: {
        size_t alignment = (size_t)1 << pick(t, 15);
        b->p = heap_memalign(&t->r->heap, alignment, b->bytes);
        assert_int_equal((uintptr_t)b->p & (alignment - 1), 0);
        break;
    }
    case 1:
        b->p = heap_calloc(&t->r->heap, b->bytes, 1);
        assert_true(!b->p || all_zero(b->p, b->bytes));
        break;
    default:
        b->p = heap_malloc(&t->r->heap, b->bytes);
        break;
    }
    if (b->p) {
        assert_true(heap_usable_size(&t->r->heap, b->p) >= b->bytes);
        fill(t, b);
    }
}

static void step(struct run *t)
{
    struct block *b = &t->block[pick(t, BLOCKS)];
    if (!b->p) {
        begin(t, b);
        return;
    }
    if (pick(t, 3) == 0) {
        size_t bytes = pick_size(t);
        unsigned char *p = heap_realloc(&t->r->heap, b->p, bytes);
        if (p) {
            b->p = p;
            expect_pattern(b, b->bytes < bytes ? b->bytes : bytes);
            b->bytes = bytes;
            fill(t, b);
        }
        return;
    }
    expect_pattern(b, b->bytes);
    heap_free(&t->r->heap, b->p);
    b->p = NULL;
}

static void run(uint64_t seed, size_t bytes, bool tool, size_t red_zone, bool keep)
{
    struct run *t = calloc(1, sizeof(*t));
    t->r = range_make(bytes, tool, red_zone);
    t->r->keep = keep;
    t->seed = seed * 0x9e3779b97f4a7c15 + 1;
    for (unsigned i = 0; i < 6000; i++) {
        step(t);
        if (i % 128 == 0) {
            range_check(t->r);
        }
        if (i % 1500 == 0) {
            (void)heap_trim(&t->r->heap);
        }
    }
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (t->block[i].p) {
            expect_pattern(&t->block[i], t->block[i].bytes);
            heap_free(&t->r->heap, t->block[i].p);
        }
    }
    assert_int_equal(t->r->misuses, 0);
    t->r->keep = false;
    range_expect_empty(t->r);
    range_end(t->r);
    free(t);
}

static void with_room(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        run(seed, MIB(24), false, 0, seed == 4);
    }
}

static void with_little_room(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        run(seed, MIB(4), false, 0, seed == 4);
    }
}

static void with_a_tool(void **state)
{
    (void)state;
    run(1, MIB(32), true, 16, false);
    run(2, MIB(4), true, 32, false);
    run(3, MIB(4), true, 0, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_room),
        cmocka_unit_test(with_little_room),
        cmocka_unit_test(with_a_tool),
    };
    return cmocka_run_group_tests_name("heap_random", tests, NULL, NULL);
}
