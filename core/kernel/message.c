/* SPDX-License-Identifier: MIT */
#include "message.h"
#include <mudskipper/pure/bytes.h>
#include "core.h"
#include "dispatcher.h"

static struct message *message_of(struct list_node *node)
{
    return CONTAINER_OF(node, struct message, node);
}

void message_pool_init(struct dispatcher *d, void *memory, size_t bytes)
{
    list_init(&d->requests);
    list_init(&d->answers);
    list_init(&d->free_messages);
    d->messages = memory;
    d->message_count = (uint32_t)(bytes / sizeof(struct message));
    for (uint32_t i = 0; i < d->message_count; i++) {
        d->messages[i].owner = d;
        list_push_back(&d->free_messages, &d->messages[i].node);
    }
}

static void release(struct message *m)
{
    m->state = MESSAGE_FREE;
    m->endpoint = NULL;
    list_push_front(&m->owner->free_messages, &m->node);
}

/* From here on *taker names the call. */
static void take(struct message *m, struct message **taker)
{
    m->state = MESSAGE_TAKEN;
    m->endpoint = NULL;
    m->taker = taker;
    *taker = m;
}

static void set_results(struct dispatcher *d, uint64_t who, uint64_t flags, uint32_t length, err_t error)
{
    struct hal_context *c = &d->context;

    hal_context_set_arg(c, 0, who);
    hal_context_set_arg(c, 1, flags | length);
    hal_context_set_arg(c, SYS_ARG_ERR_CODES, err_pack(error));
    hal_context_set_arg(c, SYS_ARG_ERR_DETAIL, error.detail);
}

/* Hands an arrived message, which is in no list, to a dispatcher that receives; it leaves the state it had.
 */
static void deliver(struct core *core, struct dispatcher *to, struct message *m)
{
    bool answer = m->state == MESSAGE_ANSWERED;

    for (uint32_t i = 0; i < m->length; i++) {
        hal_context_set_arg(&to->context, SYS_ARG_WORDS + i, m->words[i]);
    }
    set_results(to, answer ? m->token : m->badge, m->flags, m->length, answer ? m->error : OK);
    if (!answer && m->is_call) {
        message_fail(core, &to->current_call,
                     err_make(ERR_CANCELLED, 0)); /* the earlier one was never answered */
        take(m, &to->current_call);
    } else {
        release(m);
    }
}

/* A message comes to a dispatcher: at once when it waits for such, in the order of arrival otherwise. */
static void arrive(struct core *core, struct dispatcher *to, struct message *m, bool in_front)
{
    bool is_answer = m->state == MESSAGE_ANSWERED;

    if (to->state != DISPATCHER_WAITING || (!is_answer && to->closed)) {
        list_push_back(is_answer ? &to->answers : &to->requests, &m->node);
        return;
    }
    if (in_front) {
        dispatcher_make_ready_first(core, to);
    } else {
        dispatcher_make_ready(core, to);
    }
    deliver(core, to, m); /* no longer waiting: what this may set off finds it running */
}

static void copy_words(struct message *m, const struct dispatcher *from)
{
    m->length = (uint16_t)hal_context_arg(&from->context, 1);
    for (uint32_t i = 0; i < m->length; i++) {
        m->words[i] = hal_context_arg(&from->context, SYS_ARG_WORDS + i);
    }
}

static err_t check_length(const struct dispatcher *d)
{
    if ((uint16_t)hal_context_arg(&d->context, 1) > SYS_WORDS) {
        return err_make(ERR_MSG_LENGTH, SYS_WORDS);
    }
    return OK;
}

