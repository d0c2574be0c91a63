/* SPDX-License-Identifier: MIT */
#include "dispatcher.h"
#include <mudskipper/abi/syscall.h>
#include "console.h"
#include "message.h"

CLAIM(the_smallest_dispatcher_has_room_for_messages,
      sizeof(struct dispatcher) + HELD_FIRST_MESSAGE * sizeof(struct cap_slot) +
              8 * (sizeof(struct message) + sizeof(struct cap_slot)) <=
          CAP_DISPATCHER_BYTES);
CLAIM(slots_behind_the_structure_are_aligned, sizeof(struct dispatcher) % _Alignof(struct cap_slot) == 0);

void dispatcher_init(struct dispatcher *d, uint64_t bytes)
{
    uint64_t fixed = sizeof(*d) + HELD_FIRST_MESSAGE * sizeof(struct cap_slot);
    uint64_t count = (bytes - fixed) / (sizeof(struct message) + sizeof(struct cap_slot));

    d->object_bytes = bytes;
    d->slots = (struct cap_slot *)(d + 1);
    d->priority = SCHEDULE_LEVELS / 2;
    deadline_init(&d->deadline);
    list_init(&d->channels);
    message_pool_init(d, &d->slots[HELD_FIRST_MESSAGE + count], (uint32_t)count);
}

void dispatcher_set_vspace(struct dispatcher *d, struct vspace_record *vspace)
{
    d->vspace = vspace;
    list_push_back(&vspace->users, &d->vspace_node);
}

static void leave_waiting(struct core *core, struct dispatcher *d)
{
    if (d->deadline.when != NANOS_NEVER) { /* most waits have none */
        deadline_clear(&core->deadlines, &d->deadline);
    }
    d->state = DISPATCHER_READY;
}

void dispatcher_make_ready(struct core *core, struct dispatcher *d)
{
    leave_waiting(core, d);
    if (!d->suspended) {
        schedule_add(&core->schedule, d);
    }
}

void dispatcher_make_ready_first(struct core *core, struct dispatcher *d)
{
    leave_waiting(core, d);
    if (!d->suspended) {
        schedule_add_front(&core->schedule, d);
        core->handed_to = d;
    }
}

void dispatcher_wait(struct core *core, struct dispatcher *d, nanos_t deadline)
{
    schedule_remove(&core->schedule, d);
    d->state = DISPATCHER_WAITING;
    if (deadline != NANOS_NEVER) {
        deadline_set(&core->deadlines, &d->deadline, deadline);
    }
}

/* The bit first, its summary then: who reads the summary first misses nothing. */
void dispatcher_notify(struct core *core, struct dispatcher *d, uint32_t bit)
{
    struct dispatcher_user *user = dispatcher_user(d);

    if (user != NULL) {
        user->notify[bit / 64] |= (uint64_t)1 << bit % 64;
        user->notify_summary |= (uint64_t)1 << bit / 64;
        message_notify(core, d);
    }
}

void dispatcher_flush_line(struct dispatcher *d)
{
    if (d->line_count > 0) {
        console_program_text(d->line, d->line_count);
        d->line_count = 0;
    }
}

void dispatcher_end(struct core *core, struct dispatcher *d, uint32_t exit_code, enum exit_reason reason,
                    const struct fault_record *fault)
{
    if (d->state == DISPATCHER_DEAD) {
        return;
    }
    if (d->state == DISPATCHER_READY && !d->suspended) {
        schedule_remove(&core->schedule, d);
    }
    deadline_clear(&core->deadlines, &d->deadline);
    dispatcher_flush_line(d);
    hal_context_forget(&d->context);
    list_remove(&d->vspace_node);
    d->vspace = NULL;
    d->state = DISPATCHER_DEAD;
    d->unfinished = false;
    d->report.stage = REPORT_NONE;
    d->exit_code = exit_code;
    irq_forget_dispatcher(core, d);
    notify_forget_dispatcher(d);
    message_forget_dispatcher(core, d);
    message_exit(core, d, exit_code, reason, fault);
}

void dispatcher_suspend(struct core *core, struct dispatcher *d)
{
    if (!d->suspended && d->state == DISPATCHER_READY) {
        schedule_remove(&core->schedule, d);
    }
    d->suspended = true;
}

void dispatcher_continue(struct core *core, struct dispatcher *d)
{
    if (d->suspended && d->state == DISPATCHER_READY) {
        schedule_add(&core->schedule, d);
    }
    d->suspended = false;
}
