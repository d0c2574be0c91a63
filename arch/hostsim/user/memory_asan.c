/* SPDX-License-Identifier: MIT */
/* AddressSanitizer, through the bridge. */
#include "heap_tools.h"

void __asan_poison_memory_region(void *at, size_t bytes);
void __asan_unpoison_memory_region(void *at, size_t bytes);

bool memory_watched(void)
{
    return true;
}

void memory_forbid(void *at, size_t bytes)
{
    __asan_poison_memory_region(at, bytes);
}

void memory_allow(void *at, size_t bytes)
{
    __asan_unpoison_memory_region(at, bytes);
}

void memory_allow_fresh(void *at, size_t bytes)
{
    __asan_unpoison_memory_region(at, bytes);
}
