/* SPDX-License-Identifier: MIT */
/* Messages at their edges: order, closed waits, capabilities that find no place, Reply capabilities, calls in
 * circles. The ordinary ones stand in lmp.c. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/thread.h>
#include "../system/peer.h"
#include "../system/suite.h"

enum { A, B, C };

#define MS ((nanos_t)1000 * 1000)

static volatile uint64_t seen[32]; /* what peers report */
static volatile uint64_t stage;    /* how far they are */

static void begin(void)
{
    for (unsigned i = 0; i < ARRAY_LENGTH(seen); i++) {
        seen[i] = 0;
    }
    stage = 0;
}

static unsigned invoke(cptr_t target, unsigned operation, uint64_t operand)
{
    uint64_t args[SYS_ARGS] = {[0] = SYS_TARGET(target, operation), [1] = operand};

    return peer_call(args, SYS_INVOKE);
}

static unsigned reply(cptr_t kept, uint64_t word)
{
    uint64_t args[SYS_ARGS] = {[0] = kept, [1] = 1, [SYS_ARG_WORDS] = word};

    return peer_call(args, SYS_REPLY);
}

/* ---- order and closed waits
 * ------------------------------------------------------------------------------------- */

#define ORDERED 12u

/* Receives what lies there, without waiting. */
static void collect(void *unused)
{
    uint64_t args[SYS_ARGS] = {0};

    (void)unused;
    peer_receive(args, SYS_FLAG_CLOSED, CPTR_NULL, rt_now() + MS);
    seen[30] = (uint16_t)args[SYS_ARG_ERR_CODES];
    peer_receive(args, SYS_FLAG_CLOSED, CPTR_NULL, 0);
    seen[31] = (uint16_t)args[SYS_ARG_ERR_CODES];
    for (unsigned i = 0; i < ORDERED; i++) {
        peer_receive(args, 0, CPTR_NULL, 0);
        seen[i] = args[SYS_ARG_WORDS];
    }
    peer_receive(args, 0, CPTR_NULL, 0);
    seen[ORDERED] = (uint16_t)args[SYS_ARG_ERR_CODES];
    stage = 1;
    peer_sleep(NULL);
}

/* One sender after the other, through two endpoints. */
static void in_order(void)
{
    begin();
    peer_make(A);
    peer_make_objects(B);
    assert_ok(cap_dispatcher_bind(peer_slot(A, PEER_DISPATCHER), peer_slot(B, PEER_ENDPOINT)));
    for (uint64_t i = 0; i < ORDERED; i++) {
        struct rt_message m = {.length = 1, .words = {i}};

        assert_ok(rt_send(peer_slot(i % 3 == 0 ? B : A, PEER_SENDER), &m));
    }
    peer_start(A, collect, NULL, PEER_PRIORITY);
    peer_await(&stage, 1);
    assert_int_equal(seen[30], ERR_TIMEOUT);
    assert_int_equal(seen[31], ERR_TIMEOUT);
    for (uint64_t i = 0; i < ORDERED; i++) {
        assert_int_equal(seen[i], i);
    }
    assert_int_equal(seen[ORDERED], ERR_TIMEOUT);
    peer_remove(A);
    peer_remove(B);
}

/* ---- capabilities without a place
 * ------------------------------------------------------------------------------- */

/* Receives once into the slot that is its argument. */
static void receive_into(void *slot)
{
    uint64_t args[SYS_ARGS] = {0};

    peer_receive(args, 0, (cptr_t)(uintptr_t)slot, NANOS_NEVER);
    seen[0] = args[1];
    seen[1] = args[SYS_ARG_WORDS];
    stage++;
    peer_sleep(NULL);
}

static void send_frame(unsigned peer)
{
    struct rt_message m = {.length = 1, .cap = peer_slot(peer, PEER_FRAME), .words = {77}};

    assert_ok(rt_send(peer_slot(peer, PEER_SENDER), &m));
}

/* Once to a receiver that waits, once to one that comes later. */
static void frame_finds_no_place(cptr_t slot)
{
    for (unsigned waits = 0; waits < 2; waits++) {
        begin();
        peer_make(A);
        if (waits) {
            peer_start(A, receive_into, (void *)(uintptr_t)slot, PEER_PRIORITY);
            thread_sleep_until(rt_now() + MS);
        }
        send_frame(A);
        if (!waits) {
            peer_start(A, receive_into, (void *)(uintptr_t)slot, PEER_PRIORITY);
        }
        peer_await(&stage, 1);
        assert_int_equal(seen[0], SYS_CAME_MESSAGE | 1);
        assert_int_equal(seen[1], 77);
        peer_remove(A);
    }
}

