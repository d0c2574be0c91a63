/* SPDX-License-Identifier: MIT */
/* memcpy, memmove, memset and memcmp where newlib's own are slow or use instructions that Memcheck cannot
 * restart. */
#include <string.h>
#include "memory.h"

void *memmove(void *to, const void *from, size_t n)
{
    memory_move(to, from, n);
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n) __attribute__((alias("memmove")));

void *memset(void *to, int byte, size_t n)
{
    memory_fill(to, (uint8_t)byte, n);
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    return memory_compare(a, b, n);
}
