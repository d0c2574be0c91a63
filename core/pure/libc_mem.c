/* SPDX-License-Identifier: MIT */
/* The four functions that compilers call by themselves, for kernels on bare metal and programs without a C
 * library. Words are read and written at their natural alignment only, so that they work on device-typed
 * memory too (MMU off), and no byte outside the arguments is touched, not even in the same word.
 *
 * Copies between differently aligned places read whole words and shift two neighbours together
 * (little-endian):
 *
 *   from   |. . . a b c d e|f g h i j k l m|          to   |a b c d e f g h|
 *           word 0, >> 3 bytes  word 1, << 5 bytes   --->
 */
#include <stddef.h>
#include <stdint.h>

/* Compilers recognise the loops below and would replace them by calls to these very functions. */
#ifdef __clang__
#define NOT_ITSELF __attribute__((no_builtin))
#else
#define NOT_ITSELF __attribute__((optimize("no-tree-loop-distribute-patterns")))
#endif

/* Words of memory that has another type. */
typedef uint64_t __attribute__((may_alias)) word_t;

#define WORD       sizeof(word_t)
#define WORD_BITS  (8 * WORD)
#define WORTHWHILE (4 * WORD) /* below it, bytes are as fast */

static size_t misalignment(const void *p)
{
    return (uintptr_t)p % WORD;
}

/* Copies `words` words to the aligned `to`, forwards, from an address `skew` (1 .. 7) bytes behind a word
 * boundary. Reads the whole words around [from, from + words * 8): the caller keeps a word away from both
 * ends. */
NOT_ITSELF static void shift_forwards(word_t *to, const uint8_t *from, size_t words, size_t skew)
{
    const word_t *in = (const word_t *)(const void *)(from - skew);
    unsigned down = (unsigned)(8 * skew);
    word_t low = *in++;

    for (size_t i = 0; i < words; i++) {
        word_t high = *in++;
        to[i] = low >> down | high << (WORD_BITS - down);
        low = high;
    }
}

NOT_ITSELF static void shift_backwards(word_t *to, const uint8_t *from, size_t words, size_t skew)
{
    const word_t *in = (const word_t *)(const void *)(from - skew) + words;
    unsigned down = (unsigned)(8 * skew);
    word_t high = *in;

    for (size_t i = words; i > 0; i--) {
        word_t low = *--in;
        to[i - 1] = low >> down | high << (WORD_BITS - down);
        high = low;
    }
}

NOT_ITSELF static void words_forwards(word_t *to, const word_t *from, size_t words)
{
    for (; words >= 4; words -= 4, to += 4, from += 4) {
        word_t a = from[0], b = from[1], c = from[2], d = from[3];
        to[0] = a;
        to[1] = b;
        to[2] = c;
        to[3] = d;
    }
    for (size_t i = 0; i < words; i++) {
        to[i] = from[i];
    }
}

NOT_ITSELF static void words_backwards(word_t *to, const word_t *from, size_t words)
{
    for (; words >= 4; words -= 4) {
        word_t a = from[words - 1], b = from[words - 2], c = from[words - 3], d = from[words - 4];
        to[words - 1] = a;
        to[words - 2] = b;
        to[words - 3] = c;
        to[words - 4] = d;
    }
    for (; words > 0; words--) {
        to[words - 1] = from[words - 1];
    }
}

/* Lowest address first: right when `to` is not inside [from, from + count). */
NOT_ITSELF static void copy_forwards(uint8_t *to, const uint8_t *from, size_t count)
{
    size_t lead = 0;

    if (count >= WORTHWHILE) {
        lead = (WORD - misalignment(to)) % WORD;
        size_t skew = misalignment(from + lead);
        if (skew > lead) {
            lead += WORD; /* so that the word around from + lead does not begin before `from` */
        }
        for (size_t i = 0; i < lead; i++) {
            to[i] = from[i];
        }
        size_t words = (count - lead) / WORD;
        if (skew != 0) {
            words -= (count - lead) % WORD < WORD - skew ? 1 : 0; /* nor end behind from + count */
            shift_forwards((word_t *)(void *)(to + lead), from + lead, words, skew);
        } else {
            words_forwards((word_t *)(void *)(to + lead), (const word_t *)(const void *)(from + lead), words);
        }
        lead += words * WORD;
    }
    for (size_t i = lead; i < count; i++) {
        to[i] = from[i];
    }
}

/* Highest address first, for `to` inside [from, from + count). The last word read ends at or before the first
 * word boundary behind from + count, which is no further than `to` + count: inside the arguments without
 * further ado. */
NOT_ITSELF static void copy_backwards(uint8_t *to, const uint8_t *from, size_t count)
{
    size_t left = count;

    if (count >= WORTHWHILE) {
        for (; misalignment(to + left) != 0; left--) {
            to[left - 1] = from[left - 1];
        }
        size_t skew = misalignment(from + left);
        size_t words = left / WORD;
        words -= left % WORD < skew ? 1 : 0; /* the first word read does not begin before `from` */
        left -= words * WORD;
        if (skew != 0) {
            shift_backwards((word_t *)(void *)(to + left), from + left, words, skew);
        } else {
            words_backwards((word_t *)(void *)(to + left), (const word_t *)(const void *)(from + left),
                            words);
        }
    }
    for (; left > 0; left--) {
        to[left - 1] = from[left - 1];
    }
}

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int byte, size_t count);
int memcmp(const void *a, const void *b, size_t count);

NOT_ITSELF void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    copy_forwards(to, from, count);
    return to;
}

NOT_ITSELF void *memmove(void *to, const void *from, size_t count)
{
    if ((uintptr_t)to - (uintptr_t)from >= count) {
        copy_forwards(to, from, count);
    } else {
        copy_backwards(to, from, count);
    }
    return to;
}

NOT_ITSELF void *memset(void *to, int byte, size_t count)
{
    uint8_t *at = to;
    size_t left = count;

    if (left >= WORTHWHILE) {
        word_t pattern = (word_t)(uint8_t)byte * 0x0101010101010101ull;
        for (; misalignment(at) != 0; left--) {
            *at++ = (uint8_t)byte;
        }
        word_t *words = (word_t *)(void *)at;
        for (; left >= 4 * WORD; left -= 4 * WORD, words += 4) {
            words[0] = pattern;
            words[1] = pattern;
            words[2] = pattern;
            words[3] = pattern;
        }
        for (; left >= WORD; left -= WORD) {
            *words++ = pattern;
        }
        at = (uint8_t *)words;
    }
    for (; left > 0; left--) {
        *at++ = (uint8_t)byte;
    }
    return to;
}

NOT_ITSELF int memcmp(const void *a, const void *b, size_t count)
{
    const uint8_t *x = a;
    const uint8_t *y = b;
    const uint8_t *end = x + count;

    if (misalignment(x) == misalignment(y)) {
        for (; x < end && misalignment(x) != 0 && *x == *y; x++, y++) {
        }
        if (misalignment(x) == 0) {
            while ((size_t)(end - x) >= WORD &&
                   *(const word_t *)(const void *)x == *(const word_t *)(const void *)y) {
                x += WORD;
                y += WORD;
            }
        }
    }
    for (; x < end; x++, y++) {
        if (*x != *y) {
            return (int)*x - (int)*y;
        }
    }
    return 0;
}
