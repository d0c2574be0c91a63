/* SPDX-License-Identifier: MIT */
#include "message.h"
#include <mudskipper/cap/operations.h>
#include "core.h"
#include "dispatcher.h"

static struct message *message_of(struct list_node *node)
{
    return CONTAINER_OF(node, struct message, node);
}

static struct message *pool_message(struct dispatcher *d, uint32_t i)
{
    struct message *m = &d->messages[i];

    m->owner = d;
    m->cap = &d->slots[HELD_FIRST_MESSAGE + i];
    return m;
}

void message_pool_init(struct dispatcher *d, void *memory, uint32_t count)
{
    list_init(&d->requests);
    list_init(&d->answers);
    list_init(&d->free_messages);
    list_init(&d->endpoints);
    d->messages = memory;
    d->message_count = count;
    d->messages_used = 0;
    d->exit_message = pool_message(d, count - 1);
}

void message_bind(struct dispatcher *d, struct endpoint *endpoint)
{
    list_remove(&endpoint->node);
    endpoint->receiver = d;
    list_push_back(&d->endpoints, &endpoint->node);
}

static void release(struct message *m)
{
    m->state = MESSAGE_FREE;
    m->endpoint = NULL;
    if (m == m->owner->exit_message) {
        return;
    }
    if (m->cap->type == CAP_TYPE_NULL) {
        list_push_front(&m->owner->free_messages, &m->node);
    } else {
        list_push_back(&m->owner->free_messages, &m->node);
    }
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

/* A capability comes with `m`. */
static bool brings_cap(const struct message *m)
{
    return m->cap->type != CAP_TYPE_NULL && err_ok(m->error);
}

/* Whether there is a place for it where `to` wants it; *c is how to move it there. */
static bool has_place(struct core *core, struct dispatcher *to, const struct message *m, struct cap_copy *c)
{
    err_t e;

    if (to->receive_slot == CPTR_NULL || !cap_is_usable(m->cap)) {
        return false;
    }
    c->source = (struct cap_ref){.slot = m->cap, .level = CAP_LEVEL_SLOT, .room = 1};
    e = cap_lookup(&core->caps, &to->slots[HELD_ROOT], to->receive_slot, CAP_LEVEL_SLOT, CAP_WRITE, &c->dest);
    return err_ok(e) && err_ok(cap_move_check(&core->caps, c));
}

/* Moves the capability of a message into the receive slot. One that finds no empty slot there is dropped: its
 * sender has kept its own copy, so that this is one step and ends nothing. */
static uint64_t deliver_cap(struct core *core, struct dispatcher *to, struct message *m)
{
    struct cap_copy c;
    int one_step = 1;

    if (has_place(core, to, m, &c)) {
        cap_move_act(&core->caps, &c);
        return SYS_CAME_CAP;
    }
    (void)cap_delete_act(&core->caps, m->cap, &one_step);
    return 0;
}

/* Hands an arrived message, which is in no list, to a dispatcher that receives; it leaves the state it had.
 */
static void deliver(struct core *core, struct dispatcher *to, struct message *m)
{
    bool answer = m->state == MESSAGE_ANSWERED;
    uint64_t flags = m->flags;

    for (uint32_t i = 0; i < m->length; i++) {
        hal_context_set_arg(&to->context, SYS_ARG_WORDS + i, m->words[i]);
    }
    if (brings_cap(m)) {
        flags |= deliver_cap(core, to, m);
    }
    set_results(to, answer ? m->token : m->badge, flags, m->length, m->error);
    if (answer || !m->is_call) {
        release(m);
        return;
    }
    if (to->current_call != NULL) {
        message_fail(core, to->current_call, err_make(ERR_CANCELLED, 0)); /* never answered, never will be */
    }
    take(m, &to->current_call);
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

/* Whether the capability in the arguments, if any, may go into the slot of `m`; *c is what to do then. */
static err_t check_cap(struct core *core, struct dispatcher *d, struct message *m, struct cap_copy *c)
{
    cptr_t address = (cptr_t)hal_context_arg(&d->context, SYS_ARG_CAP);
    err_t e;

    c->source.slot = NULL;
    if (address == CPTR_NULL) {
        return OK;
    }
    e = cap_lookup_source(&core->caps, &d->slots[HELD_ROOT], address, CAP_LEVEL_SLOT, &c->source);
    if (err_ok(e) && !(c->source.slot->rights & CAP_GRANT)) {
        e = err_make(ERR_CAP_MISSING_RIGHT, CAP_GRANT);
    }
    if (err_ok(e)) {
        c->dest = (struct cap_ref){.slot = m->cap, .level = CAP_LEVEL_SLOT, .room = 1};
        e = cap_copy_check(&core->caps, c);
    }
    if (!err_ok(e)) {
        c->source.slot = NULL;
    }
    return err_push(e, ERR_WHILE_SOURCE);
}

static void copy_cap(struct core *core, const struct cap_copy *c)
{
    if (c->source.slot != NULL) {
        cap_copy_act(&core->caps, c);
    }
}

/* It is not the last copy here of something that other cores have, which must not end before they gave it up.
 */
static bool can_drop(struct core *core, const struct message *m)
{
    const struct cap_ref ref = {.slot = m->cap};

    return !err_is(cap_delete_check(&core->caps, &ref), ERR_CAP_SHARED);
}

/* One step towards an empty slot in `m`, for a system call of `d` that then starts again. It may end `d`. */
static void drop_cap(struct core *core, struct dispatcher *d, struct message *m)
{
    int budget = CAP_STEP_BUDGET;

    (void)cap_delete_act(&core->caps, m->cap, &budget);
    d->unfinished = d->state != DISPATCHER_DEAD;
}

static bool has_fresh(const struct dispatcher *d)
{
    return d->messages_used < d->message_count - 1; /* the last one is for the news of its end */
}

/* Those with an empty slot stand first. */
static struct message *first_free(struct dispatcher *d)
{
    return list_empty(&d->free_messages) ? NULL : message_of(list_first(&d->free_messages));
}

bool message_clean(struct core *core, struct dispatcher *d)
{
    struct message *m = first_free(d);

    if (m == NULL || m->cap->type == CAP_TYPE_NULL || has_fresh(d) || !can_drop(core, m)) {
        return false;
    }
    drop_cap(core, d, m);
    return true;
}

/* A message of the pool with an empty slot, or NULL. */
static struct message *find_free(struct dispatcher *d)
{
    struct message *m = first_free(d);

    if (m != NULL && m->cap->type == CAP_TYPE_NULL) {
        return m;
    }
    return has_fresh(d) ? pool_message(d, d->messages_used) : NULL;
}

err_t message_send(struct core *core, struct dispatcher *d, struct endpoint *endpoint, uint64_t badge,
                   bool is_call)
{
    struct message *m;
    struct cap_copy cap;
    err_t e = check_length(d);

    if (!err_ok(e)) {
        return e;
    }
    if (endpoint->receiver == NULL) {
        return err_make(ERR_MSG_NO_TARGET, 0);
    }
    m = find_free(d);
    if (m == NULL) {
        return err_make(ERR_MSG_FULL, 0);
    }
    e = check_cap(core, d, m, &cap);
    if (!err_ok(e)) {
        return e;
    }
    if (m == &d->messages[d->messages_used]) {
        d->messages_used++;
    }
    list_remove(&m->node);
    copy_words(m, d);
    copy_cap(core, &cap);
    m->state = MESSAGE_QUEUED;
    m->endpoint = endpoint;
    m->server = endpoint->receiver->process;
    m->is_call = is_call;
    m->badge = badge;
    m->token = hal_context_arg(&d->context, SYS_ARG_TOKEN);
    m->error = OK;
    m->flags = SYS_CAME_MESSAGE | (is_call ? SYS_CAME_CALL : 0);
    arrive(core, endpoint->receiver, m, is_call);
    return OK;
}

const struct message *message_open_call(const struct dispatcher *d, uint64_t n)
{
    for (uint32_t i = 0; i < d->messages_used; i++) {
        const struct message *m = &d->messages[i];

        if (m->is_call && (m->state == MESSAGE_QUEUED || m->state == MESSAGE_TAKEN) && n-- == 0) {
            return m;
        }
    }
    return NULL;
}

/* The call `m`, which nobody names any more, is answered. */
static void answer(struct core *core, struct message *m, err_t error)
{
    m->state = MESSAGE_ANSWERED;
    m->flags = SYS_CAME_REPLY;
    m->error = error;
    if (!err_ok(error)) {
        m->length = 0;
    }
    arrive(core, m->owner, m, true);
}

err_t message_reply(struct core *core, struct dispatcher *d, struct message **call)
{
    struct message *m = *call;
    struct cap_copy cap;
    err_t e = check_length(d);

    if (!err_ok(e)) {
        return e;
    }
    if (m == NULL) {
        return err_make(ERR_MSG_NO_REPLY, 0);
    }
    e = check_cap(core, d, m, &cap);
    if (!err_ok(e)) {
        return e;
    }
    *call = NULL;
    copy_words(m, d);
    copy_cap(core, &cap);
    answer(core, m, OK);
    return OK;
}

void message_fail(struct core *core, struct message *m, err_t error)
{
    answer(core, m, error);
}

/* What `d` receives next, still in its list; or NULL. */
static struct message *next_arrived(struct dispatcher *d, bool closed)
{
    if (!list_empty(&d->answers)) {
        return message_of(list_first(&d->answers));
    }
    return closed || list_empty(&d->requests) ? NULL : message_of(list_first(&d->requests));
}

/* Takes over the message, or first drops what it brings. */
static void receive_arrived(struct core *core, struct dispatcher *d, struct message *m)
{
    struct cap_copy c;

    if (brings_cap(m) && !has_place(core, d, m, &c) && can_drop(core, m)) {
        hal_context_set_arg(&d->context, SYS_ARG_NUMBER, SYS_RECV); /* a first half is not done again */
        drop_cap(core, d, m);
        return;
    }
    list_remove(&m->node);
    deliver(core, d, m);
}

void message_receive(struct core *core, struct dispatcher *d)
{
    nanos_t deadline = hal_context_arg(&d->context, SYS_ARG_DEADLINE);
    bool closed = hal_context_arg(&d->context, 0) & SYS_FLAG_CLOSED;
    const struct dispatcher_user *user = dispatcher_user(d);
    struct message *m = next_arrived(d, closed);

    d->receive_slot = (cptr_t)(hal_context_arg(&d->context, 1) >> 32);
    if (m != NULL) {
        receive_arrived(core, d, m);
    } else if (user != NULL && user->notify_summary != 0) {
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

void message_exit(struct core *core, struct dispatcher *d, uint32_t exit_code, enum exit_reason reason,
                  const struct fault_record *fault)
{
    struct message *m = d->exit_message;
    struct cap_slot *monitor = &d->slots[HELD_MONITOR];

    if (monitor->type != CAP_TYPE_ENDPOINT_LMP || endpoint_of(monitor)->receiver == NULL) {
        return;
    }
    m->state = MESSAGE_QUEUED;
    m->endpoint = endpoint_of(monitor);
    m->is_call = false;
    m->badge = monitor->endpoint.badge;
    m->error = OK;
    m->flags = SYS_CAME_MESSAGE | SYS_CAME_EXIT;
    m->length = 6;
    m->words[0] = exit_code;
    m->words[1] = reason;
    m->words[2] = fault != NULL ? fault->kind : 0;
    m->words[3] = fault != NULL ? fault->access : 0;
    m->words[4] = fault != NULL ? fault->address : 0;
    m->words[5] = fault != NULL ? fault->pc : 0;
    arrive(core, m->endpoint->receiver, m, false);
}

void message_forget_exit(struct dispatcher *d)
{
    list_remove(&d->exit_message->node);
    d->exit_message->state = MESSAGE_FREE;
}

/* A message that will not be received: its sender learns it if it waits for an answer. */
static void refuse(struct core *core, struct message *m)
{
    list_remove(&m->node);
    if (m->is_call) {
        m->endpoint = NULL;
        answer(core, m, err_make(ERR_PEER_GONE, 0));
    } else {
        release(m);
    }
}

/* Own messages: nobody may name or receive them any more. */
static void withdraw_all(struct dispatcher *d)
{
    for (uint32_t i = 0; i < d->messages_used; i++) {
        struct message *m = &d->messages[i];

        if (m->state == MESSAGE_TAKEN) {
            *m->taker = NULL;
        } else if (m->state != MESSAGE_FREE) {
            list_remove(&m->node);
        }
        if (m->state != MESSAGE_FREE) {
            release(m);
        }
    }
}

void message_forget_dispatcher(struct core *core, struct dispatcher *d)
{
    if (d->current_call != NULL) {
        struct message *call = d->current_call;

        d->current_call = NULL;
        message_fail(core, call, err_make(ERR_PEER_GONE, 0));
    }
    withdraw_all(d);
    LIST_FOREACH_SAFE(node, &d->endpoints)
    {
        CONTAINER_OF(node, struct endpoint, node)->receiver = NULL;
        list_remove(node);
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
    list_remove(&endpoint->node);
    LIST_FOREACH_SAFE(node, &d->requests)
    {
        if (message_of(node)->endpoint == endpoint) {
            refuse(core, message_of(node));
        }
    }
}
