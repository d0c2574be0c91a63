/* SPDX-License-Identifier: MIT */
/* System calls: decode, check, act. A number or an argument that means nothing is an error for the caller and
 * nothing else. */
#include "syscall.h"
#include <mudskipper/abi/syscall.h>
#include <mudskipper/cap/invoke.h>
#include <mudskipper/cap/operations.h>
#include <mudskipper/hal/time.h>
#include "core.h"
#include "dispatcher.h"
#include "message.h"
#include "objects.h"
#include "upcall.h"

static void set_error(struct dispatcher *d, err_t error)
{
    hal_context_set_arg(&d->context, SYS_ARG_ERR_CODES, err_pack(error));
    hal_context_set_arg(&d->context, SYS_ARG_ERR_DETAIL, error.detail);
}

/* Nearly always it is there and can be used; otherwise the look-up says why not. */
static inline err_t find_target(struct core *core, struct dispatcher *d, struct cap_ref *target)
{
    cptr_t address = (cptr_t)hal_context_arg(&d->context, 0);
    struct cap_slot *root = &d->slots[HELD_ROOT];
    struct cap_slot *s = cap_find_source(&core->caps, root, address);

    if (s == NULL) {
        return cap_lookup_source(&core->caps, root, address, CAP_LEVEL_SLOT, target);
    }
    *target = (struct cap_ref){s, address, CAP_LEVEL_SLOT, CPTR_L2_SLOTS - address % CPTR_L2_SLOTS};
    return OK;
}

/* Operations on capabilities, which may be long: done step by step, with the arguments in the context. */
static err_t invoke_engine(struct core *core, struct dispatcher *d, const struct cap_ref *target,
                           uint32_t operation)
{
    uint64_t args[SYS_ARGS] = {0};
    struct cap_invocation i = {.root = &d->slots[HELD_ROOT],
                               .target = *target,
                               .operation = operation,
                               .args = args,
                               .budget = CAP_STEP_BUDGET};
    enum cap_progress progress;

    for (unsigned a = 0; a < SYS_ARG_DEADLINE; a++) {
        args[a] = hal_context_arg(&d->context, a);
    }
    progress = cap_invoke(&core->caps, &i);
    if (d->state == DISPATCHER_DEAD) {
        return OK; /* it deleted what it stands on */
    }
    for (unsigned a = 1; a < SYS_ARG_DEADLINE; a++) {
        hal_context_set_arg(&d->context, a, args[a]);
    }
    d->unfinished = progress == CAP_AGAIN;
    return i.error;
}

static err_t invoke(struct core *core, struct dispatcher *d)
{
    uint32_t operation = (uint32_t)(hal_context_arg(&d->context, 0) >> 32) & 0xffff;
    struct cap_ref target;
    err_t e = find_target(core, d, &target);

    if (!err_ok(e)) {
        return e;
    }
    if (cap_invoke_knows(target.slot->type, operation)) {
        return invoke_engine(core, d, &target, operation);
    }
    return objects_invoke(core, d, &target, operation);
}

/* What is seen of who sends through this capability. A Handle has the range of the endpoint it descends from,
 * and is gone before that is. */
static err_t find_badge(const struct core *core, const struct cap_ref *target, uint64_t *badge)
{
    const struct cap_slot *s = target->slot;

    if (s->type == CAP_TYPE_ENDPOINT_LMP) {
        *badge = s->endpoint.badge;
    } else if (s->type != CAP_TYPE_HANDLE) {
        return err_make(ERR_CAP_WRONG_TYPE, target->address);
    } else if (s->owner != core->id) {
        return err_make(ERR_CAP_FOREIGN, s->owner);
    } else {
        *badge = CAP_HANDLE_BADGE(s->service.id, s->service.badge);
    }
    return s->rights & CAP_WRITE ? OK : err_make(ERR_CAP_MISSING_RIGHT, CAP_WRITE);
}

static err_t send(struct core *core, struct dispatcher *d, bool is_call)
{
    struct cap_ref target;
    uint64_t badge;
    err_t e = find_target(core, d, &target);

    if (err_ok(e)) {
        e = find_badge(core, &target, &badge);
    }
    return err_ok(e) ? message_send(core, d, endpoint_of(target.slot), badge, is_call) : e;
}

/* To the call received last, or to one that was kept. */
static err_t reply(struct core *core, struct dispatcher *d)
{
    struct cap_ref target;
    int one_step = 1; /* it has no copies and holds nothing; and nothing else may end meanwhile */
    err_t e;

    if ((cptr_t)hal_context_arg(&d->context, 0) == CPTR_NULL) {
        return message_reply(core, d, &d->current_call);
    }
    e = find_target(core, d, &target);
    if (err_ok(e) && target.slot->type != CAP_TYPE_REPLY) {
        e = err_make(ERR_CAP_WRONG_TYPE, target.address);
    }
    if (err_ok(e)) {
        e = message_reply(core, d, (struct message **)(uintptr_t)&target.slot->reply.message);
    }
    if (err_ok(e)) {
        (void)cap_delete_act(&core->caps, target.slot, &one_step);
    }
    return e;
}

/* The second half of a call or reply. */
static void then_receive(struct core *core, struct dispatcher *d, err_t first)
{
    if (err_ok(first) && hal_context_arg(&d->context, 0) & SYS_FLAG_WAIT) {
        message_receive(core, d);
        return;
    }
    if (!err_ok(first)) {
        hal_context_set_arg(&d->context, 1, 0); /* nothing came */
    }
    set_error(d, first);
}

void syscall_handle(struct core *core, struct dispatcher *d)
{
    uint64_t number = hal_context_arg(&d->context, SYS_ARG_NUMBER);
    err_t error = OK;

    d->unfinished = false; /* whatever stood in the way of going on is an error now */
    switch (number) {
    case SYS_NULL:
        break;
    case SYS_INVOKE:
        error = invoke(core, d);
        if (d->unfinished) {
            return; /* the arguments, number included, are needed again */
        }
        break;
    case SYS_SEND:
        if (message_clean(core, d)) {
            return;
        }
        error = send(core, d, false);
        break;
    case SYS_CALL:
        if (!message_clean(core, d)) {
            then_receive(core, d, send(core, d, true));
        }
        return;
    case SYS_RECV:
        message_receive(core, d);
        return;
    case SYS_REPLY:
        then_receive(core, d, reply(core, d));
        return;
    case SYS_YIELD:
        schedule_rotate(&core->schedule, d);
        core->slice_end = hal_now() + SCHEDULE_SLICE_NS; /* its next one is a whole one */
        break;
    case SYS_RESUME:
        error = upcall_resume(d, hal_context_arg(&d->context, 0));
        if (err_ok(error)) {
            return; /* every register is the save area's */
        }
        break;
    case SYS_NOW:
        hal_context_set_arg(&d->context, 0, hal_now());
        break;
    default:
        error = err_make(ERR_BAD_SYSCALL, number);
    }
    set_error(d, error);
}
