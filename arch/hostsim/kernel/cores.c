/* SPDX-License-Identifier: MIT */
/* Cores are threads. A core's loop: take an event if one is pending, else run the program the kernel chose, else sleep;
 * tell the kernel; do what it says next.
 *
 * No event is lost, whoever posts it and whatever the core does meanwhile:
 *
 *     poster                              core
 *     pending |= event          (1)       mode := USER or IDLE    (3)
 *     if mode is USER: signal   (2)       if pending: stay        (4)
 *     if mode is IDLE: wake
 *
 * All four are sequentially consistent, so (2) sees the new mode or (4) sees the event (with acquire and release alone
 * both can miss). After (4) a signal finds the core in user mode and sends it back (trap.c), and a sleeper waits on
 * `pending` itself: the host's kernel compares it once more before it sleeps. A core in kernel mode needs no
 * telling: it passes (4) before it leaves. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <mudskipper/abi/dispatcher.h>
#include "isa.h"
#include "signals.h"
#include "tools.h"

#define SECOND ((nanos_t)1000000000)

#define STACK_BYTES ((size_t)1 << 20) /* the kernel is content with a tenth; sanitizers are not */

_Thread_local struct sim_core *sim_this_core __attribute__((tls_model("initial-exec")));

static sem_t ready;

coreid_t hal_core_id(void)
{
    return sim_this_core != NULL ? sim_this_core->id : 0;
}

void *hal_core_data(void)
{
    return sim_this_core != NULL ? sim_this_core->data : NULL;
}

void hal_set_core_data(void *data)
{
    sim_this_core->data = data;
}

/* --- events ------------------------------------------------------------------------------------------------------ */

static void kick(const struct sim_core *core)
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
        kick(core);
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
    if (core < sim.cores_count) {
        sim_core_post(&sim.cores[core], SIM_EVENT_IPI);
    }
}

static _Noreturn void leave(struct sim_core *core)
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
        leave(sim_this_core); /* what it waits for may never come now */
    }
    sched_yield();
}

static bool take_event(struct sim_core *core, struct hal_trap *trap)
{
    uint32_t pending = atomic_load(&core->pending);

    *trap = (struct hal_trap){0};
    if ((pending & SIM_EVENT_STOP) != 0) {
        leave(core);
    }
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
static void sleep_for_event(struct sim_core *core, nanos_t deadline, uint32_t mode)
{
    struct timespec until = sim_host_time(deadline);
    long result = 0;

    atomic_store(&core->mode, mode);
    if (atomic_load(&core->pending) == 0) {
        result = syscall(SYS_futex, &core->pending, FUTEX_WAIT_BITSET_PRIVATE, 0,
                         deadline == NANOS_NEVER ? NULL : &until, NULL, FUTEX_BITSET_MATCH_ANY);
    }
    if (result != 0 && errno == ETIMEDOUT) {
        atomic_fetch_or(&core->pending, SIM_EVENT_TIMER);
    }
    atomic_store(&core->mode, SIM_KERNEL);
}

/* --- programs ---------------------------------------------------------------------------------------------------- */

/* Between these two the thread is on the program's stack as far as the sanitizers know. Nothing may be instrumented
 * while they disagree with the processor. */
static UNINSTRUMENTED __attribute__((noinline)) void resume(struct sim_core *core, const struct hal_next *next)
{
#if TOOL_ASAN
    void *kernel_fake = NULL;

    __sanitizer_start_switch_fiber(&kernel_fake, (const void *)next->vspace->base, next->vspace->bytes);
    __sanitizer_finish_switch_fiber(NULL, NULL, NULL);
#endif
#if TOOL_TSAN
    if (next->context->fiber == NULL) {
        next->context->fiber = __tsan_create_fiber(0);
    }
    __tsan_switch_to_fiber(next->context->fiber, 0);
#endif
    isa_resume(core, next->context);
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

    return pc - next->vspace->base < next->vspace->bytes || (tool_programs_use_host_code() && isa_can_jump(pc));
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
    resume(core, next);
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
    core->context = NULL;
    if (core->deadline <= hal_now()) {
        atomic_fetch_or(&core->pending, SIM_EVENT_TIMER);
    } else {
        sleep_for_event(core, core->deadline, SIM_IDLE);
    }
}

static _Noreturn void loop(struct sim_core *core, struct hal_next next)
{
    for (;;) {
        struct hal_trap trap;

        if (take_event(core, &trap) || (next.context != NULL && run(core, &next, &trap))) {
            next = kernel_enter(&trap);
        } else if (next.vspace == HAL_NEXT_CONTINUE.vspace) {
            next = kernel_enter(&(struct hal_trap){.cause = HAL_CONTINUE});
        } else if (next.context == NULL) {
            idle(core);
        }
    }
}

/* --- threads ----------------------------------------------------------------------------------------------------- */

static bool begin(struct sim_core *core)
{
    pthread_attr_t attributes;
    void *low;
    size_t bytes;

    core->tid = (int)syscall(SYS_gettid);
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
        return false;
    }
    pthread_attr_getstack(&attributes, &low, &bytes);
    pthread_attr_destroy(&attributes);
    core->stack_low = (uintptr_t)low;
    core->stack_high = (uintptr_t)low + bytes;
    core->valgrind_stack = VALGRIND_STACK_REGISTER(core->stack_low, core->stack_high);
#if TOOL_TSAN
    core->fiber = __tsan_get_current_fiber();
#endif
    return sim_traps_begin(core) && sim_timer_create(core);
}

