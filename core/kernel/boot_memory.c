/* SPDX-License-Identifier: MIT */
#include "boot_memory.h"
#include <mudskipper/hal/memory.h>
#include <mudskipper/pure/bytes.h>

void boot_memory_init(struct boot_memory *m, const struct share *share, coreid_t core)
{
    struct share_part part;

    for (uint32_t i = 0; share_part(share, core, i, &part); i++) {
        hal_note_memory(part.base, part.bytes, HAL_MEMORY_FREE);
    }
    part = share_largest(share, core);
    m->next = part.base;
    m->end = part.base + part.bytes;
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
