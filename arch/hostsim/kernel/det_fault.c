/* SPDX-License-Identifier: MIT */
#include "det_fault.h"
#include "det_place.h"
#include "det_random.h"
#include "det_trace.h"
#include "faults.h"

#define MS ((nanos_t)1000 * 1000)

/* Of choices of a core, of interrupts to one, of times at a place, of interruptions of a program, of
 * allocations that were drawn. */
static const unsigned one_in[SIM_FAULTS] = {4000, 8, 400, 10000, 1, 300, 1, 1};
static const nanos_t longest[SIM_FAULTS] = {100 * MS, 10 * MS, 0, 3000 * MS, 4 * MS, 0, 0, 0};

static struct det_random random_of[SIM_FAULTS];
static bool wanted[SIM_FAULTS];
static unsigned long counts[SIM_FAULTS];
static nanos_t stalled_until[SIM_CORES_MAX];
static nanos_t late_until[SIM_CORES_MAX]; /* 0: none is under way */

/* Choices of a core until one stops: at least what the system takes to start, and as likely soon as late. */
#define STOP_FIRST_LOG2 15u
#define STOP_LAST_LOG2  21u

static uint64_t choices_to_stop; /* 0: none does any more */

/* As likely between 1 << n and 1 << (n + 1) for each n. */
static uint64_t draw_log(enum sim_fault f, unsigned first_log2, unsigned last_log2)
{
    uint64_t least = (uint64_t)1 << (first_log2 + det_draw(&random_of[f], last_log2 - first_log2));

    return least + det_draw(&random_of[f], least);
}

void det_faults_begin(void)
{
    for (enum sim_fault f = 0; f < SIM_FAULTS; f++) {
        wanted[f] = sim_faults_have(sim.options->faults, f, NULL);
        random_of[f] = det_stream(sim.options->seed, 1 + f);
    }
    if (wanted[SIM_FAULT_STOP] && sim.cores_count > 1) {
        choices_to_stop = draw_log(SIM_FAULT_STOP, STOP_FIRST_LOG2, STOP_LAST_LOG2);
    }
    det_places_begin(wanted[SIM_FAULT_LINGER]);
}

/* ---- what befalls the machine */

/* Nothing does once the machine is to end: when the others hear of it is up to the host. */
static bool befalls(enum sim_fault f)
{
    if (!wanted[f] || atomic_load(&sim.end) != 0 || !det_one_in(&random_of[f], one_in[f])) {
        return false;
    }
    counts[f]++;
    return true;
}

/* Mostly short, seldom as long as it may be. */
static nanos_t how_long(enum sim_fault f)
{
    nanos_t most = longest[f] >> det_draw(&random_of[f], 12);

    return 1 + det_draw(&random_of[f], most);
}

static struct sim_core *some_core(enum sim_fault f)
{
    return &sim.cores[det_draw(&random_of[f], sim.cores_count)];
}

void det_faults_deliver(nanos_t now)
{
    for (unsigned i = 0; i < sim.cores_count; i++) {
        if (late_until[i] != 0 && late_until[i] <= now) {
            late_until[i] = 0;
            sim_core_post(&sim.cores[i], SIM_EVENT_IPI);
        }
    }
}

static void post_for_nothing(nanos_t now)
{
    struct sim_core *core = some_core(SIM_FAULT_SPURIOUS);

    if (atomic_load(&core->on) != 0) {
        det_trace(DET_SPURIOUS, core, now, 0);
        sim_core_post(core, det_one_in(&random_of[SIM_FAULT_SPURIOUS], 2) ? SIM_EVENT_IPI : SIM_EVENT_TIMER);
    }
}

static void stand_still(const struct sim_core *core, nanos_t until)
{
    if (until > stalled_until[core->id]) {
        stalled_until[core->id] = until;
    }
}

static void stop_one(nanos_t now)
{
    const struct sim_core *core;

    if (choices_to_stop == 0 || --choices_to_stop != 0 || !befalls(SIM_FAULT_STOP)) {
        return;
    }
    core = &sim.cores[1 + det_draw(&random_of[SIM_FAULT_STOP], sim.cores_count - 1)];
    stand_still(core, NANOS_NEVER);
    det_trace(DET_STOP, core, now, 0);
}

