/* SPDX-License-Identifier: MIT */
#include "boot_memory.h"
#include <mudskipper/hal/memory.h>
#include <mudskipper/pure/bytes.h>

void boot_memory_init(struct boot_memory *m, const struct boot_info *info)
{
    const struct boot_memory_range *ranges = (const void *)((const char *)info + info->memory);

    m->next = m->end = 0;
    for (uint32_t i = 0; i < info->memory_count; i++) {
        paddr_t start = (ranges[i].base + PAGE_MASK) & ~PAGE_MASK;
        paddr_t end = (ranges[i].base + ranges[i].bytes) & ~PAGE_MASK;

        if (ranges[i].kind == BOOT_MEMORY_FREE && start < end && end - start > m->end - m->next) {
            m->next = start;
            m->end = end;
        }
    }
}

paddr_t boot_memory_take(struct boot_memory *m, uint64_t bytes, uint64_t alignment)
{
    paddr_t start = (m->next + alignment - 1) & ~(alignment - 1);

    if (start < m->next || start > m->end || m->end - start < bytes) {
        return 0;
    }
    m->next = start + bytes;
    hal_note_memory(start, bytes, HAL_MEMORY_DEFINED);
    mem_set(hal_p2v(start), 0, bytes);
    return start;
}
