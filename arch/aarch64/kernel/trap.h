/* SPDX-License-Identifier: MIT */
/* What vectors.S calls. A result NULL means: nothing for the kernel, the same program goes on. */
#ifndef AARCH64_KERNEL_TRAP_H
#define AARCH64_KERNEL_TRAP_H

#include "core.h"

/* A synchronous exception of a program other than a system call. */
const struct hal_trap *trap_fault(struct aarch64_core *core, uint64_t esr, vaddr_t far);

/* An interrupt while a program ran. */
const struct hal_trap *trap_interrupt(struct aarch64_core *core);

/* Waits for an interrupt; never NULL. */
const struct hal_trap *trap_idle(struct aarch64_core *core, const struct hal_vspace *next);

/* An asynchronous error: somebody's access failed after the fact, nobody can say whose. */
_Noreturn void trap_serror(uint64_t esr, vaddr_t far);

/* The kernel's registers when it faulted, and a frame record that continues its chain. Built by vectors.S. */
struct kernel_fault {
    uint64_t x[31];
    uint64_t sp;
    uint64_t pc;
    uint64_t pstate;
    uint64_t esr;
    uint64_t far;
    uint64_t frame[2];
};

_Noreturn void trap_kernel_fault(uint64_t vector, const struct kernel_fault *fault);

#endif
