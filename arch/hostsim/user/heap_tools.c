/* SPDX-License-Identifier: MIT */
/* What happens in a program's heap, for a checking tool. Nobody may touch a block that is free, nor the red
 * zone behind one. */
#include "heap_tools.h"
#include <mudskipper/heap/heap.h>
#include <mudskipper/rt/port.h>

#define RED_ZONE 16u

/* The page has to be there before a tool can be told about it: heaps get their pages when they are touched.
 */
static void set_red_zone(char *at)
{
    memory_allow(at, RED_ZONE);
    for (unsigned i = 0; i < RED_ZONE; i++) {
        (void)((volatile char *)at)[i];
    }
    memory_forbid(at, RED_ZONE);
}

static void allocated(void *context, void *block, size_t bytes, bool zero)
{
    (void)context;
    if (zero) {
        memory_allow(block, bytes);
    } else {
        memory_allow_fresh(block, bytes);
    }
    set_red_zone((char *)block + bytes);
}

static void freed(void *context, void *block, size_t bytes)
{
    (void)context;
    memory_forbid(block, bytes);
}

static void resized(void *context, void *block, size_t before, size_t now)
{
    char *end = (char *)block + now;

    (void)context;
    if (now < before) {
        memory_forbid(end, before - now);
    } else {
        memory_allow_fresh((char *)block + before, now - before);
    }
    set_red_zone(end);
}

static void own(void *context, void *memory, size_t bytes)
{
    (void)context;
    memory_allow_fresh(memory, bytes);
}

const struct heap_tools *rt_heap_tools(void)
{
    static const struct heap_tools tools = {.allocated = allocated,
                                            .freed = freed,
                                            .resized = resized,
                                            .own = own,
                                            .refuses = HEAP_REFUSES,
                                            .red_zone = RED_ZONE};

    return memory_watched() ? &tools : NULL;
}
