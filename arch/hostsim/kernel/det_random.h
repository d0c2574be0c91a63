/* SPDX-License-Identifier: MIT */
/* What a deterministic machine draws from its seed: splitmix64, one stream for each purpose, so that what is
 * drawn for one changes nothing of another. */
#ifndef HOSTSIM_DET_RANDOM_H
#define HOSTSIM_DET_RANDOM_H

#include <mudskipper/abi/types.h>

struct det_random {
    uint64_t state;
};

static inline uint64_t det_word(struct det_random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint64_t det_draw(struct det_random *r, uint64_t below)
{
    return det_word(r) % below;
}

static inline bool det_one_in(struct det_random *r, uint64_t n)
{
    return det_draw(r, n) == 0;
}

static inline struct det_random det_stream(uint64_t seed, uint64_t purpose)
{
    struct det_random r = {seed ^ purpose << 56};

    r.state = purpose == 0 ? seed : det_word(&r);
    return r;
}

#endif