static void receive_slot_is_occupied(void)
{
    struct cap_identity i;

    frame_finds_no_place(SLOT_LOG);
    assert_ok(cap_identify(SLOT_LOG, &i));
    assert_int_equal(i.type, CAP_TYPE_LOG);
}

static void receive_slot_is_none(void)
{
    struct cap_identity i;

    frame_finds_no_place(CPTR_NULL);
    assert_error(cap_identify(CPTR_NULL, &i), CAP_EMPTY_SLOT);
    frame_finds_no_place(CPTR(9, 1));        /* no CNode there */
    frame_finds_no_place(CPTR(0xffffff, 1)); /* nor here */
}

static void receive_slot_is_empty(void)
{
    struct cap_identity i;

    begin();
    peer_make(A);
    send_frame(A);
    assert_ok(cap_delete(peer_slot(A, PEER_FRAME))); /* the message holds the last one */
    peer_start(A, receive_into, (void *)(uintptr_t)peer_slot(A, PEER_RECEIVED), PEER_PRIORITY);
    peer_await(&stage, 1);
    assert_int_equal(seen[0], SYS_CAME_MESSAGE | SYS_CAME_CAP | 1);
    assert_ok(cap_identify(peer_slot(A, PEER_RECEIVED), &i));
    assert_int_equal(i.type, CAP_TYPE_FRAME);
    peer_remove(A);
}

/* A calls B with the capability in PEER_A, and waits. */
static void call_with_cap(void *unused)
{
    uint64_t args[SYS_ARGS] = {[0] = peer_slot(B, PEER_SENDER) | SYS_FLAG_WAIT,
                               [1] = 1,
                               [SYS_ARG_DEADLINE] = NANOS_NEVER,
                               [SYS_ARG_CAP] = peer_slot(A, PEER_A)};

    (void)unused;
    stage++;
    (void)peer_call(args, SYS_CALL);
    seen[8] = args[1];
    seen[9] = (uint16_t)args[SYS_ARG_ERR_CODES];
    stage++;
    peer_sleep(NULL);
}

static void start_from(cptr_t dispatcher, unsigned peer, void (*entry)(void *), unsigned priority)
{
    assert_ok(cap_dispatcher_start(dispatcher, (vaddr_t)entry, (vaddr_t)peer_stack_top(peer), 0, priority));
}

/* Like receive_into none, then a second time for what a restarted receive may still bring. */
static void receive_nothing(void *unused)
{
    uint64_t args[SYS_ARGS] = {0};

    (void)unused;
    peer_receive(args, 0, CPTR_NULL, rt_now() + 20 * MS);
    seen[0] = args[1];
    seen[1] = (uint16_t)args[SYS_ARG_ERR_CODES];
    stage += 10;
    peer_sleep(NULL);
}

static bool exists(cptr_t slot)
{
    struct cap_identity i;

    return err_ok(cap_identify(slot, &i));
}

/* The system has not lost its way: A and B can be made again, and talk. */
static void still_works(void)
{
    struct rt_message m = {.length = 1, .words = {5}};

    peer_remove(A);
    peer_remove(B);
    peer_run(A, peer_echo, (void *)A);
    assert_ok(rt_call(peer_slot(A, PEER_SENDER), &m, CPTR_NULL, peer_soon()));
    assert_int_equal(m.words[0], 6);
    peer_remove(A);
}

/* A's call brings the last capability to the receiver B itself: dropping it ends B before it has received. */
static void last_to_the_receiver(void)
{
    begin();
    peer_make(A);
    peer_make(B);
    start_from(peer_slot(B, PEER_DISPATCHER), B, receive_nothing, 1);
    assert_ok(cap_move(peer_slot(B, PEER_DISPATCHER), peer_slot(A, PEER_A)));
    peer_start(A, call_with_cap, NULL, PEER_PRIORITY);
    peer_await(&stage, 1);
    rt_yield();
    assert_ok(cap_delete(peer_slot(A, PEER_A)));
    peer_await_asleep(&stage, 2); /* B runs, and ends */
    assert_int_equal(stage, 2);
    assert_int_equal(seen[9], ERR_PEER_GONE);
    still_works();
}

