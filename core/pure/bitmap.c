/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/bitmap.h>

/* Bits first .. first + count - 1 of one word; 1 <= count, first + count <= 64. */
static uint64_t mask_of(size_t first, size_t count)
{
    return (UINT64_MAX >> (BITMAP_WORD_BITS - count)) << first;
}

/* Sets `mask`ed bits of every word in the range to those of `value`. */
static void fill(uint64_t *map, size_t first, size_t count, uint64_t value)
{
    while (count > 0) {
        size_t word = first / BITMAP_WORD_BITS;
        size_t bit = first % BITMAP_WORD_BITS;
        size_t part = BITMAP_WORD_BITS - bit < count ? BITMAP_WORD_BITS - bit : count;
        uint64_t mask = mask_of(bit, part);

        map[word] = (map[word] & ~mask) | (value & mask);
        first += part;
        count -= part;
    }
}

void bitmap_set_range(uint64_t *map, size_t first, size_t count)
{
    fill(map, first, count, UINT64_MAX);
}

void bitmap_clear_range(uint64_t *map, size_t first, size_t count)
{
    fill(map, first, count, 0);
}

/* The first bit >= from that is set in map ^ flip. */
static size_t find(const uint64_t *map, size_t bits, size_t from, uint64_t flip)
{
    while (from < bits) {
        size_t bit = from % BITMAP_WORD_BITS;
        uint64_t word = (map[from / BITMAP_WORD_BITS] ^ flip) >> bit;

        if (word != 0) {
            size_t found = from + (size_t)__builtin_ctzll(word);
            return found < bits ? found : BITMAP_NONE;
        }
        from += BITMAP_WORD_BITS - bit;
    }
    return BITMAP_NONE;
}

size_t bitmap_find_set(const uint64_t *map, size_t bits, size_t from)
{
    return find(map, bits, from, 0);
}

size_t bitmap_find_clear(const uint64_t *map, size_t bits, size_t from)
{
    return find(map, bits, from, UINT64_MAX);
}

size_t bitmap_find_clear_range(const uint64_t *map, size_t bits, size_t from, size_t count, size_t alignment)
{
    for (;;) {
        size_t first = bitmap_find_clear(map, bits, from);
        if (first == BITMAP_NONE) {
            return BITMAP_NONE;
        }
        first = (first + alignment - 1) & ~(alignment - 1);
        if (first >= bits || count > bits - first) {
            return BITMAP_NONE;
        }
        size_t taken = bitmap_find_set(map, first + count, first);
        if (taken == BITMAP_NONE) {
            return first;
        }
        from = taken + 1;
    }
}

size_t bitmap_count(const uint64_t *map, size_t bits)
{
    size_t count = 0;

    for (size_t done = 0; done < bits; done += BITMAP_WORD_BITS) {
        size_t part = bits - done < BITMAP_WORD_BITS ? bits - done : BITMAP_WORD_BITS;
        count += (size_t)__builtin_popcountll(map[done / BITMAP_WORD_BITS] & mask_of(0, part));
    }
    return count;
}
