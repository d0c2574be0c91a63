/* SPDX-License-Identifier: MIT */
#include "heap.h"
#include <mudskipper/hal/memory.h>
#include <mudskipper/pure/bytes.h>
#include "../kernel/layout.h"
#include "../kernel/mmu.h"

#define STEP (UINT64_C(2) << 20) /* what one table of pages maps */

static paddr_t first, next, mapped_end;

/* Step by step: a later step's table may come from an earlier step. */
bool heap_init(paddr_t base, uint64_t bytes)
{
    first = next = mapped_end = base;
    for (paddr_t end = base + bytes; mapped_end < end; mapped_end += STEP) {
        for (paddr_t page = mapped_end; page < mapped_end + STEP; page += PAGE_SIZE) {
            if (!mmu_map(KERNEL_DIRECT_MAP + page, page, PAGE_SIZE, CAP_READ | CAP_WRITE, PT_MEMORY_NORMAL)) {
                return false;
            }
        }
    }
    return true;
}

static void *take(uint64_t bytes, uint64_t alignment)
{
    paddr_t place = (next + alignment - 1) & ~(alignment - 1);
    void *memory = hal_p2v(place);

    if (place > mapped_end || bytes > mapped_end - place) {
        return NULL;
    }
    next = place + bytes;
    mem_set(memory, 0, bytes);
    return memory;
}

void *heap_take(uint64_t bytes)
{
    return take(bytes, 64);
}

void *heap_take_pages(uint64_t bytes)
{
    return take((bytes + PAGE_MASK) & ~PAGE_MASK, PAGE_SIZE);
}

paddr_t heap_page(void)
{
    void *page = heap_take_pages(PAGE_SIZE);

    return page != NULL ? hal_v2p(page) : 0;
}

uint64_t heap_close(void)
{
    mapped_end = next = (next + PAGE_MASK) & ~PAGE_MASK;
    return next - first;
}