/* It brings the last capability to its sender A. */
static void last_to_the_sender(void)
{
    begin();
    peer_make(A);
    peer_make(B);
    assert_ok(cap_copy(peer_slot(A, PEER_DISPATCHER), peer_slot(A, PEER_A)));
    start_from(peer_slot(A, PEER_DISPATCHER), A, call_with_cap, PEER_PRIORITY);
    peer_await(&stage, 1);
    rt_yield();
    assert_ok(cap_delete(peer_slot(A, PEER_A)));
    assert_ok(cap_delete(peer_slot(A, PEER_DISPATCHER)));
    peer_start(B, receive_nothing, NULL, 1);
    peer_await_asleep(&stage, 11);
    assert_int_equal(stage, 11);
    assert_int_equal(seen[1], ERR_TIMEOUT); /* the call went with its sender */
    still_works();
}

/* It brings the last capability to something that takes many steps to delete. */
static void last_to_something_large(void)
{
    cptr_t cnode = peer_slot(B, PEER_CNODE);
    struct cap_identity i;

    begin();
    peer_make(A);
    peer_make(B);
    assert_ok(cap_copy_to(cnode, peer_slot(B, PEER_SPACE), CAP_PLACE_CNODE(0)));
    assert_ok(cap_retype_to(peer_slot(B, PEER_SPARE), 0, CAP_TYPE_RAM, PAGE_SIZE, 100,
                            peer_slot(B, PEER_SPACE), CAP_PLACE_SLOT(CPTR(0, 10))));
    assert_ok(cap_delete_in(peer_slot(B, PEER_SPACE), CAP_PLACE_CNODE(0)));
    assert_ok(cap_move(cnode, peer_slot(A, PEER_A)));
    peer_start(A, call_with_cap, NULL, PEER_PRIORITY);
    peer_await(&stage, 1);
    rt_yield();
    assert_ok(cap_delete(peer_slot(A, PEER_A)));
    peer_start(B, receive_nothing, NULL, 1);
    peer_await_asleep(&stage, 11);
    assert_int_equal(stage, 11);
    assert_int_equal(seen[0], SYS_CAME_MESSAGE | SYS_CAME_CALL | 1);
    assert_ok(cap_retype(peer_slot(B, PEER_SPARE), 0, CAP_TYPE_RAM, PAGE_SIZE, 1, peer_slot(B, PEER_C)));
    assert_ok(cap_identify(peer_slot(B, PEER_C), &i));
    still_works();
}

/* Sends to B until the pool is empty, the capability in PEER_A with the first one. Then, when it is
 * continued, to C, until something is wrong. */
static void use_up_pool(void *unused)
{
    uint64_t args[SYS_ARGS] = {[SYS_ARG_CAP] = peer_slot(A, PEER_A)};

    (void)unused;
    do {
        args[0] = peer_slot(B, PEER_SENDER);
        seen[0] = peer_call(args, SYS_SEND);
        mem_set(args, 0, sizeof(args));
    } while (seen[0] == ERR_OK);
    stage = 1;
    (void)invoke(peer_slot(A, PEER_B), DISPATCHER_SUSPEND, 0);
    do {
        mem_set(args, 0, sizeof(args));
        args[0] = peer_slot(C, PEER_SENDER);
        seen[2] = peer_call(args, SYS_SEND);
    } while (seen[2] == ERR_OK);
    stage = 2;
    peer_sleep(NULL);
}

/* Nobody receives the messages to B, so that one keeps the last capability to the dispatcher of `whose`. */
static void left_in_the_pool(unsigned whose)
{
    begin();
    peer_make(A);
    peer_make(B);
    peer_make(C);
    assert_ok(cap_copy(peer_slot(whose, PEER_DISPATCHER), peer_slot(A, PEER_A)));
    assert_ok(cap_copy(peer_slot(A, PEER_DISPATCHER), peer_slot(A, PEER_B)));
    peer_start(A, use_up_pool, NULL, PEER_PRIORITY);
    peer_await(&stage, 1);
    rt_yield();
    assert_int_equal(seen[0], ERR_MSG_FULL);
    assert_ok(cap_revoke(peer_slot(B, PEER_PIECE)));
    assert_ok(cap_delete(peer_slot(A, PEER_A)));
    assert_ok(cap_dispatcher_continue(peer_slot(A, PEER_DISPATCHER)));
    if (whose == A) {
        assert_ok(cap_delete(peer_slot(A, PEER_B)));
    }
    assert_ok(cap_delete(peer_slot(whose, PEER_DISPATCHER)));
}

