/* SPDX-License-Identifier: MIT */
/* Memory while the kernel boots: taken piece after piece from the start of the largest part of the core's
 * share, so that all other parts stay whole. Nothing is given back; what is left when the first program
 * runs belongs to user space. */
#ifndef MUDSKIPPER_KERNEL_BOOT_MEMORY_H
#define MUDSKIPPER_KERNEL_BOOT_MEMORY_H

#include "share.h"

struct boot_memory {
    paddr_t next; /* first byte not handed out */
    paddr_t end;
};

void boot_memory_init(struct boot_memory *m, const struct share *share, coreid_t core);

/* `bytes` of zeroed RAM aligned to `alignment` (a power of two of at least a page); 0 when there is none
 * left. */
paddr_t boot_memory_take(struct boot_memory *m, uint64_t bytes, uint64_t alignment);

#endif
