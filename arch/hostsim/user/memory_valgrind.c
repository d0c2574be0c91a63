/* SPDX-License-Identifier: MIT */
/* Memcheck, by its client requests: instruction sequences that do nothing elsewhere. */
#include "heap_tools.h"

/* Programs are not compiled for Linux, but Valgrind's header has to believe so. */
#define __linux__ 1
#include <valgrind/memcheck.h>
#undef __linux__

bool memory_watched(void)
{
    return RUNNING_ON_VALGRIND != 0;
}

void memory_forbid(void *at, size_t bytes)
{
    (void)VALGRIND_MAKE_MEM_NOACCESS(at, bytes);
}

void memory_allow(void *at, size_t bytes)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(at, bytes);
}

void memory_allow_fresh(void *at, size_t bytes)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(at, bytes);
}