static void pool_holds_the_last_to_the_receiver(void)
{
    left_in_the_pool(C);
    peer_await(&stage, 2);
    assert_int_equal(seen[2], ERR_MSG_NO_TARGET);
    peer_remove(C);
    still_works();
}

static void pool_holds_the_last_to_the_sender(void)
{
    struct rt_message news;

    left_in_the_pool(A);
    news = peer_await_end();
    assert_int_equal(news.badge, PEER_MONITOR_BADGE + A);
    assert_int_equal(news.words[1], EXIT_KILLED);
    assert_int_equal(stage, 1);
    peer_remove(C);
    still_works();
}

/* ---- Reply capabilities
 * ------------------------------------------------------------------------------------------ */

static void call_us(void *unused)
{
    uint64_t args[SYS_ARGS] = {[0] = peer_slot(A, PEER_B) | SYS_FLAG_WAIT,
                               [1] = 1,
                               [SYS_ARG_DEADLINE] = NANOS_NEVER,
                               [SYS_ARG_TOKEN] = 0x70ce0};

    (void)unused;
    (void)peer_call(args, SYS_CALL);
    seen[0] = args[0];
    seen[1] = args[1];
    seen[2] = args[SYS_ARG_WORDS];
    seen[3] = (uint16_t)args[SYS_ARG_ERR_CODES];
    stage = 1;
    peer_sleep(NULL);
}

/* A's call to us, kept in PEER_KEPT. */
static void take_call(void)
{
    struct rt_message m;

    begin();
    peer_make(A);
    assert_ok(cap_badge(SLOT_ENDPOINT, peer_slot(A, PEER_B), 0xca11));
    peer_start(A, call_us, NULL, PEER_PRIORITY);
    assert_ok(rt_receive(&m, CPTR_NULL, peer_soon()));
    assert_int_equal(m.badge, 0xca11);
    assert_true(m.flags & SYS_CAME_CALL);
    assert_error(rt_keep_reply(peer_slot(A, PEER_FRAME)), CAP_SLOT_IN_USE);
    assert_error(rt_keep_reply(CPTR(9, 0)), CAP_EMPTY_SLOT);
    assert_ok(rt_keep_reply(peer_slot(A, PEER_KEPT)));
    assert_error(rt_keep_reply(peer_slot(A, PEER_C)), MSG_NO_REPLY);
}

static void reply_is_moved(void)
{
    take_call();
    assert_error(cap_copy(peer_slot(A, PEER_KEPT), peer_slot(A, PEER_C)), CAP_UNIQUE);
    assert_error(rt_send(peer_slot(A, PEER_SENDER), &(struct rt_message){.cap = peer_slot(A, PEER_KEPT)}),
                 CAP_UNIQUE);
    assert_ok(cap_move(peer_slot(A, PEER_KEPT), peer_slot(A, PEER_C)));
    assert_ok(cap_move(peer_slot(A, PEER_C), peer_slot(A, PEER_A)));
    assert_int_equal(reply(peer_slot(A, PEER_C), 1), ERR_CAP_EMPTY_SLOT);
    assert_int_equal(reply(peer_slot(A, PEER_FRAME), 1), ERR_CAP_WRONG_TYPE);
    assert_int_equal(reply(peer_slot(A, PEER_A), 4711), ERR_OK);
    assert_false(exists(peer_slot(A, PEER_A)));
    peer_await(&stage, 1);
    assert_int_equal(seen[0], 0x70ce0);
    assert_int_equal(seen[1], SYS_CAME_REPLY | 1);
    assert_int_equal(seen[2], 4711);
    assert_int_equal(seen[3], ERR_OK);
    peer_remove(A);
}

static void reply_is_deleted(void)
{
    take_call();
    assert_ok(cap_delete(peer_slot(A, PEER_KEPT)));
    peer_await(&stage, 1);
    assert_int_equal(seen[0], 0x70ce0);
    assert_int_equal(seen[1], SYS_CAME_REPLY);
    assert_int_equal(seen[3], ERR_PEER_GONE);
    peer_remove(A);
}

