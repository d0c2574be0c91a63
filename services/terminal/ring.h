/* SPDX-License-Identifier: MIT */
/* A queue of bytes in a fixed array. One thread at a time; pure. */
#ifndef TERMINAL_RING_H
#define TERMINAL_RING_H

#include <mudskipper/abi/types.h>

#define RING_BYTES 4096u

struct ring {
    uint32_t first; /* counters run freely; the place of byte n is n modulo the size */
    uint32_t end;
    uint8_t bytes[RING_BYTES];
};

static inline uint32_t ring_count(const struct ring *r)
{
    return r->end - r->first;
}

static inline uint32_t ring_room(const struct ring *r)
{
    return RING_BYTES - ring_count(r);
}

/* As many of the bytes as there is room for; how many. */
static inline uint32_t ring_put(struct ring *r, const uint8_t *bytes, uint32_t count)
{
    uint32_t now = count < ring_room(r) ? count : ring_room(r);

    for (uint32_t i = 0; i < now; i++) {
        r->bytes[r->end++ % RING_BYTES] = bytes[i];
    }
    return now;
}

/* Copies up to `room` of the oldest bytes without taking them. */
static inline uint32_t ring_look(const struct ring *r, uint8_t *to, uint32_t room)
{
    uint32_t now = room < ring_count(r) ? room : ring_count(r);

    for (uint32_t i = 0; i < now; i++) {
        to[i] = r->bytes[(r->first + i) % RING_BYTES];
    }
    return now;
}

static inline void ring_drop(struct ring *r, uint32_t count)
{
    r->first += count;
}

#endif
