/* SPDX-License-Identifier: MIT */
/* Bitmaps in the caller's words: bit i is bit i % 64 of word i / 64. `bits` is the number of bits; those of
 * the last word beyond it are not touched and not looked at. Not atomic. */
#ifndef MUDSKIPPER_PURE_BITMAP_H
#define MUDSKIPPER_PURE_BITMAP_H

#include <mudskipper/abi/types.h>

#define BITMAP_WORD_BITS   64u
#define BITMAP_WORDS(bits) (((bits) + BITMAP_WORD_BITS - 1) / BITMAP_WORD_BITS)

#define BITMAP_NONE SIZE_MAX /* there is no such bit */

static inline bool bitmap_test(const uint64_t *map, size_t bit)
{
    return map[bit / BITMAP_WORD_BITS] >> (bit % BITMAP_WORD_BITS) & 1;
}

static inline void bitmap_set(uint64_t *map, size_t bit)
{
    map[bit / BITMAP_WORD_BITS] |= (uint64_t)1 << (bit % BITMAP_WORD_BITS);
}

static inline void bitmap_clear(uint64_t *map, size_t bit)
{
    map[bit / BITMAP_WORD_BITS] &= ~((uint64_t)1 << (bit % BITMAP_WORD_BITS));
}

/* The `count` bits from `first` on. */
void bitmap_set_range(uint64_t *map, size_t first, size_t count);
void bitmap_clear_range(uint64_t *map, size_t first, size_t count);

/* The first bit >= from that is set (clear), or BITMAP_NONE. A word is looked at in one step. */
size_t bitmap_find_set(const uint64_t *map, size_t bits, size_t from);
size_t bitmap_find_clear(const uint64_t *map, size_t bits, size_t from);

/* First of the first `count` >= 1 clear bits in a row at or behind `from`, beginning at a multiple of
 * `alignment` (a power of two), or BITMAP_NONE. */
size_t bitmap_find_clear_range(const uint64_t *map, size_t bits, size_t from, size_t count, size_t alignment);

/* How many are set. */
size_t bitmap_count(const uint64_t *map, size_t bits);

#endif
