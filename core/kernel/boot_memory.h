/* SPDX-License-Identifier: MIT */
/* Memory while the kernel boots: taken piece after piece from the start of the largest free range of
 * boot_info, so that all other ranges stay whole. Nothing is given back; what is left when the first program
 * runs belongs to user space. */
#ifndef MUDSKIPPER_KERNEL_BOOT_MEMORY_H
#define MUDSKIPPER_KERNEL_BOOT_MEMORY_H

#include <mudskipper/abi/boot_info.h>

struct boot_memory {
    paddr_t next; /* first byte not handed out */
    paddr_t end;
};

void boot_memory_init(struct boot_memory *m, const struct boot_info *info);

/* `bytes` of zeroed RAM aligned to `alignment` (a power of two of at least a page); 0 when there is none
 * left. */
paddr_t boot_memory_take(struct boot_memory *m, uint64_t bytes, uint64_t alignment);

#endif
