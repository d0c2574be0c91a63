/* SPDX-License-Identifier: MIT */
#include <mudskipper/hal/memory.h>
#include "sysreg.h"

/* Cache rule C7: data lines to the point of unification, then all instruction caches of the inner shareable
 * domain: they are virtually indexed, so that invalidation by the kernel's address would miss the program's.
 */
void hal_sync_code(paddr_t address, uint64_t bytes)
{
    uintptr_t line = UINT64_C(4) << (sysreg_read(ctr_el0) >> 16 & 0xf);
    uintptr_t at = (uintptr_t)hal_p2v(address) & ~(line - 1);
    uintptr_t end = (uintptr_t)hal_p2v(address) + bytes;

    for (; at < end; at += line) {
        __asm__ volatile("dc cvau, %0" ::"r"(at) : "memory");
    }
    barrier_dsb(ish);
    __asm__ volatile("ic ialluis" ::: "memory");
    barrier_dsb(ish);
    barrier_isb();
}

void hal_note_memory(paddr_t address, uint64_t bytes, enum hal_memory_state state)
{
    (void)address;
    (void)bytes;
    (void)state;
}
