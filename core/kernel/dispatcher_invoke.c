/* SPDX-License-Identifier: MIT */
/* Invocations of Dispatchers: each checks everything, then changes. */
#include <mudskipper/abi/syscall.h>
#include <mudskipper/cap/operations.h>
#include <mudskipper/hal/debug.h>
#include "core.h"
#include "dispatcher.h"
#include "end.h"
#include "message.h"
#include "objects.h"

static uint64_t arg(const struct dispatcher *d, unsigned i)
{
    return hal_context_arg(&d->context, i);
}

/* The usable capability of the given type that an argument names. */
static err_t find(struct core *core, const struct dispatcher *d, unsigned i, unsigned type,
                  struct cap_ref *out)
{
    err_t e = cap_lookup_source(&core->caps, &d->slots[HELD_ROOT], (cptr_t)arg(d, i), CAP_LEVEL_SLOT, out);

    if (err_ok(e) && out->slot->type != type) {
        e = err_make(ERR_CAP_WRONG_TYPE, out->address);
    }
    return err_push(e, ERR_WHILE_SOURCE);
}

/* What SETUP copies into the dispatcher's own slots. */
struct setup {
    struct cap_copy copies[4];
    unsigned count;
};

static err_t setup_one(struct core *core, struct dispatcher *d, struct dispatcher *target, unsigned i,
                       unsigned type, enum dispatcher_slot held, struct setup *setup)
{
    struct cap_copy *c = &setup->copies[setup->count];
    err_t e = find(core, d, i, type, &c->source);

    if (err_ok(e)) {
        c->dest = (struct cap_ref){.slot = &target->slots[held], .level = CAP_LEVEL_SLOT, .room = 1};
        e = cap_copy_check(&core->caps, c);
    }
    if (err_ok(e)) {
        setup->count++;
    }
    return e;
}

static err_t setup_check(struct core *core, struct dispatcher *d, struct dispatcher *target,
                         struct setup *setup)
{
    err_t e = setup_one(core, d, target, 1, CAP_TYPE_L1_CNODE, HELD_ROOT, setup);

    if (err_ok(e)) {
        e = setup_one(core, d, target, 2, CAP_TYPE_VNODE_L0, HELD_VSPACE, setup);
    }
    if (err_ok(e) && !vspace_record_of(setup->copies[1].source.slot->base)->usable) {
        e = err_make(ERR_LIMIT, 0);
    }
    if (err_ok(e)) {
        e = setup_one(core, d, target, 3, CAP_TYPE_FRAME, HELD_USER_PART, setup);
    }
    if (err_ok(e) && setup->copies[2].source.slot->size < sizeof(struct dispatcher_user)) {
        e = err_make(ERR_BAD_BUFFER, 0);
    }
    if (err_ok(e) &&
        (setup->copies[2].source.slot->rights & (CAP_READ | CAP_WRITE)) != (CAP_READ | CAP_WRITE)) {
        e = err_make(ERR_CAP_MISSING_RIGHT, CAP_READ | CAP_WRITE);
    }
    if (err_ok(e) && arg(d, 4) != 0) {
        e = setup_one(core, d, target, 4, CAP_TYPE_ENDPOINT_LMP, HELD_MONITOR, setup);
        if (err_ok(e) && !(setup->copies[3].source.slot->rights & CAP_WRITE)) {
            e = err_make(ERR_CAP_MISSING_RIGHT, CAP_WRITE);
        }
    }
    return e;
}

static void set_name(struct dispatcher *target, const struct dispatcher *d)
{
    for (unsigned i = 0; i < DISPATCHER_NAME_BYTES - 1; i++) {
        char c = (char)(arg(d, 6 + i / 8) >> (i % 8 * 8));

        if (c == '\0') {
            break;
        }
        target->name[i] = c >= ' ' && c <= '~' ? c : '?';
    }
}

static err_t setup(struct core *core, struct dispatcher *d, struct dispatcher *target)
{
    struct setup setup = {.count = 0};
    err_t e;

    if (target->state != DISPATCHER_STOPPED || target->vspace != NULL) {
        return err_make(ERR_PROC_RUNNING, 0);
    }
    e = setup_check(core, d, target, &setup);
    if (!err_ok(e)) {
        return e;
    }
    for (unsigned i = 0; i < setup.count; i++) {
        cap_copy_act(&core->caps, &setup.copies[i]);
    }
    dispatcher_set_vspace(target, vspace_record_of(target->slots[HELD_VSPACE].base));
    target->user_part = hal_p2v(target->slots[HELD_USER_PART].base);
    target->process = (uint32_t)arg(d, 5);
    set_name(target, d);
    return OK;
}

static err_t start(struct core *core, struct dispatcher *d, struct dispatcher *target)
{
    uint64_t priority = arg(d, 4);

    if (target->state != DISPATCHER_STOPPED) {
        return err_make(ERR_PROC_RUNNING, 0);
    }
    if (target->vspace == NULL) {
        return err_make(ERR_PROC_NOT_RUNNABLE, 0);
    }
    if (priority > d->priority) {
        return err_make(ERR_PROC_PRIORITY, priority);
    }
    target->priority = (uint32_t)priority;
    hal_context_init(&target->context, arg(d, 1), arg(d, 2), arg(d, 3));
    dispatcher_make_ready(core, target);
    return OK;
}

