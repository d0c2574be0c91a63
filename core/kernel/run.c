/* SPDX-License-Identifier: MIT */
#include "run.h"
#include <mudskipper/hal/time.h>
#include "core.h"
#include "dispatcher.h"
#include "fault.h"
#include "syscall.h"
#include "upcall.h"

/* `d` stops running. When it is not to blame, the rest of its slice waits for it: otherwise one that is more
 * urgent and wakes often would give it a whole slice each time, and its rivals none. */
static void stop_running(struct core *core, struct dispatcher *d, nanos_t now)
{
    d->cpu_time += now - core->running_since;
    d->stopped_at = now;
    d->slice_left = 0;
    if (d->state == DISPATCHER_READY) {
        d->slice_left = core->slice_end > now ? core->slice_end - now : 1;
    }
}

static void switch_to(struct core *core, struct dispatcher *next)
{
    nanos_t now = hal_now();

    if (core->current != NULL) {
        stop_running(core, core->current, now);
    }
    if (next != NULL && next != core->handed_to) {
        core->slice_end = now + (next->slice_left != 0 ? next->slice_left : SCHEDULE_SLICE_NS);
    }
    core->current = next;
    core->running_since = now;
}

/* No tick: the timer is set only for a deadline, or for the end of a slice somebody waits for. */
static void set_timer(struct core *core)
{
    nanos_t when = deadline_next(&core->deadlines);

    if (core->current != NULL && core->slice_end < when &&
        (schedule_has_rival(&core->schedule, core->current) || dispatcher_wants_slices(core->current))) {
        when = core->slice_end;
    }
    if (when != core->timer_set) {
        core->timer_set = when;
        hal_timer_set(when);
    }
}

/* Something is to be written or logged before a program runs. */
static bool is_unsaid(const struct core *core)
{
    return (core->console.count | core->ends.count) != 0;
}

static void continue_with(struct core *core, struct dispatcher *d)
{
    if (d->report.stage != REPORT_NONE) {
        fault_continue(core, d);
    } else {
        syscall_handle(core, d);
    }
}

void run_continue(struct core *core)
{
    struct dispatcher *d = schedule_first(&core->schedule);
    int budget = CAP_STEP_BUDGET;

    if (console_pending(&core->console)) {
        console_step(&core->console);
    } else if (core->ends.count != 0) {
        end_news_step(&core->ends);
    } else if (d != NULL && d->unfinished) {
        continue_with(core, d);
    } else if (d == NULL) {
        (void)cap_work_step(&core->caps, &budget);
    }
}

struct hal_next run_next(struct core *core)
{
    struct dispatcher *next = schedule_first(&core->schedule);

    if (next != core->current) {
        switch_to(core, next);
    }
    core->handed_to = NULL;
    set_timer(core);
    if (is_unsaid(core)) {
        return HAL_NEXT_CONTINUE;
    }
    if (next == NULL) {
        return cap_work_pending(&core->caps) ? HAL_NEXT_CONTINUE : (struct hal_next){NULL, NULL};
    }
    if (next->unfinished) {
        return HAL_NEXT_CONTINUE;
    }
    if (next->preempted) {
        upcall_run(next);
    }
    return (struct hal_next){&next->vspace->hal, &next->context};
}