void det_faults_befall(nanos_t *now)
{
    stop_one(*now);
    if (befalls(SIM_FAULT_CLOCK)) {
        *now += how_long(SIM_FAULT_CLOCK);
        det_trace(DET_CLOCK, NULL, *now, 0);
    }
    if (befalls(SIM_FAULT_STALL)) {
        struct sim_core *core = some_core(SIM_FAULT_STALL);
        nanos_t duration = how_long(SIM_FAULT_STALL);

        stand_still(core, *now + duration);
        det_trace(DET_STALL, core, *now, duration);
    }
    if (befalls(SIM_FAULT_SPURIOUS)) {
        post_for_nothing(*now);
    }
}

bool det_stalled(const struct sim_core *core, nanos_t now)
{
    return stalled_until[core->id] > now;
}

nanos_t det_faults_deadline(nanos_t now)
{
    nanos_t first = NANOS_NEVER;

    for (unsigned i = 0; i < sim.cores_count; i++) {
        if (stalled_until[i] > now && stalled_until[i] < first) {
            first = stalled_until[i];
        }
        if (late_until[i] != 0 && late_until[i] < first) {
            first = late_until[i];
        }
    }
    return first;
}

bool det_ipi_is_late(coreid_t core, nanos_t now)
{
    if (late_until[core] == 0 && befalls(SIM_FAULT_DELAY)) {
        late_until[core] = now + how_long(SIM_FAULT_DELAY);
        det_trace(DET_DELAY, &sim.cores[core], now, late_until[core] - now);
    }
    return late_until[core] != 0;
}

static void linger(const struct sim_core *core, nanos_t now)
{
    nanos_t duration = how_long(SIM_FAULT_LINGER);

    stand_still(core, now + duration);
    det_trace(DET_LINGER, core, now, duration);
}

enum det_linger det_lingers_in_program(const struct sim_core *core, uintptr_t block, nanos_t now)
{
    if (!det_place_of_program(block) || !befalls(SIM_FAULT_LINGER)) {
        return DET_GOES_ON;
    }
    if (det_one_in(&random_of[SIM_FAULT_LINGER], 3)) {
        return DET_IS_SLOW;
    }
    linger(core, now);
    return DET_STANDS_STILL;
}

bool det_lingers_in_kernel(const struct sim_core *core, uintptr_t access, nanos_t now)
{
    if (!det_place_of_kernel(access) || !befalls(SIM_FAULT_LINGER)) {
        return false;
    }
    linger(core, now);
    return true;
}

bool det_kills(const struct sim_core *core, vaddr_t pc, nanos_t now)
{
    vaddr_t base;
    const char *program = wanted[SIM_FAULT_KILL] ? sim_program_at(pc, &base) : NULL;

    if (program == NULL || !sim_faults_have(sim.options->faults, SIM_FAULT_KILL, program) ||
        !befalls(SIM_FAULT_KILL)) {
        return false;
    }
    det_trace(DET_KILL, core, now, pc - core->vspace->base);
    return true;
}

#define REFUSED_LOG2 9u /* one of up to so many allocations, mostly of fewer */

static uint64_t allocations_left;

static uint64_t draw_allocation(void)
{
    return 1 + det_draw(&random_of[SIM_FAULT_REFUSE],
                        (uint64_t)1 << det_draw(&random_of[SIM_FAULT_REFUSE], REFUSED_LOG2 + 1));
}

/* A system that gets no memory while it starts does not start. */
static bool all_have_started(void)
{
    static bool started;

    started = started || sim_faults_all(sim.options->faults, SIM_FAULT_REFUSE, sim_program_was_loaded);
    return started;
}

uint64_t det_refuses(vaddr_t pc)
{
    vaddr_t base;
    const char *program = wanted[SIM_FAULT_REFUSE] && all_have_started() ? sim_program_at(pc, &base) : NULL;

    if (program == NULL || atomic_load(&sim.end) != 0 ||
        !sim_faults_have(sim.options->faults, SIM_FAULT_REFUSE, program)) {
        return 0;
    }
    if (allocations_left == 0) {
        allocations_left = draw_allocation();
    }
    return allocations_left;
}

void det_refused(const struct sim_core *core, uint64_t left, nanos_t now)
{
    if (left == 0) {
        counts[SIM_FAULT_REFUSE]++;
        det_trace(DET_REFUSED, core, now, counts[SIM_FAULT_REFUSE]);
    }
    allocations_left = left;
}

void det_faults_print(char text[], size_t bytes)
{
    size_t used = 0;

    text[0] = '\0';
    for (enum sim_fault f = 0; f < SIM_FAULTS; f++) {
        if (wanted[f] && used < bytes) {
            used += (size_t)snprintf(text + used, bytes - used, ", %lu %s", counts[f], sim_fault_name(f));
        }
    }
}
