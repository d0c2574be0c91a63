/* SPDX-License-Identifier: MIT */
/* Moving and filling memory in plain C, by vectors that the compiler has everywhere (SSE2, NEON).
 *
 * Up to eight vectors, all of the source is in registers before the first store, so overlapping is no
 * question:
 *
 *   n = 17 .. 32    |----first----|
 *                        |----last-----|       two vectors that may overlap each other
 *
 * Longer moves go in steps of four vectors with an aligned destination, upwards or downwards as the overlap
 * wants it. The end that the steps do not reach is read before the first of them, which may overwrite it, and
 * stored last. */
#ifndef CORE_LIBC_MEMORY_H
#define CORE_LIBC_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Who checks accesses checks the whole range beforehand. */
#define MEMORY_INLINE static inline __attribute__((always_inline, no_sanitize("address", "kernel-address")))

typedef uint8_t memory_byte __attribute__((may_alias));
typedef uint16_t memory_2 __attribute__((may_alias, aligned(1)));
typedef uint32_t memory_4 __attribute__((may_alias, aligned(1)));
typedef uint64_t memory_8 __attribute__((may_alias, aligned(1)));
typedef uint64_t memory_16 __attribute__((vector_size(16), may_alias, aligned(1)));

#define VECTOR sizeof(memory_16)
#define STEP   (4 * VECTOR)

/* The element of `type` that starts at or ends before an address. */
#define AT(type, address)       (*(type *)(address))
#define AT_CONST(type, address) (*(const type *)(address))

/* Moves n bytes, sizeof(type) <= n <= 2 * sizeof(type). */
#define MOVE_TWO(type)                                                                                       \
    do {                                                                                                     \
        type first = AT_CONST(type, from);                                                                   \
        type last = AT_CONST(type, from + n - sizeof(type));                                                 \
        AT(type, to) = first;                                                                                \
        AT(type, to + n - sizeof(type)) = last;                                                              \
    } while (0)

struct memory_step {
    memory_16 v[4];
};

MEMORY_INLINE struct memory_step memory_load_step(const memory_byte *from)
{
    return (struct memory_step){{AT_CONST(memory_16, from), AT_CONST(memory_16, from + VECTOR),
                                 AT_CONST(memory_16, from + 2 * VECTOR),
                                 AT_CONST(memory_16, from + 3 * VECTOR)}};
}

MEMORY_INLINE void memory_store_step(memory_byte *to, struct memory_step step)
{
    AT(memory_16, to) = step.v[0];
    AT(memory_16, to + VECTOR) = step.v[1];
    AT(memory_16, to + 2 * VECTOR) = step.v[2];
    AT(memory_16, to + 3 * VECTOR) = step.v[3];
}

MEMORY_INLINE void memory_move_small(memory_byte *to, const memory_byte *from, size_t n)
{
    if (n >= 8) {
        MOVE_TWO(memory_8);
    } else if (n >= 4) {
        MOVE_TWO(memory_4);
    } else if (n >= 2) {
        MOVE_TWO(memory_2);
    } else if (n == 1) {
        *to = *from;
    }
}

/* VECTOR < n <= 2 * STEP. */
MEMORY_INLINE void memory_move_middle(memory_byte *to, const memory_byte *from, size_t n)
{
    if (n <= 2 * VECTOR) {
        MOVE_TWO(memory_16);
    } else if (n <= STEP) {
        memory_16 a = AT_CONST(memory_16, from);
        memory_16 b = AT_CONST(memory_16, from + VECTOR);
        memory_16 c = AT_CONST(memory_16, from + n - 2 * VECTOR);
        memory_16 d = AT_CONST(memory_16, from + n - VECTOR);

        AT(memory_16, to) = a;
        AT(memory_16, to + VECTOR) = b;
        AT(memory_16, to + n - 2 * VECTOR) = c;
        AT(memory_16, to + n - VECTOR) = d;
    } else {
        struct memory_step first = memory_load_step(from);
        struct memory_step last = memory_load_step(from + n - STEP);

        memory_store_step(to, first);
        memory_store_step(to + n - STEP, last);
    }
}

