/* SPDX-License-Identifier: MIT */
/* The same under AddressSanitizer: one check of each whole range, then the unchecked move. Bound here and not
 * to the host's __asan_memcpy, which would touch pages of the program from outside its window. */
#include <string.h>
#include "memory.h"

/* The sanitizer's, through the bridge. */
void __asan_loadN_noabort(uintptr_t address, size_t size);
void __asan_storeN_noabort(uintptr_t address, size_t size);

#define UNCHECKED __attribute__((no_sanitize("address", "kernel-address")))

UNCHECKED void *memmove(void *to, const void *from, size_t n)
{
    if (n > 0) {
        __asan_loadN_noabort((uintptr_t)from, n);
        __asan_storeN_noabort((uintptr_t)to, n);
    }
    memory_move(to, from, n);
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n) __attribute__((alias("memmove")));

UNCHECKED void *memset(void *to, int byte, size_t n)
{
    if (n > 0) {
        __asan_storeN_noabort((uintptr_t)to, n);
    }
    memory_fill(to, (uint8_t)byte, n);
    return to;
}

/* C lets it read both ranges whole, whatever the first difference. */
UNCHECKED int memcmp(const void *a, const void *b, size_t n)
{
    if (n > 0) {
        __asan_loadN_noabort((uintptr_t)a, n);
        __asan_loadN_noabort((uintptr_t)b, n);
    }
    return memory_compare(a, b, n);
}
