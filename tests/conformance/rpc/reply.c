/* SPDX-License-Identifier: MIT */
/* What RPC stands on in the run-time: replies that are kept, where capabilities go, full pools. The process
 * calls its own endpoint from a second thread. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/message.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>
#include "../system/suite.h"

#define RAM CPTR(2, 0)

#define BADGE       0x5eedu
#define CALLERS     32u /* more than a process can have messages under way */
#define STACK_BYTES 16384u

struct caller {
    struct thread thread;
    struct rt_message message;
    cptr_t slot; /* for the reply's capability */
    nanos_t deadline;
    err_t result;
    _Alignas(16) unsigned char stack[STACK_BYTES];
};

static struct caller callers[CALLERS];
static cptr_t target;
static unsigned slots_before;

static nanos_t in(nanos_t milliseconds)
{
    return rt_now() + milliseconds * 1000 * 1000;
}

static void make_call(void *context)
{
    struct caller *c = context;

    c->result = rt_call(target, &c->message, c->slot, c->deadline);
}

/* A thread calls with one word; its `slot` is set by the test before. */
static void start_call(struct caller *c, uint64_t word)
{
    c->message = (struct rt_message){.length = 1, .words = {word}, .cap = c->message.cap};
    c->deadline = c->deadline != 0 ? c->deadline : in(30000);
    thread_start(&c->thread, "caller", c->stack, sizeof(c->stack), make_call, c);
}

static void begin(void)
{
    mem_set(callers, 0, sizeof(callers));
    slots_before = slot_free_count();
    assert_ok(slot_alloc(&target));
    assert_ok(cap_badge(SLOT_ENDPOINT, target, BADGE));
}

static void end(void)
{
    slot_delete(target);
    assert_int_equal(slot_free_count(), slots_before);
}

static cptr_t empty_slot(void)
{
    cptr_t slot;

    assert_ok(slot_alloc(&slot));
    return slot;
}

/* Of one page, number `page` of the RAM. */
static cptr_t frame(unsigned page)
{
    cptr_t slot = empty_slot();

    assert_ok(cap_retype(RAM, page * PAGE_SIZE, CAP_TYPE_FRAME, PAGE_SIZE, 1, slot));
    return slot;
}

static bool is_frame(cptr_t slot)
{
    struct cap_identity identity;

    return err_ok(cap_identify(slot, &identity)) && identity.type == CAP_TYPE_FRAME;
}

static bool is_empty(cptr_t slot)
{
    struct cap_identity identity;

    return err_is(cap_identify(slot, &identity), ERR_CAP_EMPTY_SLOT);
}

/* ---- kept replies
 * -------------------------------------------------------------------------------------------------- */

static void kept_and_answered_in_another_order(void)
{
    cptr_t replies[4];
    struct rt_message m;

    begin();
    for (unsigned i = 0; i < 4; i++) {
        replies[i] = empty_slot();
        start_call(&callers[i], i);
        assert_ok(rt_receive(&m, CPTR_NULL, in(30000)));
        assert_int_equal(m.words[0], i);
        assert_ok(rt_keep_reply(replies[i]));
    }
    for (unsigned i = 4; i-- > 0;) {
        assert_ok(rt_reply_to(replies[i], &(struct rt_message){.length = 1, .words = {100 + i}}));
        thread_join(&callers[i].thread);
        assert_ok(callers[i].result);
        assert_int_equal(callers[i].message.words[0], 100 + i);
        assert_true(is_empty(replies[i]));
        slot_free(replies[i]);
    }
    end();
}

static void keeping_is_refused(void)
{
    cptr_t reply = frame(0);
    struct rt_message m;

    begin();
    slots_before++;
    assert_error(rt_keep_reply(reply), MSG_NO_REPLY);
    start_call(&callers[0], 1);
    assert_ok(rt_receive(&m, CPTR_NULL, in(30000)));
    assert_error(rt_keep_reply(reply), CAP_SLOT_IN_USE);
    assert_ok(rt_reply(&(struct rt_message){.length = 0}));
    assert_error(rt_reply(&(struct rt_message){.length = 0}), MSG_NO_REPLY);
    assert_error(rt_keep_reply(reply), MSG_NO_REPLY);
    assert_error(rt_reply_to(reply, &(struct rt_message){.length = 0}), CAP_WRONG_TYPE);
    thread_join(&callers[0].thread);
    assert_ok(callers[0].result);
    slot_delete(reply);
    end();
}