err_t message_send(struct core *core, struct dispatcher *d, struct endpoint *endpoint, uint64_t badge,
                   bool is_call)
{
    struct message *m;
    err_t e = check_length(d);

    if (!err_ok(e)) {
        return e;
    }
    if (endpoint->receiver == NULL) {
        return err_make(ERR_MSG_NO_TARGET, 0);
    }
    if (list_empty(&d->free_messages)) {
        return err_make(ERR_MSG_FULL, 0);
    }
    m = message_of(list_first(&d->free_messages));
    list_remove(&m->node);
    copy_words(m, d);
    m->state = MESSAGE_QUEUED;
    m->endpoint = endpoint;
    m->is_call = is_call;
    m->badge = badge;
    m->token = hal_context_arg(&d->context, SYS_ARG_TOKEN);
    m->flags = SYS_CAME_MESSAGE | (is_call ? SYS_CAME_CALL : 0);
    arrive(core, endpoint->receiver, m, is_call);
    return OK;
}

/* The call `m`, which nobody names any more, is answered. */
static void answer(struct core *core, struct message *m, err_t error)
{
    m->state = MESSAGE_ANSWERED;
    m->flags = SYS_CAME_REPLY;
    m->error = error;
    arrive(core, m->owner, m, true);
}

err_t message_reply(struct core *core, struct dispatcher *d, struct message **call)
{
    struct message *m = *call;
    err_t e = check_length(d);

    if (!err_ok(e)) {
        return e;
    }
    if (m == NULL) {
        return err_make(ERR_MSG_NO_REPLY, 0);
    }
    *call = NULL;
    copy_words(m, d);
    answer(core, m, OK);
    return OK;
}

void message_fail(struct core *core, struct message **call, err_t error)
{
    struct message *m = *call;

    if (m != NULL) {
        *call = NULL;
        m->length = 0;
        answer(core, m, error);
    }
}

void message_receive(struct core *core, struct dispatcher *d)
{
    nanos_t deadline = hal_context_arg(&d->context, SYS_ARG_DEADLINE);
    bool closed = hal_context_arg(&d->context, 0) & SYS_FLAG_CLOSED;

    if (!list_empty(&d->answers)) {
        deliver(core, d, message_of(list_pop_front(&d->answers)));
    } else if (!closed && !list_empty(&d->requests)) {
        deliver(core, d, message_of(list_pop_front(&d->requests)));
    } else if (d->user != NULL && d->user->notify_summary != 0) {
        set_results(d, 0, SYS_CAME_NOTIFY, 0, OK);
    } else {
        set_results(d, 0, 0, 0, err_make(ERR_TIMEOUT, 0)); /* what stands when the deadline ends the wait */
        if (deadline != 0) {
            d->closed = closed;
            dispatcher_wait(core, d, deadline);
        }
    }
}

void message_notify(struct core *core, struct dispatcher *d)
{
    if (d->state == DISPATCHER_WAITING) {
        set_results(d, 0, SYS_CAME_NOTIFY, 0, OK);
        dispatcher_make_ready(core, d);
    }
}

/* A message that will not be received: its sender learns it if it waits for an answer. */
static void refuse(struct core *core, struct message *m)
{
    list_remove(&m->node);
    if (m->state == MESSAGE_QUEUED && m->is_call) {
        m->endpoint = NULL;
        m->length = 0;
        answer(core, m, err_make(ERR_PEER_GONE, 0));
    } else {
        release(m);
    }
}

void message_forget_dispatcher(struct core *core, struct dispatcher *d)
{
    message_fail(core, &d->current_call, err_make(ERR_PEER_GONE, 0));
    for (uint32_t i = 0; i < d->message_count; i++) {
        struct message *m = &d->messages[i];

        if (m->state == MESSAGE_TAKEN) {
            *m->taker = NULL;
            release(m);
        } else if (m->state != MESSAGE_FREE) {
            list_remove(&m->node);
            release(m);
        }
    }
    LIST_FOREACH_SAFE(node, &d->requests)
    {
        refuse(core, message_of(node));
    }
}

void message_forget_endpoint(struct core *core, struct endpoint *endpoint)
{
    struct dispatcher *d = endpoint->receiver;

    if (d == NULL) {
        return;
    }
    endpoint->receiver = NULL;
    LIST_FOREACH_SAFE(node, &d->requests)
    {
        if (message_of(node)->state == MESSAGE_QUEUED && message_of(node)->endpoint == endpoint) {
            refuse(core, message_of(node));
        }
    }
}
