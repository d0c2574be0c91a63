/* SPDX-License-Identifier: MIT */
/* Dispatchers through system calls: refusals, priorities and slices, suspension, and their end in every
 * state. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/thread.h>
#include "../system/peer.h"
#include "../system/suite.h"

enum { A, B, C };

#define MS ((nanos_t)1000 * 1000)

static volatile uint64_t counts[PEERS];

static cptr_t dispatcher(unsigned peer)
{
    return peer_slot(peer, PEER_DISPATCHER);
}

static void nap(nanos_t time)
{
    thread_sleep_until(rt_now() + time);
}

static void compute(unsigned peer, unsigned priority)
{
    counts[peer] = 0;
    peer_make(peer);
    peer_start(peer, peer_compute, (void *)&counts[peer], priority);
}

/* Whether the peer gets on while the test program sleeps for a while. */
static bool gets_on(unsigned peer)
{
    uint64_t before = counts[peer];

    nap(50 * MS);
    return counts[peer] != before;
}

/* ---- refusals
 * ---------------------------------------------------------------------------------------------------- */

static struct dispatcher_setup good_setup(unsigned peer)
{
    return (struct dispatcher_setup){.root = SLOT_ROOT,
                                     .vspace = SLOT_VSPACE,
                                     .user_part = peer_slot(peer, PEER_USER_PART),
                                     .monitor = peer_slot(peer, PEER_MONITOR),
                                     .process = 1, /* of no authority: the machine goes on when it ends */
                                     .name = "peer"};
}

static void setup_refusals(void)
{
    cptr_t bad = peer_slot(A, PEER_A);
    struct dispatcher_setup s;

    peer_make_objects(A);
    s = good_setup(A), s.root = SLOT_VSPACE;
    assert_error(cap_dispatcher_setup(dispatcher(A), &s), CAP_WRONG_TYPE);
    s = good_setup(A), s.root = bad;
    assert_error(cap_dispatcher_setup(dispatcher(A), &s), CAP_EMPTY_SLOT);
    s = good_setup(A), s.vspace = SLOT_ROOT;
    assert_error(cap_dispatcher_setup(dispatcher(A), &s), CAP_WRONG_TYPE);
    s = good_setup(A), s.user_part = SLOT_ROOT;
    assert_error(cap_dispatcher_setup(dispatcher(A), &s), CAP_WRONG_TYPE);
    assert_ok(cap_narrow(peer_slot(A, PEER_USER_PART), bad, CAP_READ));
    s = good_setup(A), s.user_part = bad;
    assert_error(cap_dispatcher_setup(dispatcher(A), &s), CAP_MISSING_RIGHT);
    assert_ok(cap_delete(bad));
    s = good_setup(A), s.monitor = SLOT_LOG;
    assert_error(cap_dispatcher_setup(dispatcher(A), &s), CAP_WRONG_TYPE);
    assert_ok(cap_narrow(peer_slot(A, PEER_MONITOR), bad, CAP_READ));
    s = good_setup(A), s.monitor = bad;
    assert_error(cap_dispatcher_setup(dispatcher(A), &s), CAP_MISSING_RIGHT);
    assert_ok(cap_delete(bad));
    assert_error(cap_dispatcher_start(dispatcher(A), 0, 0, 0, 1), PROC_NOT_RUNNABLE);
    s = good_setup(A);
    assert_ok(cap_dispatcher_setup(dispatcher(A), &s)); /* the refused ones have left nothing */
    assert_error(cap_dispatcher_setup(dispatcher(A), &s), PROC_RUNNING);
    peer_remove(A);
}