/* n > 2 * STEP; the destination does not start inside the source. */
MEMORY_INLINE void memory_move_up(memory_byte *to, const memory_byte *from, size_t n)
{
    memory_16 head = AT_CONST(memory_16, from);
    struct memory_step tail = memory_load_step(from + n - STEP);
    size_t at = VECTOR - (uintptr_t)to % VECTOR; /* 1 .. VECTOR: the head covers it */
    memory_byte *begin = to;

    /* The head is stored last: it may overlap source bytes of the first step. */
    for (; at + STEP < n; at += STEP) {
        struct memory_step step = memory_load_step(from + at);

        memory_store_step(to + at, step);
    }
    memory_store_step(to + n - STEP, tail);
    AT(memory_16, begin) = head;
}

/* n > 2 * STEP; the destination starts inside the source. */
MEMORY_INLINE void memory_move_down(memory_byte *to, const memory_byte *from, size_t n)
{
    struct memory_step head = memory_load_step(from);
    memory_16 tail = AT_CONST(memory_16, from + n - VECTOR);
    size_t end = n - (uintptr_t)(to + n) % VECTOR; /* 0 .. VECTOR-1 bytes for the tail */

    for (; end > STEP; end -= STEP) {
        struct memory_step step = memory_load_step(from + end - STEP);

        memory_store_step(to + end - STEP, step);
    }
    memory_store_step(to, head);
    AT(memory_16, to + n - VECTOR) = tail;
}

/* memmove, and memcpy: telling them apart costs more than it saves. */
MEMORY_INLINE void memory_move(void *to, const void *from, size_t n)
{
    if (n <= VECTOR) {
        memory_move_small(to, from, n);
    } else if (n <= 2 * STEP) {
        memory_move_middle(to, from, n);
    } else if ((uintptr_t)to - (uintptr_t)from >= n) {
        memory_move_up(to, from, n);
    } else {
        memory_move_down(to, from, n);
    }
}

#define FILL_TWO(type, value)                                                                                \
    do {                                                                                                     \
        AT(type, at) = (type)(value);                                                                        \
        AT(type, at + n - sizeof(type)) = (type)(value);                                                     \
    } while (0)

MEMORY_INLINE void memory_fill(void *to, uint8_t byte, size_t n)
{
    memory_byte *at = to;
    uint64_t word = byte * UINT64_C(0x0101010101010101);
    memory_16 vector = {word, word};
    struct memory_step step = {{vector, vector, vector, vector}};

    if (n > STEP) {
        AT(memory_16, at) = vector;
        for (size_t i = VECTOR - (uintptr_t)at % VECTOR; i + STEP < n; i += STEP) {
            memory_store_step(at + i, step);
        }
        memory_store_step(at + n - STEP, step);
    } else if (n > 2 * VECTOR) {
        FILL_TWO(memory_16, vector);
        AT(memory_16, at + VECTOR) = vector;
        AT(memory_16, at + n - 2 * VECTOR) = vector;
    } else if (n >= VECTOR) {
        FILL_TWO(memory_16, vector);
    } else if (n >= 8) {
        FILL_TWO(memory_8, word);
    } else if (n >= 4) {
        FILL_TWO(memory_4, word);
    } else if (n >= 2) {
        FILL_TWO(memory_2, word);
    } else if (n == 1) {
        *at = byte;
    }
}

/* Vectors while they are equal, then the first differing byte. */
MEMORY_INLINE int memory_compare(const void *a, const void *b, size_t n)
{
    const memory_byte *x = a;
    const memory_byte *y = b;
    size_t at = 0;

    for (; n - at >= VECTOR; at += VECTOR) {
        memory_16 differs = AT_CONST(memory_16, x + at) ^ AT_CONST(memory_16, y + at);

        if ((differs[0] | differs[1]) != 0) {
            break;
        }
    }
    for (; at < n; at++) {
        if (x[at] != y[at]) {
            return x[at] - y[at];
        }
    }
    return 0;
}

#endif