static void refused_reply_can_be_made_again(void)
{
    uint64_t args[SYS_ARGS] = {0};

    take_call();
    args[0] = peer_slot(A, PEER_KEPT);
    args[1] = SYS_WORDS + 1;
    assert_int_equal(peer_call(args, SYS_REPLY), ERR_MSG_LENGTH);
    mem_set(args, 0, sizeof(args));
    args[0] = peer_slot(A, PEER_KEPT);
    args[SYS_ARG_CAP] = peer_slot(A, PEER_C);
    assert_int_equal(peer_call(args, SYS_REPLY), ERR_CAP_EMPTY_SLOT);
    mem_set(args, 0, sizeof(args));
    args[0] = peer_slot(A, PEER_KEPT);
    args[SYS_ARG_CAP] = peer_slot(A, PEER_KEPT); /* itself */
    assert_int_equal(peer_call(args, SYS_REPLY), ERR_CAP_UNIQUE);
    assert_int_equal(stage, 0);
    assert_int_equal(reply(peer_slot(A, PEER_KEPT), 1), ERR_OK);
    peer_await(&stage, 1);
    peer_remove(A);
}

static void caller_goes(void)
{
    take_call();
    assert_ok(cap_dispatcher_end(peer_slot(A, PEER_DISPATCHER), 0));
    assert_int_equal(reply(peer_slot(A, PEER_KEPT), 1), ERR_MSG_NO_REPLY);
    assert_true(exists(peer_slot(A, PEER_KEPT)));
    assert_ok(cap_revoke(peer_slot(A, PEER_PIECE))); /* with the dispatcher goes what could answer it */
    assert_false(exists(peer_slot(A, PEER_KEPT)));
    peer_remove(A);
}

/* ---- circles
 * ------------------------------------------------------------------------------------------------------ */

/* A calls B, B calls A, A answers, B answers. */
static void outer(void *unused)
{
    uint64_t args[SYS_ARGS] = {[0] = peer_slot(B, PEER_SENDER) | SYS_FLAG_WAIT,
                               [1] = 1,
                               [SYS_ARG_WORDS] = 1,
                               [SYS_ARG_DEADLINE] = NANOS_NEVER,
                               [SYS_ARG_TOKEN] = 0xa};

    (void)unused;
    (void)peer_call(args, SYS_CALL);
    seen[0] = args[1];
    args[0] = SYS_FLAG_WAIT;
    args[1] = 1;
    args[SYS_ARG_WORDS] *= 10;
    args[SYS_ARG_CAP] = 0;
    (void)peer_call(args, SYS_REPLY);
    seen[1] = args[1];
    seen[2] = args[0];
    seen[3] = args[SYS_ARG_WORDS];
    stage = 1;
    peer_sleep(NULL);
}

static void inner(void *unused)
{
    uint64_t args[SYS_ARGS] = {0};

    (void)unused;
    peer_receive(args, 0, CPTR_NULL, NANOS_NEVER);
    args[0] = peer_slot(A, PEER_SENDER) | SYS_FLAG_WAIT | SYS_FLAG_CLOSED;
    args[1] = 1;
    args[SYS_ARG_WORDS] += 1;
    args[SYS_ARG_CAP] = 0;
    args[SYS_ARG_DEADLINE] = NANOS_NEVER;
    args[SYS_ARG_TOKEN] = 0xb;
    (void)peer_call(args, SYS_CALL);
    seen[4] = args[0];
    (void)reply(CPTR_NULL, args[SYS_ARG_WORDS] + 3);
    peer_sleep(NULL);
}

static void call_in_a_circle(void)
{
    begin();
    peer_run(B, inner, NULL);
    peer_run(A, outer, NULL);
    peer_await(&stage, 1);
    assert_int_equal(seen[0], SYS_CAME_MESSAGE | SYS_CAME_CALL | 1);
    assert_int_equal(seen[1], SYS_CAME_REPLY | 1);
    assert_int_equal(seen[2], 0xa);
    assert_int_equal(seen[3], 23);
    assert_int_equal(seen[4], 0xb);
    peer_remove(A);
    peer_remove(B);
}