static void start_refusals(void)
{
    peer_make(A);
    assert_error(cap_dispatcher_start(dispatcher(A), 0, 0, 0, PEER_PRIORITY + 1), PROC_PRIORITY);
    assert_error(cap_dispatcher_start(dispatcher(A), 0, 0, 0, 0xffffffff), PROC_PRIORITY);
    assert_int_equal(peer_info(A).status, STATUS_STOPPED);
    peer_start(A, peer_sleep, NULL, 1);
    assert_error(cap_dispatcher_start(dispatcher(A), 0, 0, 0, 1), PROC_RUNNING);
    assert_ok(cap_dispatcher_end(dispatcher(A), 7));
    assert_error(cap_dispatcher_start(dispatcher(A), 0, 0, 0, 1), PROC_RUNNING);
    assert_int_equal(peer_info(A).status, STATUS_DEAD);
    assert_int_equal(peer_info(A).exit_code, 7);
    peer_remove(A);
}

static void bind_refusals(void)
{
    cptr_t other = peer_slot(B, PEER_ENDPOINT);
    cptr_t narrow = peer_slot(B, PEER_A);

    peer_make(A);
    peer_make_objects(B);
    assert_error(cap_dispatcher_bind(dispatcher(A), SLOT_LOG), CAP_WRONG_TYPE);
    assert_error(cap_dispatcher_bind(dispatcher(A), peer_slot(B, PEER_SENDER)), CAP_BADGE_SET);
    assert_error(cap_dispatcher_bind(dispatcher(A), peer_slot(A, PEER_ENDPOINT)), EXISTS);
    assert_error(cap_dispatcher_bind(dispatcher(A), SLOT_ENDPOINT), EXISTS);
    assert_ok(cap_narrow(other, narrow, CAP_WRITE));
    assert_error(cap_dispatcher_bind(dispatcher(A), narrow), CAP_MISSING_RIGHT);
    assert_ok(cap_dispatcher_end(dispatcher(A), 0));
    assert_error(cap_dispatcher_bind(dispatcher(A), other), PROC_NOT_RUNNABLE);
    assert_ok(cap_dispatcher_bind(dispatcher(B), other));
    peer_remove(A);
    peer_remove(B);
}

static unsigned invoke(cptr_t target, unsigned operation, uint64_t operand)
{
    uint64_t args[SYS_ARGS] = {[0] = SYS_TARGET(target, operation), [1] = operand};

    return peer_call(args, SYS_INVOKE);
}

static void other_refusals(void)
{
    cptr_t narrow = peer_slot(A, PEER_A);
    struct dispatcher_info info;

    peer_make(A);
    assert_int_equal(invoke(dispatcher(A), DISPATCHER_KEEP_REPLY, peer_slot(A, PEER_KEPT)), ERR_MSG_NO_REPLY);
    assert_int_equal(invoke(SLOT_DISPATCHER, DISPATCHER_KEEP_REPLY, peer_slot(A, PEER_KEPT)),
                     ERR_MSG_NO_REPLY);
    assert_int_equal(invoke(dispatcher(A), 10, 0), ERR_CAP_ILLEGAL_INVOCATION);
    assert_int_equal(invoke(dispatcher(A), 0xffff, 0), ERR_CAP_ILLEGAL_INVOCATION);
    assert_ok(cap_narrow(dispatcher(A), narrow, CAP_READ));
    assert_ok(cap_dispatcher_info(narrow, &info));
    for (unsigned operation = 0; operation <= DISPATCHER_CALLS; operation++) {
        if (operation != DISPATCHER_INFO && operation != DISPATCHER_CALLS) {
            assert_int_equal(invoke(narrow, operation, 0), ERR_CAP_MISSING_RIGHT);
        }
    }
    assert_int_equal(peer_info(A).status, STATUS_STOPPED);
    peer_remove(A);
}

/* ---- who runs
 * ---------------------------------------------------------------------------------------------------- */

static void priorities_are_strict(void)
{
    compute(A, 3);
    compute(B, 4);
    assert_true(gets_on(B));
    assert_int_equal(counts[A], 0);
    assert_ok(cap_dispatcher_suspend(dispatcher(B)));
    assert_true(gets_on(A));
    assert_ok(cap_dispatcher_continue(dispatcher(B)));
    nap(20 * MS);
    assert_false(gets_on(A));
    peer_remove(A);
    peer_remove(B);
}

