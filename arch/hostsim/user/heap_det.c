/* SPDX-License-Identifier: MIT */
/* A deterministic machine without a checking tool. */
#include <mudskipper/heap/heap.h>
#include <mudskipper/rt/port.h>
#include "heap_tools.h"

const struct heap_tools *rt_heap_tools(void)
{
    static const struct heap_tools tools = {.refuses = heap_refuses};

    return &tools;
}
