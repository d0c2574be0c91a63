/* SPDX-License-Identifier: MIT */
/* Between the files of cap_random: the run, and what it does next (cap_random_choose.c). */
#ifndef CAP_TEST_RANDOM_H
#define CAP_TEST_RANDOM_H

#include "spec.h"
#include "world.h"

#define IDENTITIES 16u /* remembered, to come again */

struct run {
    struct world *w;
    struct spec spec;
    uint64_t seed; /* state of the generator */
    uint64_t first_seed;
    uint64_t identities[IDENTITIES][CAP_ACROSS_WORDS];
    uint64_t refused;
    uint64_t accepted;
    uint64_t calls;
    bool specified; /* compared after every operation; otherwise half-deleted objects lie about, and only
                       walkers look */
    struct {
        uint64_t number; /* operation since the seed was sown */
        cptr_t target;
        unsigned operation;
        uint64_t args[SYS_ARGS];
        err_t got;
        err_t specified;
    } last;
};

static inline uint64_t below(struct run *r, uint64_t limit)
{
    return random_below(&r->seed, limit);
}

#define ANY    UINT32_MAX
#define BIT(t) (1u << CAP_TYPE_##t)

/* Any slot; the slot at an address, or NULL; a slot with a capability of one of the types (a mask), mostly;
 * an empty one, mostly. */
cptr_t some_slot(struct run *r);
const struct cap_slot *peek(struct run *r, cptr_t address);
cptr_t some_cap(struct run *r, uint32_t types);
cptr_t some_empty(struct run *r);

/* The next operation, often a wrong one: its target is returned. */
cptr_t choose(struct run *r, unsigned *operation, uint64_t *args);

#endif