static void deleting_a_kept_reply_ends_the_call(void)
{
    cptr_t reply = empty_slot();
    struct rt_message m;

    begin();
    slots_before++;
    start_call(&callers[0], 1);
    assert_ok(rt_receive(&m, CPTR_NULL, in(30000)));
    assert_ok(rt_keep_reply(reply));
    slot_delete(reply);
    thread_join(&callers[0].thread);
    assert_error(callers[0].result, PEER_GONE);
    end();
}

static void a_late_answer_goes_nowhere(void)
{
    cptr_t reply = empty_slot();
    cptr_t sent = frame(0);
    struct rt_message m;

    begin();
    slots_before += 2;
    callers[0].deadline = in(10);
    start_call(&callers[0], 1);
    assert_ok(rt_receive(&m, CPTR_NULL, in(30000)));
    assert_ok(rt_keep_reply(reply));
    thread_join(&callers[0].thread);
    assert_error(callers[0].result, TIMEOUT);
    assert_ok(rt_reply_to(reply, &(struct rt_message){.length = 0, .cap = sent}));
    assert_error(rt_receive(&m, CPTR_NULL, in(1)), TIMEOUT); /* it has come, with its capability */
    slot_free(reply);
    callers[0] = (struct caller){.slot = empty_slot()};
    start_call(&callers[0], 2); /* and is not in the way of the next */
    assert_ok(rt_receive(&m, CPTR_NULL, in(30000)));
    assert_ok(rt_reply(&(struct rt_message){.length = 0, .cap = sent}));
    thread_join(&callers[0].thread);
    assert_true(is_frame(callers[0].slot));
    slot_delete(callers[0].slot);
    slot_delete(sent);
    end();
}

static void a_refused_answer_leaves_the_call_open(void)
{
    cptr_t reply = empty_slot();
    struct rt_message m;

    begin();
    slots_before++;
    start_call(&callers[0], 1);
    start_call(&callers[1], 2);
    assert_ok(rt_receive(&m, CPTR_NULL, in(30000)));
    assert_error(rt_reply(&(struct rt_message){.length = 0, .cap = reply}), CAP_EMPTY_SLOT);
    assert_error(rt_reply_receive(&(struct rt_message){.length = 0, .cap = reply}, CPTR_NULL, in(30000)),
                 CAP_EMPTY_SLOT);
    assert_error(rt_receive(&m, CPTR_NULL, in(1)), TIMEOUT); /* still nobody receives */
    assert_ok(rt_keep_reply(reply));
    assert_error(rt_reply_to(reply, &(struct rt_message){.length = SYS_WORDS + 1}), MSG_LENGTH);
    assert_ok(rt_reply_to(reply, &(struct rt_message){.length = 0}));
    assert_ok(rt_receive(&m, CPTR_NULL, in(30000)));
    assert_int_equal(m.words[0], 2);
    assert_ok(rt_reply(&(struct rt_message){.length = 0}));
    thread_join(&callers[0].thread);
    thread_join(&callers[1].thread);
    assert_ok(callers[0].result);
    assert_ok(callers[1].result);
    slot_free(reply);
    end();
}

/* ---- capabilities
 * -------------------------------------------------------------------------------------------------- */

static void capabilities_go_where_they_are_wanted(void)
{
    cptr_t there = empty_slot();
    cptr_t sent = frame(0);
    struct rt_message m;

    begin();
    slots_before += 2;
    callers[0].message.cap = sent;
    callers[0].slot = empty_slot();
    start_call(&callers[0], 1);
    assert_ok(rt_receive(&m, there, in(30000)));
    assert_int_equal(m.cap, there);
    assert_true(m.flags & SYS_CAME_CAP);
    assert_true(is_frame(there));
    assert_ok(rt_reply(&(struct rt_message){.length = 0, .cap = there}));
    thread_join(&callers[0].thread);
    assert_int_equal(callers[0].message.cap, callers[0].slot);
    assert_true(is_frame(callers[0].slot));
    slot_delete(callers[0].slot);
    slot_delete(there);
    slot_delete(sent);
    end();
}

