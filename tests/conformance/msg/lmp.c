/* SPDX-License-Identifier: MIT */
/* Messages on one core. The peer is a second dispatcher in this program's own spaces, so that nothing but the
 * kernel is needed; it uses bare system calls, since the run-time belongs to the first. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/message.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/thread.h>
#include "../system/suite.h"

#define RAM CPTR(2, 0)

/* Slots of the tests. */
enum { PIECE = SLOT_FIRST_FREE, PEER, PEER_ENDPOINT, PEER_USER_PART, TO_PEER, TO_US, SOME_FRAME, RECEIVED };

#define BADGE 0x5eed

static _Alignas(16) unsigned char peer_stack[16384];

/* ---- what the peer does
 * ------------------------------------------------------------------------------------------ */

static void receive(uint64_t args[SYS_ARGS])
{
    args[0] = 0;
    args[1] = (uint64_t)RECEIVED << 32;
    args[SYS_ARG_DEADLINE] = NANOS_NEVER;
    args[SYS_ARG_NUMBER] = SYS_RECV;
    rt_syscall(args);
}

/* Answers every call with its words, each plus one, the badge in the last. */
static void echo(void *unused)
{
    uint64_t args[SYS_ARGS] = {0};

    (void)unused;
    receive(args);
    for (;;) {
        for (unsigned i = 0; i < SYS_WORDS - 1; i++) {
            args[SYS_ARG_WORDS + i]++;
        }
        args[SYS_ARG_WORDS + SYS_WORDS - 1] = args[0];
        args[0] = SYS_FLAG_WAIT;
        args[1] = SYS_WORDS | (uint64_t)RECEIVED << 32;
        args[SYS_ARG_CAP] = 0;
        args[SYS_ARG_DEADLINE] = NANOS_NEVER;
        args[SYS_ARG_NUMBER] = SYS_REPLY;
        rt_syscall(args);
    }
}

/* Answers twice; says in the next answer how the second one went. */
static void answer_twice(void *unused)
{
    uint64_t args[SYS_ARGS] = {0};
    uint64_t second = 0;

    (void)unused;
    for (;;) {
        receive(args);
        for (unsigned i = 0; i < 2; i++) {
            mem_set(args, 0, sizeof(args));
            args[1] = 1;
            args[SYS_ARG_WORDS] = second;
            args[SYS_ARG_NUMBER] = SYS_REPLY;
            rt_syscall(args);
        }
        second = (uint16_t)args[SYS_ARG_ERR_CODES];
    }
}

static void take_and_stop(void *unused)
{
    uint64_t args[SYS_ARGS] = {0};

    (void)unused;
    receive(args);
    *(volatile int *)rt_self()->vspace_base = 0; /* NULL */
}

static void take_and_keep(void *unused)
{
    uint64_t args[SYS_ARGS] = {0};

    (void)unused;
    receive(args);
    mem_set(args, 0, sizeof(args));
    args[SYS_ARG_DEADLINE] = NANOS_NEVER;
    args[0] = SYS_FLAG_CLOSED;
    args[SYS_ARG_NUMBER] = SYS_RECV;
    rt_syscall(args);
}

/* ---- the peer's life
 * ---------------------------------------------------------------------------------------------- */

static void remove_peer(void)
{
    struct cap_identity left;

    if (err_ok(cap_identify(PIECE, &left))) {
        assert_ok(cap_revoke(PIECE));
        assert_ok(cap_delete(PIECE));
    }
    for (cptr_t slot = TO_US; slot <= RECEIVED; slot++) {
        if (err_ok(cap_identify(slot, &left))) {
            assert_ok(cap_delete(slot));
        }
    }
}

