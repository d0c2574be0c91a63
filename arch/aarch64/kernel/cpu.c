/* SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <mudskipper/hal/cpu.h>
#include <mudskipper/hal/kernel.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/hal/time.h>
#include "../gic/gic.h"
#include "core.h"
#include "offsets.h"
#include "pmu.h"
#include "layout.h"
#include "psci.h"
#include "sysreg.h"
#include "timer.h"
#include "trap.h"
#include "vspace.h"

CLAIM(offset_x30, offsetof(struct hal_context, regs.x[30]) == REGS_X30);
CLAIM(offset_sp, offsetof(struct hal_context, regs.sp) == REGS_SP);
CLAIM(offset_pc, offsetof(struct hal_context, regs.pc) == REGS_PC);
CLAIM(offset_pstate, offsetof(struct hal_context, regs.pstate) == REGS_PSTATE);
CLAIM(offset_tpidr, offsetof(struct hal_context, regs.tpidr) == REGS_TPIDR);
CLAIM(offset_fpcr, offsetof(struct hal_context, regs.fpcr) == REGS_FPCR);
CLAIM(offset_q, offsetof(struct hal_context, regs.q) == REGS_Q);
CLAIM(offset_ttbr, offsetof(struct hal_vspace, ttbr) == VSPACE_TTBR);
CLAIM(offset_vspace_generation, offsetof(struct hal_vspace, generation) == VSPACE_GENERATION);
CLAIM(offset_stack, offsetof(struct aarch64_core, stack_top) == CORE_STACK);
CLAIM(offset_emergency, offsetof(struct aarch64_core, emergency_top) == CORE_EMERGENCY);
CLAIM(offset_context, offsetof(struct aarch64_core, context) == CORE_CONTEXT);
CLAIM(offset_vspace, offsetof(struct aarch64_core, vspace) == CORE_VSPACE);
CLAIM(offset_fp_owner, offsetof(struct aarch64_core, fp_owner) == CORE_FP_OWNER);
CLAIM(offset_cpacr, offsetof(struct aarch64_core, cpacr) == CORE_CPACR);
CLAIM(offset_generation, offsetof(struct aarch64_core, generation) == CORE_GENERATION);
CLAIM(offset_syscall, offsetof(struct aarch64_core, syscall) == CORE_SYSCALL);
CLAIM(offset_fault_frame, offsetof(struct kernel_fault, frame) == FAULT_FRAME);
CLAIM(offset_fault_esr, offsetof(struct kernel_fault, esr) == FAULT_ESR);
CLAIM(size_of_fault, sizeof(struct kernel_fault) == FAULT_BYTES);
CLAIM(direct_map_is_one_number, AARCH64_DIRECT_MAP == KERNEL_DIRECT_MAP);

#define START_PATIENCE UINT64_C(5000000000) /* ns; firmware that powers a core up first takes its time */

struct aarch64_core **aarch64_cores;
coreid_t aarch64_core_count;
struct aarch64_core aarch64_boot_core;
uint8_t aarch64_boot_block[CORE_BLOCK_BYTES] __attribute__((aligned(4096)));

extern char other_core[]; /* head.S */

void aarch64_core_init(struct aarch64_core *core, coreid_t id, uint64_t mpidr, uint8_t *block)
{
    core->head.id = id;
    core->stack_top = (uintptr_t)block + CORE_BLOCK_BYTES;
    core->emergency_top = (uintptr_t)block + CORE_EMERGENCY_TOP;
    core->mpidr = mpidr;
    core->cpacr = CPACR_PROGRAMS_TRAP;
    core->syscall.cause = HAL_SYSCALL;
}

bool aarch64_core_setup(struct aarch64_core *core)
{
    vspace_setup(core);
    timer_setup();
    pmu_setup();
    if (!gic->setup_core(core)) {
        return false;
    }
    atomic_store_explicit(&core->online, true, memory_order_release);
    __asm__ volatile("msr daifclr, #4"); /* asynchronous errors are reported, not kept back */
    return true;
}

/* head.S */
_Noreturn void secondary_main(struct aarch64_core *core);
void secondary_main(struct aarch64_core *core)
{
    if (!aarch64_core_setup(core)) {
        hal_core_stop(); /* who started it sees that it did not come up */
    }
    aarch64_run(kernel_core_main());
}

static enum hal_start_result wait_until_online(struct aarch64_core *core)
{
    nanos_t patience = hal_now() + START_PATIENCE;

    while (!atomic_load_explicit(&core->online, memory_order_acquire)) {
        if (hal_now() > patience) {
            return HAL_START_REFUSED;
        }
        hal_relax();
    }
    return HAL_START_OK;
}

/* Waits until the core takes interrupts, so that none to it is lost. */
enum hal_start_result hal_core_start(coreid_t id)
{
    if (id >= aarch64_core_count) {
        return HAL_START_NO_SUCH_CORE;
    }
    if (atomic_load_explicit(&aarch64_cores[id]->online, memory_order_acquire)) {
        return HAL_START_ALREADY_ON;
    }
    barrier_dsb(sy); /* Cache rule C6 */
    switch (
        psci_call(PSCI_CPU_ON, aarch64_cores[id]->mpidr, hal_v2p(other_core), (uintptr_t)aarch64_cores[id])) {
    case PSCI_SUCCESS:
        return wait_until_online(aarch64_cores[id]);
    case PSCI_ALREADY_ON:
    case PSCI_ON_PENDING:
        return HAL_START_ALREADY_ON;
    case PSCI_INVALID_PARAMETERS:
        return HAL_START_NO_SUCH_CORE;
    default:
        return HAL_START_REFUSED;
    }
}

void hal_core_stop(void)
{
    timer_off();
    gic->stop_core();
    atomic_store_explicit(&this_aarch64_core()->online, false, memory_order_release);
    psci_call(PSCI_CPU_OFF, 0, 0, 0);
    for (;;) { /* firmware that cannot */
        __asm__ volatile("wfi");
    }
}

void hal_ipi(coreid_t core)
{
    barrier_dsb(ishst); /* Cache rule C6: what was written before is visible before the interrupt is */
    gic->wake(aarch64_cores[core]);
}