static void capabilities_without_a_place_are_deleted(void)
{
    cptr_t full = frame(0);
    cptr_t sent = frame(1);
    struct rt_message m;

    begin();
    slots_before += 2;
    for (unsigned i = 0; i < 2; i++) {
        callers[0] = (struct caller){.message = {.cap = sent}, .slot = i == 0 ? full : CPTR_NULL};
        start_call(&callers[0], 1);
        assert_ok(rt_receive(&m, i == 0 ? CPTR_NULL : full, in(30000)));
        assert_int_equal(m.cap, CPTR_NULL);
        assert_true(m.flags & SYS_CAME_CAP);
        assert_true(is_empty(SLOT_RECEIVE));
        assert_ok(rt_reply(&(struct rt_message){.length = 0, .cap = sent}));
        thread_join(&callers[0].thread);
        assert_ok(callers[0].result);
        assert_int_equal(callers[0].message.cap, CPTR_NULL);
        assert_true(callers[0].message.flags & SYS_CAME_CAP);
        assert_true(is_empty(SLOT_RECEIVE));
    }
    slot_delete(full);
    slot_delete(sent);
    end();
}

/* ---- the pool
 * ------------------------------------------------------------------------------------------------------ */

static void more_calls_than_places_wait(void)
{
    uint64_t seen = 0;
    struct rt_message m;

    begin();
    for (unsigned i = 0; i < CALLERS; i++) {
        start_call(&callers[i], i);
    }
    thread_yield(); /* all of them have called, or wait for a place */
    assert_ok(rt_receive(&m, CPTR_NULL, in(30000)));
    for (unsigned i = 0; i < CALLERS; i++) {
        seen |= (uint64_t)1 << m.words[0];
        m.words[0] += 1000;
        if (i < CALLERS - 1) {
            assert_ok(rt_reply_receive(&m, CPTR_NULL, in(30000)));
        }
    }
    assert_ok(rt_reply(&m));
    assert_int_equal(seen, ((uint64_t)1 << CALLERS) - 1);
    for (unsigned i = 0; i < CALLERS; i++) {
        thread_join(&callers[i].thread);
        assert_ok(callers[i].result);
        assert_int_equal(callers[i].message.words[0], 1000 + i);
    }
    end();
}

static void a_call_without_a_place_times_out(void)
{
    unsigned received = 0;
    unsigned timed_out = 0;
    cptr_t replies[CALLERS];
    struct rt_message m;

    begin();
    for (unsigned i = 0; i < CALLERS; i++) {
        callers[i].deadline = in(50);
        start_call(&callers[i], i);
    }
    while (err_ok(rt_receive(&m, CPTR_NULL, in(20)))) {
        replies[received] = empty_slot();
        assert_ok(rt_keep_reply(replies[received]));
        received++;
    }
    assert_true(received > 0 && received < CALLERS);
    for (unsigned i = 0; i < CALLERS; i++) {
        thread_join(&callers[i].thread);
        timed_out += err_is(callers[i].result, ERR_TIMEOUT);
    }
    assert_int_equal(timed_out, CALLERS);
    for (unsigned i = 0; i < received; i++) {
        assert_ok(rt_reply_to(replies[i], &(struct rt_message){.length = 0}));
        slot_free(replies[i]);
    }
    callers[0].deadline = 0;
    start_call(&callers[0], 7); /* the places have come back */
    assert_ok(rt_receive(&m, CPTR_NULL, in(30000)));
    assert_int_equal(m.words[0], 7);
    assert_ok(rt_reply(&m));
    thread_join(&callers[0].thread);
    assert_ok(callers[0].result);
    end();
}

SUITE_MAIN({"MSG-KEEP-001", "kept calls are answered in any order", kept_and_answered_in_another_order},
           {"MSG-KEEP-002", "without a call, or into a full slot, nothing is kept", keeping_is_refused},
           {"MSG-KEEP-003", "deleting a kept reply ends the call with PEER_GONE",
            deleting_a_kept_reply_ends_the_call},
           {"MSG-KEEP-004", "an answer after the deadline goes nowhere, and so does its capability",
            a_late_answer_goes_nowhere},
           {"MSG-KEEP-005", "an answer that is refused leaves the call unanswered",
            a_refused_answer_leaves_the_call_open},
           {"MSG-SLOT-001", "a capability goes into the slot that its receiver names",
            capabilities_go_where_they_are_wanted},
           {"MSG-SLOT-002", "a capability without a place is deleted, and said to have come",
            capabilities_without_a_place_are_deleted},
           {"MSG-POOL-001", "calls beyond the pool wait for a place", more_calls_than_places_wait},
           {"MSG-POOL-002", "a call that waits for a place ends at its deadline",
            a_call_without_a_place_times_out})
