/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "det.h"
#include <linux/futex.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/abi/syscall.h>
#include "det_atomic.h"
#include "det_fault.h"
#include "det_random.h"
#include "det_trace.h"
#include "isa.h"
#include "tools.h"

CLAIM(the_page_lies_below_the_machine, DET_PAGE == SIM_PLACES - PAGE_SIZE);

#define STACK_BYTES ((size_t)1 << 20)

/* What things take, in virtual nanoseconds. How fast processors are is drawn, too: on a slow one slices end,
 * and threads take turns, after fewer blocks. */
#define KERNEL_NS 200u
#define LOOK_NS   20u

#define WEIGHTS_LAST 3000u
#define WEIGHT_LOG2  7u

static const unsigned speeds[] = {4, 30, 200}; /* a block */

/* A program's budget, in basic blocks: mostly long, so that work gets done, often short, so that it is
 * interrupted where nobody expects it. */
#define LONG_BUDGET  20000u
#define SHORT_BUDGET 40u

/* And for the kernel, in accesses to memory: many entries in a row that nothing comes in between of, and some
 * that are interrupted all the time. */
#define LONG_ACCESSES  20000u
#define SHORT_ACCESSES 40u

/* A program that used its budget up may have been slow: then its slice is over, and another of its threads
 * goes on. */
#define SLOW_ONE_IN 64u
#define SLOW_NS     ((nanos_t)20 * 1000 * 1000) /* more than a slice; longer deadlines are not brought nearer */

/* A flow of control of its own on the one thread. */
struct flow {
    uintptr_t sp; /* while it does not run */
    const void *stack_low;
    size_t stack_bytes;
};

struct fibre {
    struct flow flow;
    bool ended;
    bool asleep; /* until something is pending, or: */
    nanos_t until;
    bool inside;     /* it gave way in the middle of the kernel */
    uint64_t weight; /* how often it is chosen, beside others */
};

static struct fibre *fibres;
static struct flow scheduler;
static sem_t at_rest; /* all cores are off, and wait: whoever starts one comes later, not in between */
static void *(*body)(void *core);
static nanos_t now;
static unsigned block_ns;
static uint64_t weights_last; /* for so many choices */
static struct det_random chance;
static bool unchecked; /* others ran while one was in the middle of the kernel */

static volatile int64_t *const budget = (volatile int64_t *)DET_PAGE;
static volatile uint64_t *const place_came = (volatile uint64_t *)(DET_PAGE + DET_PLACE_CAME);
static volatile uint64_t *const refuse = (volatile uint64_t *)(DET_PAGE + DET_REFUSE);
static int64_t budget_given;
static bool may_be_refused;

nanos_t det_now(void)
{
    return now += LOOK_NS;
}

void det_report(void)
{
    char faults[128];

    det_faults_print(faults, sizeof(faults));
    sim_complain("seed %lu: %lu events, trace %016lx%s", (unsigned long)sim.options->seed,
                 (unsigned long)det_trace_events(), (unsigned long)det_trace_hash(), faults);
    det_trace_end();
}

/* ---- who runs ---- */

static bool can_run(const struct sim_core *core)
{
    const struct fibre *f = &fibres[core->id];
    bool stalled = det_stalled(core, now) && atomic_load(&sim.end) == 0;

    return !f->ended && !stalled && (!f->asleep || atomic_load(&core->pending) != 0 || f->until <= now);
}

/* For a while, some cores are much slower than others: what happens on two of them meets in other ways. */
static void draw_weights(void)
{
    if (weights_last == 0) {
        weights_last = 1 + det_draw(&chance, WEIGHTS_LAST);
        for (unsigned i = 0; i < sim.cores_count; i++) {
            fibres[i].weight = 1u << det_draw(&chance, WEIGHT_LOG2 + 1);
        }
    }
    weights_last--;
}

/* How often it is chosen, beside others: not at all while it sleeps. */
static uint64_t weight_of(const struct sim_core *core)
{
    return can_run(core) ? fibres[core->id].weight : 0;
}

