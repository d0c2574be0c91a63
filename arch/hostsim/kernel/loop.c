/* SPDX-License-Identifier: MIT */
/* What a core does: take an event if one is pending, else run the program the kernel chose, else sleep; tell
 * the kernel; do what it says next.
 *
 * No event is lost, whoever posts it and whatever the core does meanwhile:
 *
 *     poster                              core
 *     pending |= event          (1)       mode := USER or IDLE    (3)
 *     if mode is USER: signal   (2)       if pending: stay        (4)
 *     if mode is IDLE: wake
 *
 * All four are sequentially consistent, so (2) sees the new mode or (4) sees the event (with acquire and
 * release alone both can miss). After (4) a signal finds the core in user mode and sends it back (trap.c),
 * and a sleeper waits on `pending` itself: the host's kernel compares it once more before it sleeps. A core
 * in kernel mode needs no telling: it passes (4) before it leaves. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <mudskipper/abi/dispatcher.h>
#include "det.h"
#include "isa.h"
#include "signals.h"
#include "tools.h"

void sim_core_kick(const struct sim_core *core)
{
    syscall(SYS_tgkill, getpid(), core->tid, SIM_SIGNAL_KICK);
}

void sim_core_post(struct sim_core *core, uint32_t event)
{
    uint32_t before = atomic_fetch_or(&core->pending, event);

    if ((before & event) != 0) {
        return; /* whoever set it has told the core, or is about to */
    }
    switch (atomic_load(&core->mode)) {
    case SIM_USER:
        sim_core_kick(core);
        break;
    case SIM_IDLE:
    case SIM_OFF:
        syscall(SYS_futex, &core->pending, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
        break;
    default:
        break;
    }
}

void hal_ipi(coreid_t core)
{
    if (core < sim.cores_count && !(TOOL_DET && det_ipi(core))) {
        sim_core_post(&sim.cores[core], SIM_EVENT_IPI);
    }
}

_Noreturn void sim_core_leave(struct sim_core *core)
{
#if TOOL_TSAN
    if (__tsan_get_current_fiber() != core->fiber) {
        __tsan_switch_to_fiber(core->fiber, 0); /* a panic on the way to a program */
    }
#endif
    longjmp(core->leave, 1);
}

void hal_relax(void)
{
    if ((atomic_load(&sim_this_core->pending) & SIM_EVENT_STOP) != 0) {
        sim_core_leave(sim_this_core); /* what it waits for may never come now */
    }
    if (TOOL_DET) {
        det_relax(sim_this_core);
    } else {
        sched_yield();
    }
}

static bool take_event(struct sim_core *core, struct hal_trap *trap)
{
    uint32_t pending = atomic_load(&core->pending);

    *trap = (struct hal_trap){0};
    if ((pending & SIM_EVENT_TIMER) != 0) {
        atomic_fetch_and(&core->pending, ~(uint32_t)SIM_EVENT_TIMER);
        if (sim_timer_due(core)) {
            trap->cause = HAL_TIMER;
            return true;
        }
    }
    if ((pending & SIM_EVENT_IPI) != 0) {
        atomic_fetch_and(&core->pending, ~(uint32_t)SIM_EVENT_IPI);
        trap->cause = HAL_IPI;
        return true;
    }
    if ((pending & SIM_EVENT_IRQ) != 0) {
        atomic_fetch_and(&core->pending, ~(uint32_t)SIM_EVENT_IRQ);
        trap->cause = HAL_IRQ;
        return sim_irq_take(core, &trap->irq);
    }
    return false;
}

/* Sleeps while nothing is pending, until the kernel's deadline. */
void sim_core_sleep(struct sim_core *core, nanos_t deadline, uint32_t mode)
{
    struct timespec until = sim_host_time(deadline);
    long result = 0;

    atomic_store(&core->mode, mode);
    if (TOOL_DET) {
        det_sleep(core, deadline);
    } else if (atomic_load(&core->pending) == 0) {
        result = syscall(SYS_futex, &core->pending, FUTEX_WAIT_BITSET_PRIVATE, 0,
                         deadline == NANOS_NEVER ? NULL : &until, NULL, FUTEX_BITSET_MATCH_ANY);
    }
    if (result != 0 && errno == ETIMEDOUT) {
        atomic_fetch_or(&core->pending, SIM_EVENT_TIMER);
    }
    atomic_store(&core->mode, SIM_KERNEL);
}

/* In between the thread is on the program's stack as far as the sanitizers know. Nothing may be instrumented
 * while they disagree with the processor.
 *
 * What happened before for ThreadSanitizer: whatever a program did, for the kernel of its core; whatever the
 * kernel did, for a program that made a system call or got an upcall. A program that goes on where it was
 * interrupted has learned nothing, so that two programs of one core can race. */