static err_t bind(struct core *core, struct dispatcher *d, struct dispatcher *target)
{
    struct cap_ref endpoint;
    err_t e = find(core, d, 1, CAP_TYPE_ENDPOINT_LMP, &endpoint);

    if (err_ok(e) && endpoint.slot->endpoint.badge != 0) {
        e = err_make(ERR_CAP_BADGE_SET, endpoint.address);
    }
    if (err_ok(e) && !(endpoint.slot->rights & CAP_READ)) {
        e = err_make(ERR_CAP_MISSING_RIGHT, CAP_READ);
    }
    if (err_ok(e) && endpoint_of(endpoint.slot)->receiver != NULL) {
        e = err_make(ERR_EXISTS, 0);
    }
    if (err_ok(e) && target->state == DISPATCHER_DEAD) {
        e = err_make(ERR_PROC_NOT_RUNNABLE, 0);
    }
    if (err_ok(e)) {
        message_bind(target, endpoint_of(endpoint.slot));
    }
    return e;
}

static err_t keep_reply(struct core *core, struct dispatcher *d, struct dispatcher *target)
{
    struct message *m = d->current_call;
    struct cap_ref dest;
    err_t e;

    if (target != d || m == NULL) {
        return err_make(ERR_MSG_NO_REPLY, 0);
    }
    e = cap_lookup(&core->caps, &d->slots[HELD_ROOT], (cptr_t)arg(d, 1), CAP_LEVEL_SLOT, CAP_WRITE, &dest);
    if (err_ok(e) && dest.slot->type != CAP_TYPE_NULL) {
        e = err_make(ERR_CAP_SLOT_IN_USE, dest.address);
    }
    if (!err_ok(e)) {
        return err_push(e, ERR_WHILE_DEST);
    }
    d->current_call = NULL;
    cap_create_act(&core->caps, dest.slot,
                   &(struct cap_origin){.type = CAP_TYPE_REPLY,
                                        .rights = CAP_ALL_RIGHTS,
                                        .base = hal_v2p(m->owner),
                                        .size = m->owner->object_bytes,
                                        .word0 = ++m->owner->calls,
                                        .word1 = (uintptr_t)m});
    m->taker = (struct message **)(uintptr_t)&dest.slot->reply.message;
    return OK;
}

err_t dispatcher_find_told(struct core *core, const struct dispatcher *d, unsigned i,
                           struct dispatcher **told)
{
    struct cap_ref ref;
    err_t e = find(core, d, i, CAP_TYPE_DISPATCHER, &ref);

    if (!err_ok(e)) {
        return e;
    }
    if (!(ref.slot->rights & CAP_WRITE)) {
        return err_push(err_make(ERR_CAP_MISSING_RIGHT, CAP_WRITE), ERR_WHILE_SOURCE);
    }
    if (arg(d, i + 1) >= DISPATCHER_NOTIFY_WORDS * 64u) {
        return err_make(ERR_BAD_ARGUMENT, i + 1);
    }
    *told = dispatcher_of(ref.slot);
    return (*told)->state == DISPATCHER_DEAD || dispatcher_user(*told) == NULL
               ? err_make(ERR_PROC_NOT_RUNNABLE, 0)
               : OK;
}

static err_t info(struct dispatcher *d, const struct dispatcher *target)
{
    hal_context_set_arg(&d->context, 1, target->state);
    hal_context_set_arg(&d->context, 2, target->cpu_time);
    hal_context_set_arg(&d->context, 3, target->exit_code);
    hal_context_set_arg(&d->context, 4, target->priority);
    hal_context_set_arg(&d->context, 5, target->stopped_at);
    return OK;
}

static err_t calls(struct dispatcher *d, const struct dispatcher *target)
{
    const struct message *m = message_open_call(target, arg(d, 1));

    hal_context_set_arg(&d->context, 1, m != NULL ? m->server : 0);
    hal_context_set_arg(&d->context, 2, m != NULL ? m->badge : 0);
    return OK;
}

static err_t set_image(const struct dispatcher *d, struct dispatcher *target)
{
    target->image = arg(d, 1);
    target->image_bytes = arg(d, 2);
    hal_note_program(target->name, target->image, target->image_bytes);
    return OK;
}

err_t dispatcher_invoke(struct core *core, struct dispatcher *d, const struct cap_ref *ref,
                        uint32_t operation)
{
    struct dispatcher *target = dispatcher_of(ref->slot);

    if (!(ref->slot->rights & CAP_WRITE) && operation != DISPATCHER_INFO && operation != DISPATCHER_CALLS) {
        return err_make(ERR_CAP_MISSING_RIGHT, CAP_WRITE);
    }
    switch (operation) {
    case DISPATCHER_SETUP:
        return setup(core, d, target);
    case DISPATCHER_START:
        return start(core, d, target);
    case DISPATCHER_END:
        end_dispatcher(core, target, (uint32_t)arg(d, 1), target == d ? EXIT_BY_ITSELF : EXIT_KILLED, NULL);
        return OK;
    case DISPATCHER_BIND:
        return bind(core, d, target);
    case DISPATCHER_KEEP_REPLY:
        return keep_reply(core, d, target);
    case DISPATCHER_INFO:
        return info(d, target);
    case DISPATCHER_CALLS:
        return calls(d, target);
    case DISPATCHER_SUSPEND:
        dispatcher_suspend(core, target);
        return OK;
    case DISPATCHER_CONTINUE:
        dispatcher_continue(core, target);
        return OK;
    case DISPATCHER_SET_IMAGE:
        return set_image(d, target);
    default:
        return err_make(ERR_CAP_ILLEGAL_INVOCATION, operation);
    }
}
