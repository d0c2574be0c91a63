/* SPDX-License-Identifier: MIT */
/* Clock and timers. Each core has one host timer that signals its thread; it matters only while a program
 * runs: an idle core sleeps with a deadline instead. Setting a host timer is a system call of the host, so it
 * is set lazily, just before a program runs and only when the one that is set would come too late. One that
 * comes too early is spurious: the core looks at the clock and sets it again. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "det.h"
#include "signals.h"
#include "tools.h"

#define SECOND ((nanos_t)1000000000)
#define NUDGE  ((nanos_t)50000) /* how soon to look again at a program that is in host code */

static nanos_t host_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (nanos_t)t.tv_sec * SECOND + (nanos_t)t.tv_nsec;
}

nanos_t sim_host_elapsed(void)
{
    return host_now() - sim.start;
}

nanos_t hal_now(void)
{
    return TOOL_DET ? det_now() : sim_host_elapsed();
}

void sim_time_start(void)
{
    sim.start = host_now();
}

static UNINSTRUMENTED struct timespec to_timespec(nanos_t t)
{
    return (struct timespec){.tv_sec = (time_t)(t / SECOND), .tv_nsec = (long)(t % SECOND)};
}

struct timespec sim_host_time(nanos_t deadline)
{
    nanos_t far = INT64_MAX / 2; /* the host counts seconds in signed numbers */

    return to_timespec(deadline < far - sim.start ? deadline + sim.start : far);
}

bool sim_timer_create(struct sim_core *core)
{
    struct sigevent event;

    memset(&event, 0, sizeof(event));
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIM_SIGNAL_TIMER;
    event._sigev_un._tid = core->tid;
    core->deadline = NANOS_NEVER;
    core->armed = NANOS_NEVER;
    return TOOL_DET || syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &core->timer) == 0;
}

void sim_timer_destroy(struct sim_core *core)
{
    if (!TOOL_DET) {
        syscall(SYS_timer_delete, core->timer);
    }
}

void hal_timer_set(nanos_t deadline)
{
    struct sim_core *core = sim_this_core;

    core->deadline = deadline;
    core->timer_changed = true;
}

static void arm(struct sim_core *core)
{
    struct itimerspec when = {.it_value = sim_host_time(core->deadline)};

    syscall(SYS_timer_settime, core->timer, TIMER_ABSTIME, &when, NULL);
    core->armed = core->deadline;
}

bool sim_timer_prepare(struct sim_core *core)
{
    if (!core->timer_changed && !TOOL_DET) {
        return true;
    }
    if (core->deadline <= hal_now()) {
        atomic_fetch_or(&core->pending, SIM_EVENT_TIMER);
        return false;
    }
    core->timer_changed = false;
    if (core->deadline < core->armed && !TOOL_DET) {
        arm(core);
    }
    return true;
}

bool sim_timer_due(struct sim_core *core)
{
    core->armed = NANOS_NEVER; /* whatever it was, it has gone off, or will once more for nothing */
    core->timer_changed = true;
    if (core->deadline > hal_now()) {
        return false;
    }
    core->deadline = NANOS_NEVER;
    return true;
}

UNINSTRUMENTED void sim_timer_nudge(struct sim_core *core)
{
    struct itimerspec when = {.it_value = {.tv_sec = 0, .tv_nsec = (long)NUDGE}};

    sim_raw_syscall(SYS_timer_settime, core->timer, 0, (long)&when, 0);
}
