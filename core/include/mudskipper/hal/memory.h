/* SPDX-License-Identifier: MIT */
/* HAL: physical memory as the kernel sees it. */
#ifndef MUDSKIPPER_HAL_MEMORY_H
#define MUDSKIPPER_HAL_MEMORY_H

#include <mudskipper/abi/types.h>
#include <mudskipper/arch/hal_types.h>

/* The kernel's own mapping of RAM: constant offset, valid for all RAM in boot_info (any kind). Not for
 * devices. */
void *hal_p2v(paddr_t address);
paddr_t hal_v2p(const void *address);

/* RAM at `address` will be executed by programs: makes what was written through hal_p2v visible to
 * instruction fetch on all cores. */
void hal_sync_code(paddr_t address, uint64_t bytes);

/* Tells checking tools what a range of RAM is, so that they see use-after-free and uninitialised reads inside
 * simulated memory. Does nothing on hardware. */
enum hal_memory_state { HAL_MEMORY_FREE, HAL_MEMORY_UNDEFINED, HAL_MEMORY_DEFINED };
void hal_note_memory(paddr_t address, uint64_t bytes, enum hal_memory_state state);

#endif