static uint64_t all_weights(void)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < sim.cores_count; i++) {
        sum += weight_of(&sim.cores[i]);
    }
    return sum;
}

/* NULL: nobody, but for time to pass. Nothing is drawn then: how often the host asks is up to the host. That
 * a fault makes it so is up to the seed. */
static struct sim_core *choose(void)
{
    uint64_t which;

    det_faults_deliver(now);
    if (all_weights() != 0) {
        det_faults_befall(&now);
    }
    if (all_weights() == 0) {
        return NULL;
    }
    draw_weights();
    which = det_draw(&chance, all_weights());
    for (unsigned i = 0;; i++) {
        if (which < weight_of(&sim.cores[i])) {
            return &sim.cores[i];
        }
        which -= weight_of(&sim.cores[i]);
    }
}

static nanos_t next_deadline(void)
{
    nanos_t first = det_faults_deadline(now);

    for (unsigned i = 0; i < sim.cores_count; i++) {
        if (!fibres[i].ended && !det_stalled(&sim.cores[i], now) && fibres[i].until < first) {
            first = fibres[i].until;
        }
    }
    return first;
}

static void stop_all(void)
{
    for (unsigned i = 0; i < sim.cores_count; i++) {
        sim_core_post(&sim.cores[i], SIM_EVENT_STOP);
    }
}

/* All sleep. Time passes, or the host is waited for: core 0 is what it starts first, and stops first. */
static void pass_time(void)
{
    nanos_t next = next_deadline();

    if (next != NANOS_NEVER) {
        now = next;
        det_trace(DET_TIME, NULL, now, 0);
    } else {
        syscall(SYS_futex, &sim.cores[0].pending, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    }
}

/* The sanitizer is told which stack the thread is on. Nothing may be instrumented while it knows another. */
static UNINSTRUMENTED __attribute__((noinline)) void go(struct flow *from, const struct flow *to)
{
#if TOOL_ASAN
    void *fake = NULL;

    __sanitizer_start_switch_fiber(&fake, to->stack_low, to->stack_bytes);
#endif
    isa_fibre_switch(&from->sp, to->sp);
#if TOOL_ASAN
    __sanitizer_finish_switch_fiber(fake, NULL, NULL);
#endif
}

static void switch_to(struct sim_core *core)
{
    sim_this_core = core;
    fibres[core->id].asleep = false;
    fibres[core->id].until = NANOS_NEVER;
    det_trace(DET_RUNS, core, now, 0);
    sim_traps_hold_back_host_calls(core);
    go(&scheduler, &fibres[core->id].flow);
    sim_this_core = NULL;
}

static void give_way(struct sim_core *core)
{
    go(&fibres[core->id].flow, &scheduler);
}

static void give_way_inside(struct sim_core *core)
{
    fibres[core->id].inside = true;
    give_way(core);
    fibres[core->id].inside = false;
    unchecked = true;
}

/* No core is in the middle of the kernel. */
static bool all_rest(void)
{
    bool rest = true;

    for (unsigned i = 0; i < sim.cores_count; i++) {
        rest = rest && !fibres[i].inside;
    }
    return rest;
}

/* The walkers over what kernels share, while none is in the middle of something. */
static void check_at_rest(void)
{
    for (unsigned i = 0; i < sim.cores_count; i++) {
        const char *wrong = kernel_check_at_rest(sim.cores[i].data);

        if (wrong != NULL && atomic_load(&sim.end) == 0) {
            sim_complain("core %u, while no kernel runs: %s", i, wrong);
            sim_end(SIM_STATUS_PANIC);
        }
    }
}

static bool all_ended(void)
{
    bool all = true;

    for (unsigned i = 0; i < sim.cores_count; i++) {
        all = all && fibres[i].ended;
    }
    return all;
}

static void run_all(void)
{
    bool stopped = false;

    for (unsigned i = 0; i < sim.cores_count; i++) {
        switch_to(&sim.cores[i]); /* each finds its stack, and sleeps until it is wanted */
    }
    sem_post(&at_rest);
    while (!all_ended()) {
        struct sim_core *core = choose();

        if (unchecked && all_rest()) {
            unchecked = false;
            check_at_rest();
        }
        if (atomic_load(&sim.end) != 0 && !stopped) {
            stopped = true;
            stop_all();
        }
        if (core != NULL) {
            switch_to(core);
        } else {
            pass_time();
        }
    }
}

/* ---- the thread ---- */

static _Noreturn void live(struct sim_core *core)
{
    (void)body(core);
    fibres[core->id].ended = true;
    for (;;) {
        give_way(core); /* nobody comes back */
    }
}

/* Entered like a function that nobody called. The scheduler's stack is the thread's, whose ends the sanitizer
 * knows. */
static UNINSTRUMENTED _Noreturn void begin_fibre(void)
{
#if TOOL_ASAN
    __sanitizer_finish_switch_fiber(NULL, &scheduler.stack_low, &scheduler.stack_bytes);
#endif
    live(sim_this_core);
}

static bool make_fibre(struct sim_core *core)
{
    struct fibre *f = &fibres[core->id];
    void *stack;

    f->until = NANOS_NEVER;
    f->weight = 1;
    stack =
        mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED) {
        return false;
    }
    core->stack_low = (uintptr_t)stack;
    core->stack_high = core->stack_low + STACK_BYTES;
    f->flow = (struct flow){isa_fibre_stack(core->stack_high, begin_fibre), stack, STACK_BYTES};
    return true;
}