static void call_myself(void *unused)
{
    uint64_t args[SYS_ARGS] = {[0] = peer_slot(A, PEER_SENDER) | SYS_FLAG_WAIT,
                               [1] = 1,
                               [SYS_ARG_WORDS] = 8,
                               [SYS_ARG_DEADLINE] = NANOS_NEVER,
                               [SYS_ARG_TOKEN] = 0xc};

    (void)unused;
    (void)peer_call(args, SYS_CALL);
    seen[0] = args[1];
    seen[1] = args[SYS_ARG_WORDS];
    seen[2] = reply(CPTR_NULL, 9);
    peer_receive(args, 0, CPTR_NULL, NANOS_NEVER);
    seen[3] = args[0];
    seen[4] = args[SYS_ARG_WORDS];
    stage = 1;
    args[0] =
        peer_slot(A, PEER_SENDER) | SYS_FLAG_WAIT; /* and ends with a call to itself that it has taken */
    args[1] = 0;
    (void)peer_call(args, SYS_CALL);
    stage = 2;
    peer_end(A);
}

static void self_call(void)
{
    struct rt_message news;

    begin();
    peer_run(A, call_myself, NULL);
    news = peer_await_end();
    assert_int_equal(news.words[1], EXIT_BY_ITSELF);
    assert_int_equal(stage, 2);
    assert_int_equal(seen[0], SYS_CAME_MESSAGE | SYS_CAME_CALL | 1);
    assert_int_equal(seen[1], 8);
    assert_int_equal(seen[2], ERR_OK);
    assert_int_equal(seen[3], 0xc);
    assert_int_equal(seen[4], 9);
    peer_remove(A);
}

/* ---- cancelled
 * ---------------------------------------------------------------------------------------------------- */

static void take_two(void *unused)
{
    uint64_t args[SYS_ARGS] = {0};

    (void)unused;
    peer_receive(args, 0, CPTR_NULL, NANOS_NEVER);
    stage = 1;
    peer_receive(args, 0, CPTR_NULL, NANOS_NEVER);
    (void)reply(CPTR_NULL, 1);
    peer_sleep(NULL);
}

static struct thread second;
static _Alignas(16) unsigned char second_stack[16384];

static void call_second(void *unused)
{
    struct rt_message m = {.length = 0};

    (void)unused;
    peer_await(&stage, 1);
    assert_ok(rt_call(peer_slot(A, PEER_SENDER), &m, CPTR_NULL, peer_soon()));
}

static void unanswered_call_is_cancelled(void)
{
    struct rt_message m = {.length = 0};

    begin();
    peer_run(A, take_two, NULL);
    thread_start(&second, "second", second_stack, sizeof(second_stack), call_second, NULL);
    assert_error(rt_call(peer_slot(A, PEER_SENDER), &m, CPTR_NULL, peer_soon()), CANCELLED);
    thread_join(&second);
    peer_remove(A);
}

SUITE_MAIN(
    {"MSG-ORDER-001",
     "messages come in the order they were sent, through all endpoints; closed waits leave them", in_order},
    {"MSG-PLACE-001", "a capability goes into an empty receive slot, though its sender has deleted it",
     receive_slot_is_empty},
    {"MSG-PLACE-002", "into an occupied one it does not, and the message comes without",
     receive_slot_is_occupied},
    {"MSG-PLACE-003", "nor into slot 0 or one that does not exist", receive_slot_is_none},
    {"MSG-LAST-001", "dropping the last capability to the receiver ends it, and the call",
     last_to_the_receiver},
    {"MSG-LAST-002", "dropping the last capability to the sender ends it, and its message goes",
     last_to_the_sender},
    {"MSG-LAST-003", "dropping the last capability to something large takes its time",
     last_to_something_large},
    {"MSG-LAST-004", "a pool that holds the last capability to whom it sends",
     pool_holds_the_last_to_the_receiver},
    {"MSG-LAST-005", "a pool that holds the last capability to its owner", pool_holds_the_last_to_the_sender},
    {"MSG-REPLY-002", "a Reply is moved, never copied or sent, and answers where it is", reply_is_moved},
    {"MSG-REPLY-003", "a Reply that is deleted ends the call with PEER_GONE", reply_is_deleted},
    {"MSG-REPLY-004", "a reply that is refused can be made again", refused_reply_can_be_made_again},
    {"MSG-REPLY-005", "the end of the caller leaves nobody to answer; its object takes the Reply along",
     caller_goes},
    {"MSG-CYCLE-001", "A calls B, which calls A: both are answered", call_in_a_circle},
    {"MSG-CYCLE-002", "a dispatcher can call itself, and end in such a call", self_call},
    {"MSG-CANCEL-001", "a call that its server lets lie for the next one is cancelled",
     unanswered_call_is_cancelled})