static bool all_had_turns(void)
{
    bool all = true;

    for (unsigned peer = A; peer <= C; peer++) {
        all = all && counts[peer] != 0 && peer_info(peer).cpu_time > 5 * MS;
    }
    return all;
}

/* None of them ever gives way. */
static void equals_take_turns(void)
{
    nanos_t end = peer_soon();

    compute(A, 3);
    compute(B, 3);
    compute(C, 3);
    while (!all_had_turns() && rt_now() < end) {
        nap(10 * MS);
    }
    assert_true(all_had_turns());
    for (unsigned peer = A; peer <= C; peer++) {
        peer_remove(peer);
    }
}

/* The test program interrupts the slices of both, more often than a slice is long. */
static void interrupted_slices_end(void)
{
    compute(A, 3);
    compute(B, 3);
    for (unsigned i = 0; i < 100; i++) {
        nap(MS);
    }
    assert_true(counts[A] != 0);
    assert_true(counts[B] != 0);
    peer_remove(A);
    peer_remove(B);
}

/* Each call and each reply switches directly; together they have one slice. */
static void callers_leave_others_their_turn(void)
{
    nanos_t end;

    peer_run(A, peer_echo, (void *)A);
    compute(B, PEER_PRIORITY);
    end = rt_now() + 200 * MS;
    while (rt_now() < end) {
        struct rt_message m = {.length = 1};

        assert_ok(rt_call(peer_slot(A, PEER_SENDER), &m, CPTR_NULL, peer_soon()));
    }
    assert_true(peer_info(B).cpu_time > 20 * MS);
    peer_remove(A);
    peer_remove(B);
}

/* ---- suspension
 * -------------------------------------------------------------------------------------------------- */

static void suspended_before_its_start(void)
{
    counts[A] = 0;
    peer_make(A);
    assert_ok(cap_dispatcher_suspend(dispatcher(A)));
    assert_ok(cap_dispatcher_suspend(dispatcher(A)));
    peer_start(A, peer_compute, (void *)&counts[A], 3);
    assert_false(gets_on(A));
    assert_ok(cap_dispatcher_continue(dispatcher(A)));
    assert_ok(cap_dispatcher_continue(dispatcher(A)));
    assert_true(gets_on(A));
    assert_ok(cap_dispatcher_suspend(dispatcher(A)));
    assert_false(gets_on(A));
    assert_ok(cap_dispatcher_end(dispatcher(A), 1));
    assert_ok(cap_dispatcher_continue(dispatcher(A)));
    assert_false(gets_on(A));
    peer_remove(A);
}

static void suspended_while_it_waits(void)
{
    struct rt_message m = {.length = 1, .words = {1}};

    peer_run(A, peer_echo, (void *)A);
    nap(MS);
    assert_int_equal(peer_info(A).status, STATUS_WAITING);
    assert_ok(cap_dispatcher_suspend(dispatcher(A)));
    assert_error(rt_call(peer_slot(A, PEER_SENDER), &m, CPTR_NULL, rt_now() + 10 * MS), TIMEOUT);
    assert_int_equal(peer_info(A).status, STATUS_READY);
    assert_ok(cap_dispatcher_continue(dispatcher(A)));
    assert_ok(rt_call(peer_slot(A, PEER_SENDER), &m, CPTR_NULL, peer_soon()));
    peer_remove(A);
}

/* Its deadline comes while it is suspended. */
static void receive_for_a_moment(void *peer)
{
    uint64_t args[SYS_ARGS] = {0};

    peer_receive(args, 0, CPTR_NULL, rt_now() + 5 * MS);
    counts[A] = 1;
    peer_sleep(peer);
}

static void deadline_while_suspended(void)
{
    counts[A] = 0;
    peer_run(A, receive_for_a_moment, (void *)A);
    nap(MS);
    assert_ok(cap_dispatcher_suspend(dispatcher(A)));
    nap(20 * MS);
    assert_int_equal(counts[A], 0);
    assert_ok(cap_dispatcher_continue(dispatcher(A)));
    peer_await(&counts[A], 1);
    peer_remove(A);
}

