/* SPDX-License-Identifier: MIT */
/* What the unit tests of core/pure share: cmocka, named tests, random numbers with fixed seeds, exact
 * buffers. */
#ifndef PURE_TEST_H
#define PURE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <mudskipper/abi/error.h>
#include <mudskipper/pure/hash.h>

/* A test with its stable ID and the sentence it asserts: TEST("CPIO-FIND-002 the last file of a name wins",
 * function). */
#define TEST(name, function)                                                                                 \
    {                                                                                                        \
        (name), (function), NULL, NULL, NULL                                                                 \
    }

/* SplitMix64: a seed, counted up and spread. The same seed gives the same numbers everywhere. */
static inline uint64_t random_next(uint64_t *seed)
{
    *seed += 0x9e3779b97f4a7c15ull;
    return hash_number(*seed);
}

static inline uint64_t random_below(uint64_t *seed, uint64_t limit)
{
    return random_next(seed) % limit;
}

/* A copy on the heap of exactly `bytes` bytes, so that ASan and Valgrind see the first byte read beyond it.
 */
static inline void *exact_copy(const void *from, size_t bytes)
{
    void *copy = malloc(bytes > 0 ? bytes : 1);
    assert_non_null(copy);
    if (bytes > 0) {
        memcpy(copy, from, bytes);
    }
    return copy;
}

#define assert_ok(e) assert_int_equal((e).code[0], ERR_OK)

#define assert_error(e, cause, with)                                                                         \
    do {                                                                                                     \
        err_t error_ = (e);                                                                                  \
        assert_int_equal(error_.code[0], (cause));                                                           \
        assert_int_equal(error_.detail, (with));                                                             \
    } while (0)

#endif
