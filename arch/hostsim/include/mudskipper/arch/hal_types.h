/* SPDX-License-Identifier: MIT */
/* What the neutral core stores for this port, and the functions of the contract that are one load or store.
 */
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
    uint32_t fp;      /* enum hal_context_fp */
    bool interrupted; /* stands where it was interrupted: nothing was done for it since */
    void *fiber;      /* ThreadSanitizer's idea of this thread of execution */
};

static inline vaddr_t hal_context_pc(const struct hal_context *c)
{
    return c->registers.rip;
}

static inline vaddr_t hal_context_sp(const struct hal_context *c)
{
    return c->registers.rsp;
}

static inline vaddr_t hal_context_fp(const struct hal_context *c)
{
    return c->registers.rbp;
}

static inline uint64_t hal_context_arg(const struct hal_context *c, unsigned i)
{
    return c->registers.argument[i];
}

static inline void hal_context_set_arg(struct hal_context *c, unsigned i, uint64_t value)
{
    c->registers.argument[i] = value;
}

/* An address space: a window of host addresses that plays the TLB. */
struct hal_vspace {
    struct hal_vspace *next; /* of the same core */
    struct hal_vspace **link;
    vaddr_t base;
    uint64_t bytes;
    paddr_t root;
    uint32_t window;
    uint32_t entries; /* host mappings made since the window was last empty, */
    uint64_t low;     /* all of them in [base + low, base + high) */
    uint64_t high;
};

#endif
