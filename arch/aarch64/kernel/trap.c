/* SPDX-License-Identifier: MIT */
#include "trap.h"
#include <mudskipper/abi/dispatcher.h>
#include "../gic/gic.h"
#include "fp.h"
#include "sysreg.h"
#include "timer.h"

/* ESR_EL1: exception class in 31..26, below it the syndrome. */
#define ESR_CLASS(esr)  ((unsigned)((esr) >> 26) & 0x3f)
#define ESR_STATUS(esr) ((unsigned)(esr)&0x3f)
#define ESR_WRITE       (UINT64_C(1) << 6) /* data abort: a write */
#define ESR_CACHE_OP                                                                                         \
    (UINT64_C(1) << 8) /* data abort: of a cache operation, which says "write" but needs read */

enum exception_class {
    CLASS_UNKNOWN = 0x00,
    CLASS_FP_TRAP = 0x07,
    CLASS_INSTRUCTION_ABORT = 0x20,
    CLASS_PC_ALIGNMENT = 0x22,
    CLASS_DATA_ABORT = 0x24,
    CLASS_SP_ALIGNMENT = 0x26,
    CLASS_FP_EXCEPTION = 0x2c,
    CLASS_BREAKPOINT = 0x30, /* 0x30 .. 0x35: hardware breakpoint, single step, watchpoint */
    CLASS_WATCHPOINT = 0x35,
    CLASS_BRK = 0x3c,
};

#define STATUS_ALIGNMENT 0x21u

static void abort_of_program(struct hal_trap *trap, uint64_t esr, vaddr_t far, uint32_t access)
{
    trap->address = far;
    if (ESR_STATUS(esr) == STATUS_ALIGNMENT) {
        trap->kind = FAULT_ALIGNMENT;
        return;
    }
    trap->kind = FAULT_MEMORY;
    trap->access = access;
}

const struct hal_trap *trap_fault(struct aarch64_core *core, uint64_t esr, vaddr_t far)
{
    struct hal_trap *trap = &core->trap;
    unsigned class = ESR_CLASS(esr);

    if (class == CLASS_FP_TRAP) {
        fp_take(core);
        return NULL;
    }
    *trap = (struct hal_trap){.cause = HAL_FAULT, .kind = FAULT_ILLEGAL, .address = core->context->regs.pc};
    switch (class) {
    case CLASS_INSTRUCTION_ABORT:
        abort_of_program(trap, esr, far, ACCESS_EXECUTE);
        break;
    case CLASS_DATA_ABORT:
        abort_of_program(trap, esr, far,
                         (esr & ESR_WRITE) && !(esr & ESR_CACHE_OP) ? ACCESS_WRITE : ACCESS_READ);
        break;
    case CLASS_PC_ALIGNMENT:
        trap->kind = FAULT_ALIGNMENT;
        break;
    case CLASS_SP_ALIGNMENT:
        trap->kind = FAULT_ALIGNMENT;
        trap->address = core->context->regs.sp;
        break;
    case CLASS_FP_EXCEPTION:
        trap->kind = FAULT_ARITHMETIC;
        break;
    default:
        if (class == CLASS_BRK || (class >= CLASS_BREAKPOINT && class <= CLASS_WATCHPOINT)) {
            trap->kind = FAULT_BREAKPOINT;
        }
        break;
    }
    return trap;
}

const struct hal_trap *trap_interrupt(struct aarch64_core *core)
{
    struct hal_trap *trap = &core->trap;
    uint32_t taken = gic->take();
    uint32_t line = GIC_LINE(taken);

    if (line >= GIC_LINES_MAX) {
        return NULL; /* it went away before we asked */
    }
    *trap = (struct hal_trap){.irq = line};
    if (line == GIC_WAKE) {
        trap->cause = HAL_IPI;
    } else if (line == timer_line) {
        if (!timer_interrupt()) {
            gic->finish(taken);
            return NULL;
        }
        trap->cause = HAL_TIMER;
    } else {
        gic->mask(line);
        trap->cause = HAL_IRQ;
    }
    gic->finish(taken);
    return trap;
}

/* Interrupts are masked all the time: one that comes between the last look and wfi ends wfi at once. */
const struct hal_trap *trap_idle(struct aarch64_core *core, const struct hal_vspace *next)
{
    if (next == HAL_NEXT_CONTINUE.vspace) {
        const struct hal_trap *trap = trap_interrupt(core);

        if (trap == NULL) {
            core->trap = (struct hal_trap){.cause = HAL_CONTINUE};
        }
        return &core->trap;
    }
    for (;;) {
        const struct hal_trap *trap;

        barrier_dsb(sy);
        __asm__ volatile("wfi" ::: "memory");
        trap = trap_interrupt(core);
        if (trap != NULL) {
            return trap;
        }
    }
}
