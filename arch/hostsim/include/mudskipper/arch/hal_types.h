/* SPDX-License-Identifier: MIT */
/* What the neutral core stores for this port, without looking inside. */
#ifndef MUDSKIPPER_ARCH_HAL_TYPES_H
#define MUDSKIPPER_ARCH_HAL_TYPES_H

#include <mudskipper/abi/types.h>
#include <mudskipper/arch/save_area.h>

#define HAL_ELF_MACHINE 62u /* EM_X86_64 */

/* Where a context's floating-point and vector state is. */
enum hal_context_fp {
    HAL_CONTEXT_FP_FULL = 0,    /* all of it in registers.xsave */
    HAL_CONTEXT_FP_CONTROL = 1, /* only the control words there, the rest is initial: after a system call */
};

struct hal_context {
    struct save_area registers;
    uint32_t fp; /* enum hal_context_fp */
    uint32_t reserved;
    void *fiber; /* ThreadSanitizer's idea of this thread of execution */
};

/* An address space: a window of host addresses that plays the TLB. */
struct hal_vspace {
    struct hal_vspace *next; /* of the same core */
    struct hal_vspace **link;
    vaddr_t base;
    uint64_t bytes;
    paddr_t root;
    uint32_t window;
    uint32_t entries; /* host mappings made since the window was last empty */
};

#endif
