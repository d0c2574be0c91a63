/* SPDX-License-Identifier: MIT */
#include "dispatcher.h"
#include <mudskipper/abi/syscall.h>
#include <mudskipper/pure/format.h>
#include "console.h"
#include "message.h"

CLAIM(the_smallest_dispatcher_has_room_for_messages,
      sizeof(struct dispatcher) + 8 * sizeof(struct message) <= CAP_DISPATCHER_BYTES);

void dispatcher_init(struct dispatcher *d, uint64_t bytes, const char *name, uint32_t process)
{
    d->state = DISPATCHER_STOPPED;
    d->priority = SCHEDULE_LEVELS / 2;
    d->process = process;
    format_to(d->name, sizeof(d->name), "%s", name);
    deadline_init(&d->deadline);
    message_pool_init(d, d + 1, bytes - sizeof(*d));
}

void dispatcher_make_ready(struct core *core, struct dispatcher *d)
{
    deadline_clear(&core->deadlines, &d->deadline);
    d->state = DISPATCHER_READY;
    schedule_add(&core->schedule, d);
}

void dispatcher_make_ready_first(struct core *core, struct dispatcher *d)
{
    deadline_clear(&core->deadlines, &d->deadline);
    d->state = DISPATCHER_READY;
    schedule_add_front(&core->schedule, d);
}

void dispatcher_wait(struct core *core, struct dispatcher *d, nanos_t deadline)
{
    schedule_remove(&core->schedule, d);
    d->state = DISPATCHER_WAITING;
    deadline_set(&core->deadlines, &d->deadline, deadline);
}

void dispatcher_flush_line(struct dispatcher *d)
{
    if (d->line_count > 0) {
        console_program_text(d->line, d->line_count);
        d->line_count = 0;
    }
}

void dispatcher_end(struct core *core, struct dispatcher *d, uint32_t exit_code)
{
    if (d->state == DISPATCHER_READY) {
        schedule_remove(&core->schedule, d);
    }
    deadline_clear(&core->deadlines, &d->deadline);
    dispatcher_flush_line(d);
    hal_context_forget(&d->context);
    d->state = DISPATCHER_DEAD;
    d->exit_code = exit_code;
}