static void *det_thread(void *unused)
{
    struct sim_core *first = &sim.cores[0];
    int tid = (int)syscall(SYS_gettid);

    if (!sim_traps_begin(first)) {
        sem_post(&at_rest); /* no core says that it works */
        return NULL;
    }
    for (unsigned i = 0; i < sim.cores_count; i++) {
        sim.cores[i].tid = tid;
        sim.cores[i].signal_stack = first->signal_stack;
    }
    run_all();
    sim_traps_end(first);
    return unused;
}

static bool map_pages(void)
{
    void *at = mmap((void *)DET_PLACES, DET_PAGE + PAGE_SIZE - DET_PLACES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    return at == (void *)DET_PLACES;
}

bool det_cores_create(void *(*of_core)(void *core))
{
    bool good = map_pages() && det_trace_begin();

    body = of_core;
    chance = det_stream(sim.options->seed, 0);
    det_faults_begin();
    block_ns = speeds[det_draw(&chance, ARRAY_LENGTH(speeds))];
    fibres = calloc(sim.cores_count, sizeof(*fibres));
    good = good && fibres != NULL;
    for (unsigned i = 0; i < sim.cores_count && good; i++) {
        good = make_fibre(&sim.cores[i]);
    }
    sem_init(&at_rest, 0, 0);
    sim.cores[0].thread_made = good && pthread_create(&sim.cores[0].thread, NULL, det_thread, NULL) == 0;
    while (sim.cores[0].thread_made && sem_wait(&at_rest) != 0) {
    }
    return sim.cores[0].thread_made;
}

/* ---- cores ---- */

void det_point(struct sim_core *core)
{
    now += KERNEL_NS;
    give_way(core);
}

void det_relax(struct sim_core *core)
{
    now += KERNEL_NS;
    give_way_inside(core);
}

bool det_ipi(coreid_t core)
{
    return det_ipi_is_late(core, now);
}

/* ---- points inside of the kernel ---- */

/* Neutral kernel code is compiled with a call of these before each access to memory (meson.build). */
static uint64_t accesses_left;

static void kernel_point(uintptr_t access)
{
    if (sim_this_core == NULL) {
        return; /* walkers, on nobody's time */
    }
    if (det_lingers_in_kernel(sim_this_core, access, now)) {
        give_way_inside(sim_this_core);
        return;
    }
    if (accesses_left > 0) {
        accesses_left--;
        return;
    }
    accesses_left = det_draw(&chance, det_one_in(&chance, 8) ? SHORT_ACCESSES : LONG_ACCESSES);
    give_way_inside(sim_this_core);
}

#define POINT(kind, bytes, type)                                                                             \
    void __sanitizer_cov_##kind##bytes(const type *);                                                        \
    void __sanitizer_cov_##kind##bytes(const type *at)                                                       \
    {                                                                                                        \
        (void)at;                                                                                            \
        kernel_point((uintptr_t)__builtin_return_address(0));                                                \
    }
POINT(load, 1, uint8_t)
POINT(load, 2, uint16_t)
POINT(load, 4, uint32_t)
POINT(load, 8, uint64_t)
POINT(load, 16, __uint128_t)
POINT(store, 1, uint8_t)
POINT(store, 2, uint16_t)
POINT(store, 4, uint32_t)
POINT(store, 8, uint64_t)
POINT(store, 16, __uint128_t)

void det_atomic_point(void)
{
    kernel_point((uintptr_t)__builtin_return_address(0));
}

void det_sleep(struct sim_core *core, nanos_t deadline)
{
    struct fibre *f = &fibres[core->id];

    while (atomic_load(&core->pending) == 0 && now < deadline) {
        f->asleep = true;
        f->until = deadline;
        give_way(core);
    }
    if (atomic_load(&core->pending) == 0) {
        atomic_fetch_or(&core->pending, SIM_EVENT_TIMER);
    }
}

void det_program_begins(struct sim_core *core)
{
    int64_t blocks = 1 + (int64_t)det_draw(&chance, det_draw(&chance, 4) == 0 ? SHORT_BUDGET : LONG_BUDGET);

    if (core->deadline != NANOS_NEVER && core->deadline > now &&
        (core->deadline - now) / block_ns < (uint64_t)blocks) {
        blocks = (int64_t)((core->deadline - now) / block_ns) + 1;
    }
    budget_given = blocks;
    *budget = blocks;
    *refuse = det_refuses(hal_context_pc(core->context));
    may_be_refused = *refuse != 0;
}

/* Where a program stopped: at its end of the budget, in the block that called for it (user/det.S). */
static vaddr_t place_of(const struct hal_context *context)
{
    return det_is_over() ? *(const vaddr_t *)hal_context_sp(context) : hal_context_pc(context);
}

/* Why it does not run any more; perhaps for good: it goes on where nobody can. */
static void trace_end(struct sim_core *core, struct hal_context *context)
{
    vaddr_t place = place_of(context);

    switch (core->cause) {
    case SIM_CAUSE_GATE:
        det_trace(DET_CALL, core, now, hal_context_arg(context, SYS_ARG_NUMBER));
        break;
    case SIM_CAUSE_FAULT:
        det_trace(DET_FAULT, core, now, place - core->vspace->base);
        break;
    default:
        det_trace(DET_INTERRUPTED, core, now, place - core->vspace->base);
        if (det_kills(core, place, now)) {
            hal_context_enter(context, 0, hal_context_sp(context), 0);
        }
        break;
    }
}

/* Whether its slice is over. */
static bool is_slow(struct sim_core *core, const struct hal_context *context)
{
    if (*place_came != 0) {
        return det_lingers_in_program(core, place_of(context), now) == DET_IS_SLOW;
    }
    return *budget < 0 && det_draw(&chance, SLOW_ONE_IN) == 0;
}

void det_program_ended(struct sim_core *core, struct hal_context *context)
{
    now += (nanos_t)(budget_given - *budget) * block_ns;
    if (is_slow(core, context) && core->deadline > now && core->deadline - now < SLOW_NS) {
        now = core->deadline;
    }
    trace_end(core, context);
    *place_came = 0;
    if (may_be_refused) {
        det_refused(core, *refuse, now);
    }
}

UNINSTRUMENTED bool det_is_over(void)
{
    return *budget < 0 || *place_came != 0;
}