static void make_peer(void (*entry)(void *))
{
    uint64_t at = 0;

    remove_peer();
    assert_ok(cap_retype(RAM, 0, CAP_TYPE_RAM, 16 * PAGE_SIZE, 1, PIECE));
    assert_ok(cap_retype(PIECE, at, CAP_TYPE_DISPATCHER, CAP_DISPATCHER_BYTES, 1, PEER));
    at += CAP_DISPATCHER_BYTES;
    assert_ok(cap_retype(PIECE, at, CAP_TYPE_ENDPOINT_LMP, PAGE_SIZE, 1, PEER_ENDPOINT));
    at += PAGE_SIZE;
    assert_ok(cap_retype(PIECE, at, CAP_TYPE_FRAME, 2 * PAGE_SIZE, 1, PEER_USER_PART));
    at += 2 * PAGE_SIZE;
    assert_ok(cap_retype(PIECE, at, CAP_TYPE_FRAME, PAGE_SIZE, 1, SOME_FRAME));
    assert_ok(cap_badge(PEER_ENDPOINT, TO_PEER, BADGE));
    assert_ok(cap_badge(SLOT_ENDPOINT, TO_US, 0xdead));
    assert_ok(cap_dispatcher_setup(PEER, &(struct dispatcher_setup){.root = SLOT_ROOT,
                                                                    .vspace = SLOT_VSPACE,
                                                                    .user_part = PEER_USER_PART,
                                                                    .monitor = TO_US,
                                                                    .process = 77,
                                                                    .name = "peer"}));
    assert_ok(cap_dispatcher_bind(PEER, PEER_ENDPOINT));
    assert_ok(cap_dispatcher_start(PEER, (vaddr_t)entry, (vaddr_t)peer_stack + sizeof(peer_stack), 0, 16));
}

static nanos_t soon(void)
{
    return rt_now() + (nanos_t)10 * 1000 * 1000 * 1000;
}

static void done_with_peer(void)
{
    struct rt_message end;

    assert_ok(cap_dispatcher_end(PEER, 1));
    assert_ok(rt_receive(&end, CPTR_NULL, soon()));
    assert_true(end.flags & SYS_CAME_EXIT);
    remove_peer();
}

/* ---- tests
 * ------------------------------------------------------------------------------------------------------- */

static void call_and_reply(void)
{
    make_peer(echo);
    for (uint64_t round = 0; round < 1000; round++) {
        struct rt_message m = {.length = SYS_WORDS};

        for (unsigned i = 0; i < SYS_WORDS; i++) {
            m.words[i] = round * 100 + i;
        }
        assert_ok(rt_call(TO_PEER, &m, CPTR_NULL, soon()));
        assert_int_equal(m.length, SYS_WORDS);
        for (unsigned i = 0; i < SYS_WORDS - 1; i++) {
            assert_int_equal(m.words[i], round * 100 + i + 1);
        }
        assert_int_equal(m.words[SYS_WORDS - 1], BADGE);
    }
    done_with_peer();
}

static void refusals(void)
{
    struct rt_message m = {.length = SYS_WORDS + 1};

    make_peer(echo);
    assert_error(rt_call(TO_PEER, &m, CPTR_NULL, soon()), MSG_LENGTH);
    m.length = 1;
    assert_error(rt_call(SLOT_LOG, &m, CPTR_NULL, soon()), CAP_WRONG_TYPE);
    assert_error(rt_call(CPTR(0, 250), &m, CPTR_NULL, soon()), CAP_EMPTY_SLOT);
    m.cap = CPTR(0, 250);
    assert_error(rt_call(TO_PEER, &m, CPTR_NULL, soon()), CAP_EMPTY_SLOT);
    assert_error(rt_reply(&(struct rt_message){.length = 0}), MSG_NO_REPLY);
    done_with_peer();
}

static void capability_goes_along(void)
{
    struct rt_message m = {.length = 1, .cap = SOME_FRAME};
    struct cap_identity sent;
    struct cap_identity came;

    make_peer(echo);
    assert_ok(rt_call(TO_PEER, &m, CPTR_NULL, soon()));
    assert_ok(cap_identify(SOME_FRAME, &sent));
    assert_ok(cap_identify(RECEIVED, &came));
    assert_int_equal(came.base, sent.base);
    assert_int_equal(came.type, CAP_TYPE_FRAME);
    done_with_peer();
}

