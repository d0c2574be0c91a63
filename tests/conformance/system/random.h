/* SPDX-License-Identifier: MIT */
/* The same numbers from the same seed, in every world: xorshift64*. */
#ifndef TESTS_CONFORMANCE_SYSTEM_RANDOM_H
#define TESTS_CONFORMANCE_SYSTEM_RANDOM_H

#include <mudskipper/abi/types.h>

struct random {
    uint64_t state; /* never 0 */
};

static inline void random_seed(struct random *r, uint64_t seed)
{
    r->state = seed * 0x9e3779b97f4a7c15u + 1;
    r->state += r->state == 0;
}

static inline uint64_t random_word(struct random *r)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return r->state * 0x2545f4914f6cdd1du;
}

/* 0 .. limit-1 */
static inline uint64_t random_below(struct random *r, uint64_t limit)
{
    return (random_word(r) >> 16) % limit;
}

#endif
