/* SPDX-License-Identifier: MIT */
/* Where the process waits and what it does with what came. */
#include "wait.h"
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/port.h>

static struct list open_calls = LIST_INITIAL(open_calls);
static struct list receivers = LIST_INITIAL(receivers);
static struct list waiting_for_place = LIST_INITIAL(waiting_for_place);
static unsigned calls_out;   /* sent, and no reply has come */
static bool call_unanswered; /* another receive would cancel it */
static uint64_t last_token;
static uint64_t dropped_replies;
static void (*on_notify)(void);

void rt_on_notify(void (*handler)(void))
{
    on_notify = handler;
}

void wait_open_call(struct open_call *call)
{
    call->token = ++last_token;
    call->done = false;
    list_push_back(&open_calls, &call->node);
}

void wait_close_call(struct open_call *call)
{
    list_remove(&call->node);
}

void wait_call_sent(void)
{
    calls_out++;
}

bool wait_for_place(nanos_t deadline, bool *possible)
{
    *possible = calls_out > 0;
    if (!*possible) {
        return false;
    }
    list_push_back(&waiting_for_place, &sched.current->node);
    return sched_block(deadline);
}

void wait_pass_place_on(void)
{
    struct list_node *first = list_first(&waiting_for_place);

    if (first != NULL) {
        sched_wake(CONTAINER_OF(first, struct thread, node));
    }
}

void wait_add_receiver(struct receiver *r)
{
    r->done = false;
    list_push_back(&receivers, &r->node);
}

void wait_remove_receiver(struct receiver *r)
{
    list_remove(&r->node);
}

bool wait_call_answered(void)
{
    bool before = call_unanswered;

    call_unanswered = false;
    return before;
}

void wait_call_unanswered(void)
{
    call_unanswered = true;
}

uint64_t wait_flags(void)
{
    return list_empty(&receivers) || call_unanswered ? SYS_FLAG_CLOSED : 0;
}

/* Empties the run-time's receive slot for the next capability: into `slot`, or away when that is none or in
 * use. Where it is then. */
static cptr_t place_cap(const uint64_t args[SYS_ARGS], cptr_t slot)
{
    err_t deleted;

    if (!(args[1] & SYS_CAME_CAP)) {
        return CPTR_NULL;
    }
    if (slot != CPTR_NULL && err_ok(cap_move(SLOT_RECEIVE, slot))) {
        return slot;
    }
    deleted = cap_delete(SLOT_RECEIVE);
    (void)deleted; /* one that cannot be deleted now stays, and the kernel drops those that come next */
    return CPTR_NULL;
}

static void read_message(struct rt_message *m, const uint64_t args[SYS_ARGS], cptr_t slot)
{
    m->badge = args[0];
    m->flags = args[1] & ~(uint64_t)UINT16_MAX;
    m->length = (uint16_t)args[1];
    m->cap = place_cap(args, slot);
    for (unsigned i = 0; i < SYS_WORDS && i < m->length; i++) {
        m->words[i] = args[SYS_ARG_WORDS + i];
    }
}

static void wake_if_blocked(struct thread *t)
{
    if (t->state == THREAD_BLOCKED) {
        sched_wake(t);
    }
}

static void on_reply(const uint64_t args[SYS_ARGS])
{
    calls_out--;
    wait_pass_place_on();
    LIST_FOREACH(node, &open_calls)
    {
        struct open_call *call = CONTAINER_OF(node, struct open_call, node);

        if (call->token == args[0]) {
            read_message(call->message, args, call->slot);
            call->error = err_unpack(args[SYS_ARG_ERR_CODES], args[SYS_ARG_ERR_DETAIL]);
            call->done = true;
            list_remove(&call->node);
            wake_if_blocked(call->thread);
            return;
        }
    }
    dropped_replies++; /* its caller's deadline had passed */
    (void)place_cap(args, CPTR_NULL);
}

/* The wait was closed unless somebody receives, so there is one. */
static void on_message(const uint64_t args[SYS_ARGS])
{
    struct receiver *r = CONTAINER_OF(list_pop_front(&receivers), struct receiver, node);

    call_unanswered = args[1] & SYS_CAME_CALL;
    read_message(r->message, args, r->slot);
    r->done = true;
    wake_if_blocked(r->thread);
}

void wait_dispatch(const uint64_t args[SYS_ARGS])
{
    if (args[1] & SYS_CAME_REPLY) {
        on_reply(args);
    } else if (args[1] & SYS_CAME_MESSAGE) {
        on_message(args);
    } else if (args[1] & SYS_CAME_NOTIFY && on_notify != NULL) {
        on_notify();
    }
}

static void receive(nanos_t deadline, uint64_t args[SYS_ARGS])
{
    args[0] = wait_flags();
    args[1] = (uint64_t)SLOT_RECEIVE << 32;
    args[SYS_ARG_DEADLINE] = deadline;
    args[SYS_ARG_NUMBER] = SYS_RECV;
    rt_syscall(args);
}

void wait_in_kernel(nanos_t deadline)
{
    uint64_t args[SYS_ARGS] = {0};

    receive(deadline, args);
    wait_dispatch(args);
}

void wait_poll(void)
{
    uint64_t args[SYS_ARGS] = {0};

    do {
        receive(0, args);
        wait_dispatch(args);
    } while (args[1] >> 16 != 0 && !(args[1] & SYS_CAME_NOTIFY));
}
