/* SPDX-License-Identifier: MIT */
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/port.h>
#include "wait.h"

static void fill(uint64_t args[SYS_ARGS], uint64_t number, uint64_t target, const struct rt_message *m)
{
    unsigned words = m->length < SYS_WORDS ? m->length : SYS_WORDS;

    args[0] = target;
    args[1] = (uint16_t)m->length | (uint64_t)SLOT_RECEIVE << 32;
    for (unsigned i = 0; i < SYS_WORDS; i++) {
        args[SYS_ARG_WORDS + i] = i < words ? m->words[i] : 0;
    }
    args[SYS_ARG_DEADLINE] = 0;
    args[SYS_ARG_CAP] = m->cap;
    args[SYS_ARG_NUMBER] = number;
    args[SYS_ARG_TOKEN] = 0;
}

static err_t error_of(const uint64_t args[SYS_ARGS])
{
    return err_unpack(args[SYS_ARG_ERR_CODES], args[SYS_ARG_ERR_DETAIL]);
}

/* The first half of a system call that also waits was refused: nothing came, and it is not the deadline. */
static bool refused(const uint64_t args[SYS_ARGS])
{
    err_t e = error_of(args);

    return args[1] >> 16 == 0 && !err_ok(e) && !err_is(e, ERR_TIMEOUT);
}

err_t rt_send(cptr_t to, const struct rt_message *message)
{
    uint64_t args[SYS_ARGS];

    fill(args, SYS_SEND, to, message);
    rt_syscall(args);
    return error_of(args);
}

/* Entered. Sends, and when no other thread could run meanwhile, waits in the same system call. */
static err_t send_call(uint64_t target, uint64_t number, const struct rt_message *m, uint64_t token,
                       nanos_t deadline)
{
    uint64_t args[SYS_ARGS];
    bool alone = list_empty(&sched.ready) && list_empty(&sched.sleepers) && !sched.current->hurried;

    fill(args, number, target, m);
    args[SYS_ARG_TOKEN] = token;
    if (!alone) {
        rt_syscall(args);
        if (number == SYS_CALL && err_ok(error_of(args))) {
            wait_call_sent();
        }
        return error_of(args);
    }
    args[0] |= SYS_FLAG_WAIT | wait_flags();
    args[SYS_ARG_DEADLINE] = deadline;
    rt_syscall(args);
    if (refused(args)) {
        return error_of(args);
    }
    if (number == SYS_CALL) {
        wait_call_sent();
    }
    wait_dispatch(args);
    return OK;
}

/* Entered. Sends a call, if need be when a place in the pool has come back. */
static err_t send_call_in_time(cptr_t to, const struct open_call *call, nanos_t deadline)
{
    bool waited = false;
    bool possible = true;
    err_t e = send_call(to, SYS_CALL, call->message, call->token, deadline);

    while (err_is(e, ERR_MSG_FULL)) {
        if (!wait_for_place(deadline, &possible)) {
            return possible ? err_make(ERR_TIMEOUT, 0) : e;
        }
        waited = true;
        e = send_call(to, SYS_CALL, call->message, call->token, deadline);
    }
    if (waited && !err_ok(e)) {
        wait_pass_place_on();
    }
    return e;
}

err_t rt_call(cptr_t to, struct rt_message *message, cptr_t receive_slot, nanos_t deadline)
{
    struct open_call call = {.message = message, .slot = receive_slot, .thread = thread_self()};
    bool in_time = true;
    err_t e;

    SCHED_TOUCH(message);
    sched_enter();
    wait_open_call(&call);
    e = send_call_in_time(to, &call, deadline);
    while (err_ok(e) && !call.done && in_time) {
        in_time = sched_block(deadline);
    }
    if (!call.done) {
        wait_close_call(&call);
        e = err_ok(e) ? err_make(ERR_TIMEOUT, 0) : e;
    } else {
        e = call.error;
    }
    sched_leave();
    return e;
}

/* Entered. Blocks until `r` was served. */
static err_t await(struct receiver *r, nanos_t deadline)
{
    bool in_time = true;

    while (!r->done && in_time) {
        in_time = sched_block(deadline);
    }
    if (!r->done) {
        wait_remove_receiver(r);
        return err_make(ERR_TIMEOUT, 0);
    }
    return OK;
}

err_t rt_receive(struct rt_message *message, cptr_t receive_slot, nanos_t deadline)
{
    struct receiver r = {.message = message, .slot = receive_slot, .thread = thread_self()};
    err_t e;

    SCHED_TOUCH(message);
    sched_enter();
    wait_add_receiver(&r);
    e = await(&r, deadline);
    sched_leave();
    return e;
}

err_t rt_reply(const struct rt_message *message)
{
    uint64_t args[SYS_ARGS];
    err_t e;

    SCHED_TOUCH(message);
    sched_enter();
    fill(args, SYS_REPLY, 0, message);
    rt_syscall(args);
    e = error_of(args);
    if (err_ok(e) || err_is(e, ERR_MSG_NO_REPLY)) {
        (void)wait_call_answered();
    }
    sched_leave();
    return e;
}

err_t rt_keep_reply(cptr_t slot)
{
    uint64_t args[SYS_ARGS] = {
        [0] = SYS_TARGET(SLOT_DISPATCHER, DISPATCHER_KEEP_REPLY), [1] = slot, [SYS_ARG_NUMBER] = SYS_INVOKE};
    err_t e;

    sched_enter();
    rt_syscall(args);
    e = error_of(args);
    if (err_ok(e)) {
        (void)wait_call_answered();
    }
    sched_leave();
    return e;
}

err_t rt_reply_to(cptr_t reply_slot, const struct rt_message *message)
{
    uint64_t args[SYS_ARGS];
    err_t e;

    fill(args, SYS_REPLY, reply_slot, message);
    rt_syscall(args);
    e = error_of(args);
    if (err_is(e, ERR_MSG_NO_REPLY)) {
        e = cap_delete(reply_slot);
        e = err_ok(e) ? err_make(ERR_MSG_NO_REPLY, 0) : e;
    }
    return e;
}

err_t rt_reply_receive(struct rt_message *message, cptr_t receive_slot, nanos_t deadline)
{
    struct receiver r = {.message = message, .slot = receive_slot, .thread = thread_self()};
    bool unanswered;
    err_t e;

    SCHED_TOUCH(message);
    sched_enter();
    unanswered = wait_call_answered();
    wait_add_receiver(&r);
    e = send_call(0, SYS_REPLY, message, 0, deadline);
    if (!err_ok(e)) {
        wait_remove_receiver(&r);
        if (unanswered && !err_is(e, ERR_MSG_NO_REPLY)) {
            wait_call_unanswered();
        }
    } else {
        e = await(&r, deadline);
    }
    sched_leave();
    return e;
}