static void suspend_myself(void *peer)
{
    unsigned me = (unsigned)(uintptr_t)peer;

    for (;;) {
        (void)invoke(dispatcher(me), DISPATCHER_SUSPEND, 0);
        counts[me]++;
    }
}

static void suspended_by_itself(void)
{
    counts[A] = 0;
    peer_run(A, suspend_myself, (void *)A);
    for (uint64_t round = 0; round < 5; round++) {
        nap(MS);
        assert_int_equal(counts[A], round);
        assert_ok(cap_dispatcher_continue(dispatcher(A)));
    }
    peer_remove(A);
}

/* ---- ends
 * ------------------------------------------------------------------------------------------------------ */

static void the_number_is_no_authority(void)
{
    struct dispatcher_setup s;

    peer_make_objects(A);
    s = good_setup(A);
    assert_ok(cap_dispatcher_setup(dispatcher(A), &s));
    assert_ok(cap_dispatcher_end(dispatcher(A), 9));
    peer_remove(A);
}

static struct thread helper;
static _Alignas(16) unsigned char helper_stack[16384];

static void end_a(void *unused)
{
    (void)unused;
    nap(5 * MS);
    assert_ok(cap_dispatcher_end(dispatcher(A), 3));
}

static void delete_a(void *unused)
{
    (void)unused;
    nap(5 * MS);
    assert_ok(cap_revoke(peer_slot(A, PEER_PIECE)));
}

/* The call of the test program to A ends with PEER_GONE when `killer` does its work. */
static void call_is_lost(void (*killer)(void *), void (*entry)(void *))
{
    struct rt_message m = {.length = 1};

    peer_run(A, entry, (void *)A);
    thread_start(&helper, "killer", helper_stack, sizeof(helper_stack), killer, NULL);
    assert_error(rt_call(peer_slot(A, PEER_SENDER), &m, CPTR_NULL, peer_soon()), PEER_GONE);
    thread_join(&helper);
    peer_remove(A);
}

static void ended_with_a_call(void)
{
    call_is_lost(end_a, peer_take);  /* taken */
    call_is_lost(end_a, peer_sleep); /* queued */
    call_is_lost(delete_a, peer_take);
    call_is_lost(delete_a, peer_sleep);
}

/* A keeps the reply; its end leaves it, the end of the capability does not. */
static void keep_reply(void *peer)
{
    unsigned me = (unsigned)(uintptr_t)peer;
    uint64_t args[SYS_ARGS] = {0};

    peer_receive(args, 0, CPTR_NULL, NANOS_NEVER);
    counts[me] = 100 + invoke(dispatcher(me), DISPATCHER_KEEP_REPLY, peer_slot(me, PEER_KEPT));
    peer_sleep(peer);
}

static void drop_kept(void *unused)
{
    (void)unused;
    nap(5 * MS);
    assert_ok(cap_dispatcher_end(dispatcher(A), 3));
    assert_int_equal(counts[A], 100);
    counts[A] = 1;
    nap(5 * MS);
    assert_ok(cap_delete(peer_slot(A, PEER_KEPT)));
    counts[A] = 2;
}

static void ended_with_a_kept_reply(void)
{
    struct rt_message m = {.length = 1};

    peer_run(A, keep_reply, (void *)A);
    thread_start(&helper, "killer", helper_stack, sizeof(helper_stack), drop_kept, NULL);
    assert_error(rt_call(peer_slot(A, PEER_SENDER), &m, CPTR_NULL, peer_soon()), PEER_GONE);
    assert_true(counts[A] >= 1);
    thread_join(&helper);
    peer_remove(A);
}

/* A calls B, which has taken the call when A ends; then B has nobody to answer. */
static void call_b(void *unused)
{
    uint64_t args[SYS_ARGS] = {
        [0] = peer_slot(B, PEER_SENDER) | SYS_FLAG_WAIT, [SYS_ARG_DEADLINE] = NANOS_NEVER};

    (void)unused;
    (void)peer_call(args, SYS_CALL);
    counts[A] = 1;
    peer_sleep(NULL);
}

