/* SPDX-License-Identifier: MIT */
#include "check.h"
#include <mudskipper/cap/check.h>
#include <mudskipper/hal/kernel.h>
#include "core.h"
#include "dispatcher.h"
#include "message.h"
#include "wakeup.h"

static const char *check_queue(const struct schedule *s, unsigned level)
{
    const struct list *queue = &s->queue[level];

    if (!list_check(queue)) {
        return "a ready queue is torn";
    }
    if (list_empty(queue) == ((s->ready >> level & 1) != 0)) {
        return "a level's bit does not say whether somebody is ready";
    }
    LIST_FOREACH(node, queue)
    {
        const struct dispatcher *d = CONTAINER_OF(node, struct dispatcher, ready_node);

        if (d->state != DISPATCHER_READY || d->suspended || d->priority != level) {
            return "a dispatcher is queued that is not ready, or on another level";
        }
    }
    return NULL;
}

static const char *check_schedule(const struct core *core)
{
    for (unsigned level = 0; level < SCHEDULE_LEVELS; level++) {
        const char *wrong = check_queue(&core->schedule, level);

        if (wrong != NULL) {
            return wrong;
        }
    }
    return core->current == schedule_first(&core->schedule) ? NULL : "another dispatcher runs than should";
}

static const char *check_message(const struct dispatcher *d, const struct message *m)
{
    if (m->owner != d) {
        return "a message has another owner";
    }
    switch (m->state) {
    case MESSAGE_FREE:
        return list_linked(&m->node) == (m != d->exit_message) ? NULL : "a free message is not in the pool";
    case MESSAGE_QUEUED:
        return list_linked(&m->node) && m->endpoint != NULL && m->endpoint->receiver != NULL
                   ? NULL
                   : "a message is queued nowhere";
    case MESSAGE_TAKEN:
        return !list_linked(&m->node) && m->is_call && *m->taker == m ? NULL : "a call is taken by nobody";
    default:
        return list_linked(&m->node) && m->is_call ? NULL : "an answer waits nowhere";
    }
}

static const char *check_messages(struct dispatcher *d)
{
    for (uint32_t i = 0; i < d->messages_used; i++) {
        const char *wrong = check_message(d, &d->messages[i]);

        if (wrong != NULL) {
            return wrong;
        }
        if (d->state == DISPATCHER_DEAD && d->messages[i].state != MESSAGE_FREE) {
            return "a dead dispatcher has messages under way";
        }
    }
    return check_message(d, d->exit_message);
}

static const char *check_arrived(const struct dispatcher *d)
{
    LIST_FOREACH(node, &d->requests)
    {
        const struct message *m = CONTAINER_OF(node, struct message, node);

        if (m->state != MESSAGE_QUEUED || m->endpoint->receiver != d) {
            return "a request waits at the wrong dispatcher";
        }
    }
    LIST_FOREACH(node, &d->answers)
    {
        const struct message *m = CONTAINER_OF(node, struct message, node);

        if (m->state != MESSAGE_ANSWERED || m->owner != d) {
            return "an answer waits at the wrong dispatcher";
        }
    }
    LIST_FOREACH(node, &d->endpoints)
    {
        if (CONTAINER_OF(node, struct endpoint, node)->receiver != d) {
            return "an endpoint is bound to another dispatcher";
        }
    }
    return NULL;
}

static bool are_whole(const struct dispatcher *d)
{
    return list_check(&d->requests) && list_check(&d->answers) && list_check(&d->free_messages) &&
           list_check(&d->endpoints);
}

/* Its state, and what it is in. */
static const char *check_state(const struct dispatcher *d)
{
    bool ready = d->state == DISPATCHER_READY;
    bool nothing_came = list_empty(&d->answers) && (d->closed || list_empty(&d->requests));

    if ((ready && !d->suspended) != list_linked(&d->ready_node)) {
        return "a dispatcher is ready and not queued";
    }
    if (d->state != DISPATCHER_WAITING && d->deadline.when != NANOS_NEVER) {
        return "a dispatcher has a deadline and does not wait";
    }
    if (d->state == DISPATCHER_WAITING && !nothing_came) {
        return "a dispatcher sleeps over what it waits for";
    }
    if (d->unfinished && !ready) {
        return "a dispatcher in an invocation is not ready";
    }
    if ((ready || d->state == DISPATCHER_WAITING) && (d->vspace == NULL || !d->vspace->usable)) {
        return "a dispatcher has no address space to run in";
    }
    if (d->current_call != NULL &&
        (d->current_call->state != MESSAGE_TAKEN || d->current_call->taker != &d->current_call)) {
        return "the call received last is not taken";
    }
    return NULL;
}

static const char *check_dead(const struct dispatcher *d)
{
    if (d->state != DISPATCHER_DEAD) {
        return NULL;
    }
    return d->vspace != NULL || d->current_call != NULL || !list_empty(&d->requests) ||
                   !list_empty(&d->answers) || !list_empty(&d->endpoints)
               ? "a dead dispatcher holds something"
               : NULL;
}

static const char *check_dispatcher(struct dispatcher *d)
{
    const char *wrong = are_whole(d) ? check_state(d) : "a list of a dispatcher is torn";

    if (wrong == NULL) {
        wrong = check_dead(d);
    }
    if (wrong == NULL) {
        wrong = check_messages(d);
    }
    return wrong != NULL ? wrong : check_arrived(d);
}

static const char *check_reply(const struct cap_slot *s)
{
    const struct message *m = (const struct message *)(uintptr_t)s->reply.message;

    if (m == NULL) {
        return NULL;
    }
    return m->state == MESSAGE_TAKEN && (const uint64_t *)m->taker == &s->reply.message
               ? NULL
               : "a Reply names a call that is not taken by it";
}

static const char *check_object(const struct cap_slot *s)
{
    if (s->flags & CAP_FLAG_CREATING) {
        return NULL;
    }
    switch (s->type) {
    case CAP_TYPE_DISPATCHER:
        if ((s->flags & CAP_FLAG_IN_DELETION) && dispatcher_of(s)->state != DISPATCHER_DEAD) {
            return "a dispatcher lives while its object is deleted";
        }
        return check_dispatcher(dispatcher_of(s));
    case CAP_TYPE_REPLY:
        return check_reply(s);
    default:
        return NULL;
    }
}

const char *check_core(const struct core *core)
{
    struct cap_outside outside = {core->roots, core->roots_count};
    const char *wrong = check_schedule(core);

    if (wrong == NULL) {
        wrong = cap_validate(&core->caps, &outside, false).wrong;
    }
    for (const struct cap_slot *s = mdb_first(&core->caps.db); s != NULL && wrong == NULL; s = s->next) {
        wrong = check_object(s);
    }
    return wrong;
}

const char *kernel_check_at_rest(const void *core)
{
    const struct core *c = core;

    return c != NULL && c->check_every != 0 ? wakeup_check(&c->wakeups[c->id]) : NULL;
}