/* One life of a core, from start to hal_core_stop or the machine's end. */
static void live(struct sim_core *core)
{
    if (setjmp(core->leave) == 0) {
        loop(core, core->id == 0 ? kernel_boot(sim.info) : kernel_core_main());
    }
}

static void wait_until_wanted(struct sim_core *core)
{
    while ((atomic_load(&core->pending) & (SIM_EVENT_START | SIM_EVENT_STOP)) == 0) {
        atomic_fetch_and(&core->pending, SIM_EVENT_START | SIM_EVENT_STOP);
        sleep_for_event(core, NANOS_NEVER, SIM_OFF);
    }
    atomic_fetch_and(&core->pending, SIM_EVENT_STOP);
}

static void *core_thread(void *argument)
{
    struct sim_core *core = argument;

    sim_this_core = core;
    core->works = begin(core);
    sem_post(&ready);
    while (core->works) {
        wait_until_wanted(core);
        if ((atomic_load(&core->pending) & SIM_EVENT_STOP) != 0) {
            break;
        }
        live(core);
        core->data = NULL;
        core->deadline = NANOS_NEVER;
        atomic_store(&core->on, 0);
        if (atomic_fetch_sub(&sim.cores_on, 1) == 1 && atomic_load(&sim.end) == 0) {
            sim_complain("every core stopped without powering the machine off");
            sim_end(1);
        }
    }
    atomic_store(&core->mode, SIM_KERNEL);
    VALGRIND_STACK_DEREGISTER(core->valgrind_stack);
    sim_timer_destroy(core);
    sim_traps_end(core);
    sim_this_core = NULL;
    return NULL;
}

/* Threads block every signal but those the core needs; the supervisor takes the rest. */
static bool make_thread(struct sim_core *core)
{
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    core->thread_made = pthread_create(&core->thread, &attributes, core_thread, core) == 0;
    pthread_attr_destroy(&attributes);
    return core->thread_made;
}

bool sim_cores_create(unsigned count)
{
    bool good = true;

    sim.cores_count = count;
    sim.cores = aligned_alloc(64, (count * sizeof(struct sim_core) + 63) / 64 * 64);
    if (sim.cores == NULL) {
        return false;
    }
    sem_init(&ready, 0, 0);
    for (unsigned i = 0; i < count; i++) {
        sim.cores[i] = (struct sim_core){.id = i, .mode = SIM_OFF, .timer = -1};
    }
    for (unsigned i = 0; i < count && good; i++) {
        good = make_thread(&sim.cores[i]);
        if (good) {
            while (sem_wait(&ready) != 0) {
            }
            good = sim.cores[i].works;
        }
    }
    return good;
}

enum hal_start_result hal_core_start(coreid_t id)
{
    if (id >= sim.cores_count) {
        return HAL_START_NO_SUCH_CORE;
    }
    if (atomic_exchange(&sim.cores[id].on, 1) != 0) {
        return HAL_START_ALREADY_ON;
    }
    atomic_fetch_add(&sim.cores_on, 1);
    sim_core_post(&sim.cores[id], SIM_EVENT_START);
    return HAL_START_OK;
}

_Noreturn void hal_core_stop(void)
{
    leave(sim_this_core);
}

_Noreturn void hal_power_off(unsigned code)
{
    sim_end(code & 0xff);
    leave(sim_this_core);
}

_Noreturn void hal_reset(void)
{
    sim_end(SIM_STATUS_RESET);
    leave(sim_this_core);
}

bool sim_cores_end(nanos_t patience)
{
    struct timespec until;
    bool all = true;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(patience / SECOND);
    for (unsigned i = 0; i < sim.cores_count; i++) {
        sim_core_post(&sim.cores[i], SIM_EVENT_STOP);
    }
    for (unsigned i = 0; i < sim.cores_count; i++) {
        struct sim_core *core = &sim.cores[i];

        if (core->thread_made && pthread_timedjoin_np(core->thread, NULL, &until) != 0) {
            all = false;
            kick(core); /* where is it? */
        } else {
            core->thread_made = false;
        }
    }
    return all;
}

void sim_cores_destroy(void)
{
    free(sim.cores);
    sim.cores = NULL;
    sem_destroy(&ready);
}

static void print_core(const struct sim_core *core)
{
    vaddr_t base = 0;
    const char *program;

    if (core->thread_made) {
        sim_complain("core %u is in the kernel and does not leave it:", core->id);
        for (unsigned i = 0; i < atomic_load(&core->position_count); i++) {
            sim_complain("  #%u kernel+0x%lx", i, (unsigned long)hal_image_offset(core->position[i]));
        }
    } else if (core->context == NULL) {
        sim_complain("core %u is idle", core->id);
    } else {
        vaddr_t pc = hal_context_pc(core->context);

        program = sim_program_at(pc, &base);
        sim_complain("core %u runs %s at 0x%lx (+0x%lx)", core->id, program != NULL ? program : "a program",
                     (unsigned long)pc, (unsigned long)(pc - (program != NULL ? base : core->vspace->base)));
    }
}

void sim_cores_print(void)
{
    for (unsigned i = 0; i < sim.cores_count; i++) {
        print_core(&sim.cores[i]);
    }
}