static void answer_when_told(void *unused)
{
    uint64_t args[SYS_ARGS] = {0};

    (void)unused;
    peer_receive(args, 0, CPTR_NULL, NANOS_NEVER);
    counts[B] = 1;
    (void)invoke(dispatcher(B), DISPATCHER_SUSPEND, 0);
    mem_set(args, 0, sizeof(args));
    counts[C] = peer_call(args, SYS_REPLY);
    counts[B] = 2;
    peer_sleep(NULL);
}

static void caller_ends(bool by_deletion)
{
    counts[A] = counts[B] = counts[C] = 0;
    peer_run(B, answer_when_told, NULL);
    peer_run(A, call_b, NULL);
    peer_await(&counts[B], 1);
    assert_int_equal(peer_info(A).status, STATUS_WAITING);
    if (by_deletion) {
        assert_ok(cap_revoke(peer_slot(A, PEER_PIECE)));
    } else {
        assert_ok(cap_dispatcher_end(dispatcher(A), 1));
    }
    assert_ok(cap_dispatcher_continue(dispatcher(B)));
    peer_await(&counts[B], 2);
    assert_int_equal(counts[C], ERR_MSG_NO_REPLY);
    assert_int_equal(counts[A], 0);
    peer_remove(A);
    peer_remove(B);
}

static void ended_in_a_call(void)
{
    caller_ends(false);
    caller_ends(true);
}

/* Messages that A sent and nobody received. */
static void send_some(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < 3; i++) {
        uint64_t args[SYS_ARGS] = {[0] = peer_slot(B, PEER_SENDER), [1] = 1, [2] = i};

        (void)peer_call(args, SYS_SEND);
    }
    counts[A] = 1;
    peer_sleep(NULL);
}

static void count_messages(void *unused)
{
    uint64_t args[SYS_ARGS] = {0};

    (void)unused;
    for (;;) {
        peer_receive(args, 0, CPTR_NULL, rt_now() + MS);
        if (!(args[1] & SYS_CAME_MESSAGE)) {
            counts[B] = 1;
            peer_sleep(NULL);
        }
        counts[C]++;
    }
}

static void ended_with_queued_messages(void)
{
    counts[A] = counts[B] = counts[C] = 0;
    peer_make(B);
    peer_run(A, send_some, NULL);
    peer_await(&counts[A], 1);
    assert_ok(cap_dispatcher_end(dispatcher(A), 1));
    peer_start(B, count_messages, NULL, PEER_PRIORITY);
    peer_await(&counts[B], 1);
    assert_int_equal(counts[C], 0);
    peer_remove(A);
    peer_remove(B);
}

static void ends_itself(void *peer)
{
    peer_end((unsigned)(uintptr_t)peer);
}

static void news_of_ends(void)
{
    struct rt_message news;

    peer_run(A, ends_itself, (void *)A);
    news = peer_await_end();
    assert_int_equal(news.badge, PEER_MONITOR_BADGE + A);
    assert_int_equal(news.words[1], EXIT_BY_ITSELF);
    assert_ok(cap_dispatcher_end(dispatcher(A), 5)); /* has no effect, and tells nothing again */
    assert_error(rt_receive(&news, CPTR_NULL, 1), TIMEOUT);
    peer_run(A, peer_sleep, NULL);
    assert_ok(cap_dispatcher_end(dispatcher(A), 5));
    news = peer_await_end();
    assert_int_equal(news.words[0], 5);
    assert_int_equal(news.words[1], EXIT_KILLED);
    peer_remove(A);
}

/* ---- address spaces
 * ---------------------------------------------------------------------------------------------- */

