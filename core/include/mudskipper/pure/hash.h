/* SPDX-License-Identifier: MIT */
/* Hashes for tables. */
#ifndef MUDSKIPPER_PURE_HASH_H
#define MUDSKIPPER_PURE_HASH_H

#include <mudskipper/abi/types.h>

struct hash_key {
    uint64_t word[2];
};

/* SipHash-2-4 (Aumasson and Bernstein, 2012): for keys that others choose, such as names. With a key nobody
 * knows, nobody can make names that collide. */
uint64_t hash_sip(const struct hash_key *key, const void *bytes, size_t count);

/* FNV-1a, 64 bits: for check sums of traces and keys of our own; no defence against anybody. Start with
 * HASH_FNV_START, go on with the last result. */
#define HASH_FNV_START 0xcbf29ce484222325ull
uint64_t hash_fnv(uint64_t hash, const void *bytes, size_t count);

/* Spreads a number over all 64 bits, one to one (the finaliser of SplitMix64). */
static inline uint64_t hash_number(uint64_t n)
{
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9ull;
    n = (n ^ n >> 27) * 0x94d049bb133111ebull;
    return n ^ n >> 31;
}

#endif
