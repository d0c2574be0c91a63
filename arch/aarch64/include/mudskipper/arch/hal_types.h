/* SPDX-License-Identifier: MIT */
/* What this port adds to the contract headers: its structures, and those functions of the contract that are
 * one or two instructions, as inline functions. Nothing else in here is for the neutral core. */
#ifndef MUDSKIPPER_ARCH_HAL_TYPES_H
#define MUDSKIPPER_ARCH_HAL_TYPES_H

#include <mudskipper/abi/types.h>
#include <mudskipper/arch/save_area.h>

#define HAL_ELF_MACHINE 183u /* EM_AARCH64 */

/* A program's registers. The general ones are here whenever the kernel runs; the vector registers are here
 * unless the core's `fp_owner` is this context: then they are in the processor (kernel/fp.c). */
struct hal_context {
    _Alignas(64) struct save_area regs;
};

CLAIM(a_context_is_a_save_area, sizeof(struct hal_context) == sizeof(struct save_area));

/* An address space. `generation` is the core's when `asid` is valid; 0 never is. */
struct hal_vspace {
    uint64_t ttbr; /* TTBR0_EL1: ASID (63..48), table (47..1) */
    uint64_t generation;
};

/* All RAM appears at a constant distance; the kernel's image, part of RAM, runs there. */
#define AARCH64_DIRECT_MAP 0xffff000000000000ull

static inline void *hal_p2v(paddr_t address)
{
    return (void *)(address + AARCH64_DIRECT_MAP);
}

static inline paddr_t hal_v2p(const void *address)
{
    return (paddr_t)(uintptr_t)address - AARCH64_DIRECT_MAP;
}

/* The head of the port's per-core structure, found by TPIDR_EL1. */
struct aarch64_core_head {
    void *data; /* the neutral kernel's */
    uint64_t id;
};

static inline struct aarch64_core_head *aarch64_core_head(void)
{
    struct aarch64_core_head *head;

    /* Not volatile: it never changes under running kernel code, so that the compiler may keep it. */
    __asm__("mrs %0, tpidr_el1" : "=r"(head));
    return head;
}

static inline coreid_t hal_core_id(void)
{
    return (coreid_t)aarch64_core_head()->id;
}

static inline void *hal_core_data(void)
{
    return aarch64_core_head()->data;
}

static inline void hal_set_core_data(void *data)
{
    aarch64_core_head()->data = data;
}

static inline void hal_relax(void)
{
    __asm__ volatile("yield" ::: "memory");
}

static inline uint64_t hal_context_arg(const struct hal_context *c, unsigned i)
{
    return c->regs.x[i];
}

static inline void hal_context_set_arg(struct hal_context *c, unsigned i, uint64_t value)
{
    c->regs.x[i] = value;
}

static inline vaddr_t hal_context_pc(const struct hal_context *c)
{
    return c->regs.pc;
}

static inline vaddr_t hal_context_sp(const struct hal_context *c)
{
    return c->regs.sp;
}

static inline vaddr_t hal_context_fp(const struct hal_context *c)
{
    return c->regs.x[29];
}

#endif