static void make_in_empty_space(unsigned peer)
{
    struct dispatcher_setup s;

    peer_make_objects(peer);
    assert_ok(cap_retype(peer_slot(peer, PEER_SPARE), 0, CAP_TYPE_VNODE_L0, CAP_VNODE_L0_BYTES, 1,
                         peer_slot(peer, PEER_A)));
    s = good_setup(peer);
    s.vspace = peer_slot(peer, PEER_A);
    assert_ok(cap_dispatcher_setup(dispatcher(peer), &s));
}

static void empty_address_space(void)
{
    struct rt_message news;
    struct vspace_info own;

    make_in_empty_space(A);
    assert_ok(cap_vspace_info(peer_slot(A, PEER_A), &own));
    assert_ok(
        cap_revoke(peer_slot(A, PEER_A))); /* its own capability to the table goes, the table does not */
    assert_ok(
        cap_dispatcher_start(dispatcher(A), own.base + PAGE_SIZE, own.base + own.bytes, 0, PEER_PRIORITY));
    news = peer_await_end();
    assert_int_equal(news.words[1], EXIT_FAULTED);
    assert_int_equal(news.words[2], FAULT_MEMORY);
    assert_int_equal(news.words[3], ACCESS_EXECUTE);
    assert_int_equal(news.words[4], own.base + PAGE_SIZE);
    peer_remove(A);
}

static void address_space_goes(void)
{
    struct rt_message news;

    make_in_empty_space(A);
    assert_ok(cap_revoke(peer_slot(A, PEER_A)));
    assert_ok(cap_delete(peer_slot(A, PEER_A)));
    news = peer_await_end();
    assert_int_equal(news.words[1], EXIT_KILLED);
    assert_int_equal(peer_info(A).status, STATUS_DEAD);
    assert_error(cap_dispatcher_start(dispatcher(A), 0, 0, 0, 1), PROC_RUNNING);
    peer_remove(A);
}

SUITE_MAIN(
    {"DISP-SETUP-001", "each way SETUP can be wrong has its own error and leaves nothing", setup_refusals},
    {"DISP-START-001", "START refuses what is incomplete, running, dead or too urgent", start_refusals},
    {"DISP-BIND-001", "BIND refuses what is no endpoint, a sender's, bound, or not to be read",
     bind_refusals},
    {"DISP-RIGHT-001", "all operations but INFO and CALLS need WRITE; unknown ones are refused",
     other_refusals},
    {"DISP-PRIO-001", "a lower level runs only while no higher one can", priorities_are_strict},
    {"DISP-SLICE-001", "dispatchers of one level take turns", equals_take_turns},
    {"DISP-SLICE-002", "slices end although they are interrupted often", interrupted_slices_end},
    {"DISP-SLICE-003", "two that call each other leave others of their level their turn",
     callers_leave_others_their_turn},
    {"DISP-SUSPEND-001", "a suspended dispatcher runs when it is started and continued, in any order",
     suspended_before_its_start},
    {"DISP-SUSPEND-002", "what comes for a suspended dispatcher waits for it", suspended_while_it_waits},
    {"DISP-SUSPEND-003", "a deadline that comes meanwhile ends the wait when it continues",
     deadline_while_suspended},
    {"DISP-SUSPEND-004", "a dispatcher may suspend itself", suspended_by_itself},
    {"DISP-END-001", "a process number gives no authority over the machine", the_number_is_no_authority},
    {"DISP-END-002", "calls to one that ends fail, taken or queued, ended or deleted", ended_with_a_call},
    {"DISP-END-003", "a kept Reply lives until it is deleted, then the call fails", ended_with_a_kept_reply},
    {"DISP-END-004", "who answers a caller that ended has nobody to reply to", ended_in_a_call},
    {"DISP-END-005", "one-way messages of one that ended vanish", ended_with_queued_messages},
    {"DISP-END-006", "the monitor learns of an end once, and how it came", news_of_ends},
    {"DISP-VSPACE-001", "one that starts in an empty address space ends by a fault", empty_address_space},
    {"DISP-VSPACE-002", "one whose address space is deleted ends", address_space_goes})