static UNINSTRUMENTED __attribute__((noinline)) void resume(struct sim_core *core,
                                                            const struct hal_next *next)
{
#if TOOL_ASAN
    void *kernel_fake = NULL;

    __sanitizer_start_switch_fiber(&kernel_fake, (const void *)next->vspace->base, next->vspace->bytes);
    __sanitizer_finish_switch_fiber(NULL, NULL, NULL);
#endif
#if TOOL_TSAN
    if (next->context->fiber == NULL) {
        vaddr_t base;

        next->context->fiber = __tsan_create_fiber(0);
        __tsan_set_fiber_name(next->context->fiber, sim_program_at(hal_context_pc(next->context), &base));
    }
    __tsan_switch_to_fiber(next->context->fiber,
                           next->context->interrupted ? __tsan_switch_to_fiber_no_sync : 0);
#endif
    isa_resume(core, next->context);
    next->context->interrupted = core->cause != SIM_CAUSE_GATE;
#if TOOL_TSAN
    __tsan_switch_to_fiber(core->fiber, 0);
#endif
#if TOOL_ASAN
    __sanitizer_start_switch_fiber(NULL, (const void *)core->stack_low, core->stack_high - core->stack_low);
    __sanitizer_finish_switch_fiber(kernel_fake, NULL, NULL);
#endif
}

void hal_context_forget(struct hal_context *c)
{
#if TOOL_TSAN
    if (c->fiber != NULL) {
        __tsan_destroy_fiber(c->fiber);
    }
#endif
    c->fiber = NULL;
}

/* A program counter outside the address space would run host code: refused before it does. */
static bool may_run(const struct hal_next *next)
{
    vaddr_t pc = hal_context_pc(next->context);

    return pc - next->vspace->base < next->vspace->bytes ||
           (tool_programs_use_host_code() && isa_can_jump(pc));
}

/* True when the kernel has to hear of it. */
static bool run(struct sim_core *core, const struct hal_next *next, struct hal_trap *trap)
{
    if (!may_run(next)) {
        *trap = (struct hal_trap){.cause = HAL_FAULT,
                                  .kind = FAULT_MEMORY,
                                  .access = ACCESS_EXECUTE,
                                  .address = hal_context_pc(next->context)};
        return true;
    }
    if (!sim_timer_prepare(core)) {
        return false;
    }
    core->context = next->context;
    core->vspace = next->vspace;
    if (TOOL_DET) {
        det_program_begins(core);
    }
    resume(core, next);
    if (TOOL_DET) {
        det_program_ended(core, next->context);
    }
    sim_hostcon_doorbell();
    switch (core->cause) {
    case SIM_CAUSE_GATE:
        *trap = (struct hal_trap){.cause = HAL_SYSCALL};
        return true;
    case SIM_CAUSE_FAULT:
        *trap = core->trap;
        return true;
    default:
        return false;
    }
}

static void idle(struct sim_core *core)
{
    if (core->deadline <= hal_now()) {
        atomic_fetch_or(&core->pending, SIM_EVENT_TIMER);
    } else {
        sim_core_sleep(core, core->deadline, SIM_IDLE);
    }
}

/* The kernel wants to go on with its own work; a deadline that has passed meanwhile comes first. */
static bool go_on(struct sim_core *core, struct hal_trap *trap)
{
    *trap = (struct hal_trap){.cause = HAL_CONTINUE};
    return sim_timer_prepare(core);
}

/* Does what the kernel wants until it has to hear of something. False: look for events first. */
static bool proceed(struct sim_core *core, const struct hal_next *next, struct hal_trap *trap)
{
    if (next->context != NULL) {
        return run(core, next, trap);
    }
    if (next->vspace == HAL_NEXT_CONTINUE.vspace) {
        return go_on(core, trap);
    }
    idle(core);
    return false;
}

/* The machine ends: what would have run is told to whoever asks (sim_cores_print). */
static _Noreturn void end(struct sim_core *core, const struct hal_next *next)
{
    core->end_data = core->data;
    core->end_runs = next->context != NULL;
    if (core->end_runs) {
        core->end_pc = hal_context_pc(next->context);
        core->end_base = next->vspace->base;
    }
    sim_core_leave(core);
}

_Noreturn void sim_core_loop(struct sim_core *core, struct hal_next next)
{
    for (;;) {
        struct hal_trap trap;

        if (TOOL_DET) {
            det_point(core);
        }
        if ((atomic_load(&core->pending) & SIM_EVENT_STOP) != 0) {
            end(core, &next);
        }
        if ((atomic_load(&core->pending) & SIM_EVENT_TELL) != 0) {
            sim_core_tell(core, &next);
        }
        if (take_event(core, &trap) || proceed(core, &next, &trap)) {
            next = kernel_enter(&trap);
        }
    }
}
