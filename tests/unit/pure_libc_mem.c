/* SPDX-License-Identifier: MIT */
/* memcpy, memmove, memset and memcmp for machines without a C library; the build gives them the names own_*.
 * Every alignment of both ends and every length up to a few words, in buffers whose ends ASan and Valgrind
 * guard. */
#include "pure_test.h"
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_NOACCESS(at, bytes) ((void)(at), (void)(bytes))
#define VALGRIND_MAKE_MEM_DEFINED(at, bytes)  ((void)(at), (void)(bytes))
#endif

void *own_memcpy(void *restrict to, const void *restrict from, size_t count);
void *own_memmove(void *to, const void *from, size_t count);
void *own_memset(void *to, int byte, size_t count);
int own_memcmp(const void *a, const void *b, size_t count);

enum { LONGEST = 100, GUARD = 16 };

/* Bytes that tell their place. */
static uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 37 + 11);
}

/* `count` bytes at the very end of a heap block, behind `skew` bytes: what stands behind them is not ours. */
static uint8_t *edge(size_t skew, size_t count, uint8_t **block)
{
    *block = malloc(skew + count > 0 ? skew + count : 1);
    assert_non_null(*block);
    memset(*block, 0xee, skew + count);
    return *block + skew;
}

static void check_copy(void *(*copy)(void *, const void *, size_t), size_t to_skew, size_t from_skew,
                       size_t count)
{
    uint8_t *to_block, *from_block;
    uint8_t *to = edge(to_skew, count, &to_block);
    uint8_t *from = edge(from_skew, count, &from_block);

    for (size_t i = 0; i < count; i++) {
        from[i] = pattern(i);
    }
    assert_ptr_equal(copy(to, from, count), to);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(to[i], pattern(i));
        assert_int_equal(from[i], pattern(i));
    }
    for (size_t i = 0; i < to_skew; i++) {
        assert_int_equal(to_block[i], 0xee);
    }
    free(to_block);
    free(from_block);
}

static void *plain_memcpy(void *to, const void *from, size_t count)
{
    return own_memcpy(to, from, count);
}

static void check_all(void *(*copy)(void *, const void *, size_t))
{
    for (size_t to = 0; to < 8; to++) {
        for (size_t from = 0; from < 8; from++) {
            for (size_t count = 0; count <= LONGEST; count++) {
                check_copy(copy, to, from, count);
            }
        }
    }
}

static void test_memcpy(void **state)
{
    (void)state;
    check_all(plain_memcpy);
}

static void test_memmove(void **state)
{
    (void)state;
    check_all(own_memmove);
}

/* Source behind bytes that may not be touched, even in the word the source begins in: ASan guards whole
 * words, Valgrind bytes. */
static void test_front_edge(void **state)
{
    (void)state;
    for (size_t skews = 0; skews < 64; skews++) {
        for (size_t count = 32; count <= LONGEST; count++) {
            uint8_t room[LONGEST + 8];
            uint8_t *to = room + skews / 8;
            uint8_t *from_block;
            uint8_t *from = edge(skews % 8, count, &from_block);
            VALGRIND_MAKE_MEM_NOACCESS(from_block, skews % 8);
            own_memcpy(to, from, count);
            assert_memory_equal(to, from, count);
            memset(room, 0, sizeof(room));
            own_memmove(to, from, count);
            assert_memory_equal(to, from, count);
            free(from_block);
        }
    }
}

/* Valgrind, which knows single bytes, sees a touch before the first and behind the last byte of both ranges.
 */
static void check_overlap(size_t to, size_t from, size_t count)
{
    uint8_t room[GUARD + LONGEST * 2 + GUARD], wanted[sizeof(room)];
    size_t first = to < from ? to : from;
    size_t end = (to < from ? from : to) + count;

    for (size_t i = 0; i < sizeof(room); i++) {
        room[i] = wanted[i] = pattern(i);
    }
    for (size_t i = 0; i < count; i++) {
        wanted[to + i] = pattern(from + i);
    }
    VALGRIND_MAKE_MEM_NOACCESS(room, first);
    VALGRIND_MAKE_MEM_NOACCESS(room + end, sizeof(room) - end);
    own_memmove(room + to, room + from, count);
    VALGRIND_MAKE_MEM_DEFINED(room, first);
    VALGRIND_MAKE_MEM_DEFINED(room + end, sizeof(room) - end);
    assert_memory_equal(room, wanted, sizeof(room));
}

static void test_overlap(void **state)
{
    (void)state;
    for (size_t from = GUARD; from < GUARD + 8; from++) {
        for (size_t to = 0; to < GUARD + 48; to++) {
            for (size_t count = 0; count <= LONGEST; count += count < 48 ? 1 : 7) {
                check_overlap(to, from, count);
            }
        }
    }
}

static void test_memset(void **state)
{
    (void)state;
    for (size_t skew = 0; skew < 8; skew++) {
        for (size_t count = 0; count <= LONGEST; count++) {
            uint8_t *block;
            uint8_t *to = edge(skew, count, &block);
            assert_ptr_equal(own_memset(to, 0x1a5, count), to); /* only the low byte counts */
            for (size_t i = 0; i < skew + count; i++) {
                assert_int_equal(block[i], i < skew ? 0xee : 0xa5);
            }
            free(block);
        }
    }
}

static int sign(int x)
{
    return (x > 0) - (x < 0);
}

static void test_memcmp(void **state)
{
    (void)state;
    for (size_t skew = 0; skew < 64; skew++) {
        for (size_t count = 0; count <= 48; count++) {
            uint8_t *a_block, *b_block;
            uint8_t *a = edge(skew / 8, count, &a_block);
            uint8_t *b = edge(skew % 8, count, &b_block);
            assert_int_equal(own_memcmp(a, b, count), 0);
            for (size_t i = 0; i < count; i++) {
                b[i] = i % 2 ? 0xef : 0x7f;
                a[count - 1] ^= 0xff; /* a later difference does not count */
                assert_int_equal(sign(own_memcmp(a, b, count)), sign(memcmp(a, b, count)));
                a[count - 1] ^= 0xff;
                b[i] = 0xee;
            }
            free(a_block);
            free(b_block);
        }
    }
}

static void test_large(void **state)
{
    const size_t size = 1 << 20;
    uint8_t *a = malloc(size), *b = malloc(size);

    (void)state;
    assert_true(a && b);
    for (size_t i = 0; i < size; i++) {
        a[i] = pattern(i + i / 256);
    }
    own_memset(b, 0, size);
    own_memcpy(b + 3, a, size - 3);
    assert_memory_equal(b + 3, a, size - 3);
    own_memmove(b, b + 3, size - 3);
    assert_memory_equal(b, a, size - 3);
    own_memmove(b + 5, b, size - 8);
    assert_memory_equal(b + 5, a, size - 8);
    assert_int_equal(own_memcmp(b + 5, a, size - 8), 0);
    free(a);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("MEM-COPY-001 every alignment and length is copied and nothing else touched", test_memcpy),
        TEST("MEM-MOVE-001 every alignment and length is moved and nothing else touched", test_memmove),
        TEST("MEM-COPY-002 no byte before the source is read", test_front_edge),
        TEST("MEM-MOVE-002 overlapping ranges are moved as if through a third place", test_overlap),
        TEST("MEM-SET-001 every alignment and length is filled and nothing else touched", test_memset),
        TEST("MEM-COMPARE-001 the first difference decides, bytes are unsigned", test_memcmp),
        TEST("MEM-LARGE-001 a megabyte goes through all of them", test_large),
    };
    return cmocka_run_group_tests_name("libc_mem", tests, NULL, NULL);
}
