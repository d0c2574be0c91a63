/* SPDX-License-Identifier: MIT */
/* Allocations that a deterministic machine refuses (--faults refuse:NAME). */
#include <mudskipper/arch/det.h>
#include <mudskipper/heap/heap.h>
#include <mudskipper/rt/port.h>

static bool refuses(void *context)
{
    volatile uint64_t *left = (volatile uint64_t *)(DET_PAGE + DET_REFUSE);

    (void)context;
    return *left != 0 && --*left == 0;
}

const struct heap_tools *rt_heap_tools(void)
{
    static const struct heap_tools tools = {.refuses = refuses};

    return &tools;
}