static void no_right_to_send(void)
{
    struct rt_message m = {.length = 0, .cap = RECEIVED};

    make_peer(echo);
    assert_ok(cap_narrow(SOME_FRAME, RECEIVED, CAP_READ));
    assert_error(rt_call(TO_PEER, &m, CPTR_NULL, soon()), CAP_MISSING_RIGHT);
    done_with_peer();
}

static void one_reply_only(void)
{
    struct rt_message m = {.length = 0};

    make_peer(answer_twice);
    assert_ok(rt_call(TO_PEER, &m, CPTR_NULL, soon()));
    m.length = 0;
    assert_ok(rt_call(TO_PEER, &m, CPTR_NULL, soon()));
    assert_int_equal(m.words[0], ERR_MSG_NO_REPLY);
    done_with_peer();
}

static void server_faults(void)
{
    struct rt_message m = {.length = 0};
    struct rt_message end;

    make_peer(take_and_stop);
    assert_error(rt_call(TO_PEER, &m, CPTR_NULL, soon()), PEER_GONE);
    assert_ok(rt_receive(&end, CPTR_NULL, soon()));
    assert_true(end.flags & SYS_CAME_EXIT);
    assert_int_equal(end.badge, 0xdead);
    assert_int_equal(end.words[1], EXIT_FAULTED);
    assert_int_equal(end.words[2], FAULT_MEMORY);
    assert_int_equal(end.words[3], ACCESS_WRITE);
    m.length = 0;
    assert_error(rt_call(TO_PEER, &m, CPTR_NULL, soon()), MSG_NO_TARGET);
    remove_peer();
}

static void server_is_deleted(void)
{
    struct rt_message m = {.length = 0};

    make_peer(take_and_keep);
    assert_error(rt_call(TO_PEER, &m, CPTR_NULL, rt_now() + 20 * 1000 * 1000), TIMEOUT);
    assert_ok(cap_revoke(PIECE));
    m.length = 0;
    assert_error(rt_call(TO_PEER, &m, CPTR_NULL, soon()), CAP_EMPTY_SLOT);
    remove_peer();
}

static void pool_is_the_limit(void)
{
    struct rt_message m = {.length = 1};
    unsigned sent = 0;
    err_t e;

    make_peer(take_and_keep);
    thread_sleep_until(rt_now() + 10 * 1000 * 1000);
    while (err_ok(e = rt_send(TO_PEER, &m))) {
        sent++;
        assert_true(sent < 1000);
    }
    assert_error(e, MSG_FULL);
    assert_true(sent >= 8);
    assert_ok(cap_revoke(
        PIECE)); /* with the endpoint go the messages that wait there: their places are ours again */
    make_peer(echo);
    assert_ok(rt_call(TO_PEER, &m, CPTR_NULL, soon()));
    done_with_peer();
}

static void waiting_ends_in_time(void)
{
    struct rt_message m;
    nanos_t begin = rt_now();

    assert_error(rt_receive(&m, CPTR_NULL, begin + 5 * 1000 * 1000), TIMEOUT);
    assert_true(rt_now() >= begin + 5 * 1000 * 1000);
    assert_error(rt_receive(&m, CPTR_NULL, 1), TIMEOUT);
}

SUITE_MAIN({"MSG-CALL-001", "a call brings its words and badge, and the reply its words", call_and_reply},
           {"MSG-CALL-002", "each way a call can be wrong has its own error", refusals},
           {"MSG-CAP-001", "a capability goes along and names the same", capability_goes_along},
           {"MSG-CAP-002", "without GRANT it does not, and nothing is sent", no_right_to_send},
           {"MSG-REPLY-001", "a call is answered once, a second reply goes nowhere", one_reply_only},
           {"MSG-GONE-001", "a server that faults ends the call with PEER_GONE and its monitor learns why",
            server_faults},
           {"MSG-GONE-002", "a call times out; a deleted server's endpoint is gone", server_is_deleted},
           {"MSG-FULL-001", "a sender is limited by its own pool, and gets the places back",
            pool_is_the_limit},
           {"MSG-WAIT-001", "a receive ends at its deadline", waiting_ends_in_time})
