/* SPDX-License-Identifier: MIT */
/* The one way into the kernel: an event happened, decide who runs next. Everything here is bounded. */
#include <mudskipper/hal/kernel.h>
#include <mudskipper/hal/time.h>
#include "check.h"
#include "core.h"
#include "dispatcher.h"
#include "fault.h"
#include "run.h"
#include "syscall.h"

static void on_timer(struct core *core)
{
    nanos_t now = hal_now();
    struct deadline *due;

    core->timer_set = NANOS_NEVER; /* one-shot: it has fired */
    while ((due = deadline_take_due(&core->deadlines, now)) != NULL) {
        struct dispatcher *d = CONTAINER_OF(due, struct dispatcher, deadline);

        dispatcher_make_ready(core, d);
    }
    if (core->current != NULL && core->current->state == DISPATCHER_READY && now >= core->slice_end) {
        schedule_rotate(&core->schedule, core->current);
        core->slice_end = now + SCHEDULE_SLICE_NS;
        core->current->slice_over = true;
    }
}

static struct hal_next run_checked(struct core *core)
{
    struct hal_next next = run_next(core);
    const char *wrong = NULL;

    if (++core->entries >= core->check_every) {
        core->entries = 0;
        wrong = check_core(core);
    }
    if (wrong != NULL) {
        kernel_panic("%s", wrong);
    }
    return next;
}

/* Everything but a system call. */
static void on_event(struct core *core, const struct hal_trap *trap)
{
    struct dispatcher *d = core->current;

    if (d != NULL) {
        d->preempted = trap->cause == HAL_TIMER || trap->cause == HAL_IPI || trap->cause == HAL_IRQ ||
                       (trap->cause == HAL_CONTINUE && d->preempted);
    }
    switch (trap->cause) {
    case HAL_FAULT:
        fault(d, trap);
        break;
    case HAL_TIMER:
        on_timer(core);
        break;
    case HAL_IPI:
        notify_take(core);
        break;
    case HAL_IRQ:
        irq_fired(core, trap->irq);
        break;
    default: /* HAL_CONTINUE */
        run_continue(core);
        break;
    }
}

struct hal_next kernel_enter(const struct hal_trap *trap)
{
    struct core *core = this_core();

    if (trap->cause == HAL_SYSCALL) { /* the common case, and nothing in its way */
        core->current->preempted = false;
        syscall_handle(core, core->current);
    } else {
        on_event(core, trap);
    }
    if (core->check_every == 0) {
        return run_next(core);
    }
    return run_checked(core);
}
