/* SPDX-License-Identifier: MIT */
/* What the port knows about one core. TPIDR_EL1 points at it from the first instruction in C to the last.
 * Only the core itself touches its structure, except where a field says otherwise. */
#ifndef AARCH64_KERNEL_CORE_H
#define AARCH64_KERNEL_CORE_H

#include <mudskipper/hal/context.h>
#include <mudskipper/hal/cpu.h>
#include <mudskipper/hal/kernel.h>
#include <mudskipper/hal/vspace.h>

struct aarch64_core {
    struct aarch64_core_head head;
    uintptr_t stack_top;         /* empty whenever a program or the idle loop runs */
    uintptr_t emergency_top;     /* for faults of the kernel itself */
    struct hal_context *context; /* whose thread pointer the processor holds: the last that ran; NULL: none */
    struct hal_vspace *vspace;   /* in TTBR0_EL1; NULL: the empty table */
    struct hal_context *fp_owner; /* whose vector registers the processor holds; NULL: nobody's */
    uint64_t cpacr;               /* in CPACR_EL1: open to programs exactly when context == fp_owner */
    uint64_t generation;          /* of ASIDs */
    struct hal_trap syscall;      /* constant: cause HAL_SYSCALL */
    struct hal_trap trap;         /* the event being delivered, if it is no system call */
    uint64_t asid_next;           /* the next one never used in this generation */
    uint64_t mpidr;               /* affinity fields as PSCI and the GIC want them */
    uintptr_t redistributor;      /* GICv3: this core's */
    uint8_t gic_target;           /* GICv2: the bit of this core. Others read it once `online` is set */
    bool faulted;                 /* the kernel faulted here: a second time there is no report */
    _Atomic bool online; /* it takes interrupts; written by the core, read by the one that starts it */
};

#define CPACR_PROGRAMS_TRAP (UINT64_C(1) << 20)
#define CPACR_PROGRAMS_OPEN (UINT64_C(3) << 20)

static inline struct aarch64_core *this_aarch64_core(void)
{
    return (struct aarch64_core *)aarch64_core_head();
}

/* All cores, by id: 0 .. aarch64_core_count - 1. Written by the boot core before any other runs. */
extern struct aarch64_core **aarch64_cores;
extern coreid_t aarch64_core_count;

/* The boot core's, and its block of stacks (kernel/layout.h). */
extern struct aarch64_core aarch64_boot_core;
extern uint8_t aarch64_boot_block[];

/* Fills a zeroed structure; `block` is CORE_BLOCK_BYTES of stacks. */
void aarch64_core_init(struct aarch64_core *core, coreid_t id, uint64_t mpidr, uint8_t *block);

/* What each core does for itself before its first program: traps, interrupts, timer. False: no GIC interface.
 */
bool aarch64_core_setup(struct aarch64_core *core);

/* Runs programs. vectors.S */
_Noreturn void aarch64_run(struct hal_next next);

#endif
