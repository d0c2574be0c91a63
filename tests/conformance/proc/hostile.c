/* SPDX-License-Identifier: MIT */
/* User parts that lie, and save areas that no program can have: the harm is their owner's only. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/thread.h>
#include "../system/peer.h"
#include "../system/random.h"
#include "../system/suite.h"

enum { A, B };

#define MS     ((nanos_t)1000 * 1000)
#define ROUNDS 400u

static volatile uint64_t turns;
static volatile uint64_t other;
static struct random random_state;

/* Entries and stack pointers that mean nothing, on one world or the other. */
static const vaddr_t wild[] = {
    1,
    0x1000,
    0x7fffffffffff,
    0x800000000000,
    0x8000000000000000,
    0xffff000000000000,
    0xffffffff80000000,
    0xfffffffffffffff0,
    UINT64_MAX,
};

/* For what never returns, so that the compiler believes that nobody will read it. */
static void enable_upcalls(void)
{
    *(volatile uint32_t *)&peer_user(A)->disabled = 0;
}

static void compute_enabled(void *unused)
{
    (void)unused;
    enable_upcalls();
    for (;;) {
        turns++;
    }
}

/* A computes with upcalls enabled, then a message comes. */
static void make_due(void)
{
    struct rt_message m = {.length = 1};

    turns = 0;
    peer_start(A, compute_enabled, NULL, PEER_PRIORITY);
    peer_await(&turns, 1);
    assert_ok(rt_send(peer_slot(A, PEER_SENDER), &m));
}

static void ends_by_a_fault(void)
{
    struct rt_message news = peer_await_end();

    assert_int_equal(news.badge, PEER_MONITOR_BADGE + A);
    assert_int_equal(news.words[1], EXIT_FAULTED);
}

static void wild_run_entries(void)
{
    for (unsigned i = 0; i < ARRAY_LENGTH(wild); i++) {
        peer_make(A);
        peer_user(A)->run = wild[i];
        peer_user(A)->stack = (vaddr_t)peer_stack_top(B);
        make_due();
        ends_by_a_fault();
    }
    peer_remove(A);
}

static void push_something(void *unused)
{
    volatile uint64_t here[8];

    (void)unused;
    for (unsigned i = 0;; i++) {
        here[i % 8] = i;
        other = here[i / 2 % 8];
    }
}

static void wild_stacks(void)
{
    for (unsigned i = 0; i < ARRAY_LENGTH(wild); i++) {
        peer_make(A);
        peer_user(A)->run = (vaddr_t)push_something;
        peer_user(A)->stack = wild[i];
        make_due();
        ends_by_a_fault();
    }
    peer_remove(A);
}

static void fault_enabled(void *unused)
{
    (void)unused;
    enable_upcalls();
    *(volatile uint64_t *)peer_page(0) = 1;
}

static void wild_fault_entries(void)
{
    for (unsigned i = 0; i < ARRAY_LENGTH(wild); i++) {
        peer_make(A);
        peer_user(A)->fault = wild[i];
        peer_user(A)->stack = (vaddr_t)peer_stack_top(B);
        peer_start(A, fault_enabled, NULL, PEER_PRIORITY);
        ends_by_a_fault();
    }
    peer_remove(A);
}

/* Its run entry is right, and it clears `disabled` in it and never resumes: the saved registers are lost,
 * each upcall begins on the same stack. */
static void run_without_end(void *unused)
{
    (void)unused;
    other++;
    enable_upcalls();
    for (;;) {
        turns++;
    }
}

static void upcall_in_upcall(void)
{
    peer_make(A);
    other = 0;
    peer_user(A)->run = (vaddr_t)run_without_end;
    peer_user(A)->stack = (vaddr_t)peer_stack_top(B);
    make_due();
    peer_await(&other, 3);
    assert_ok(cap_dispatcher_end(peer_slot(A, PEER_DISPATCHER), 1));
    peer_remove(A);
}

/* The test program writes anything anywhere into the user part while A computes and messages come. */
static void scribbled_user_part(void)
{
    struct rt_message m = {.length = 1};
    unsigned ends = 0;

    random_seed(&random_state, 7);
    for (unsigned i = 0; i < ROUNDS; i++) {
        volatile uint64_t *words = (volatile uint64_t *)peer_user(A);

        if (i % 20 == 0 || peer_info(A).status == STATUS_DEAD) {
            ends += i != 0 && peer_info(A).status == STATUS_DEAD;
            peer_make(A);
            turns = 0;
            peer_start(A, compute_enabled, NULL, PEER_PRIORITY);
            peer_await(&turns, 1);
        }
        words[random_below(&random_state, 16)] = random_word(&random_state);
        words[random_below(&random_state, sizeof(struct dispatcher_user) / 8)] = random_word(&random_state);
        if (random_below(&random_state, 4) == 0) {
            peer_user(A)->disabled = 0;
        }
        err_t sent = rt_send(peer_slot(A, PEER_SENDER), &m);
        assert_true(err_ok(sent) || err_is(sent, ERR_MSG_NO_TARGET) || err_is(sent, ERR_MSG_FULL));
        rt_yield();
    }
    assert_true(ends > 0);
    peer_remove(A);
}

/* ---- save areas
 * -------------------------------------------------------------------------------------------------- */

/* Where it lands when the wild registers let it get so far. */
static void landed(void)
{
    other++;
    *(volatile uint64_t *)peer_page(0) = 1;
}

/* Each round ends in a fault of what was resumed, and the fault upcall begins the next. */
static void resume_wildly(void *unused)
{
    struct dispatcher_user *user = peer_user(A);
    volatile uint64_t *words = (volatile uint64_t *)&user->save[SAVE_ENABLED];
    uint64_t args[SYS_ARGS] = {[0] = SAVE_ENABLED};

    (void)unused;
    if (++turns >= ROUNDS) {
        peer_end(A);
    }
    for (unsigned i = 0; i < sizeof(struct save_area) / 8; i++) {
        words[i] = random_word(&random_state);
    }
    if (turns % 2 == 0) {
        rt_save_area_set_pc(&user->save[SAVE_ENABLED], (vaddr_t)landed);
    }
    (void)peer_call(args, SYS_RESUME);
    __builtin_trap();
}

static void wild_save_areas(void)
{
    struct rt_message news;

    random_seed(&random_state, 11);
    peer_make(A);
    turns = other = 0;
    peer_user(A)->fault = (vaddr_t)resume_wildly;
    peer_user(A)->stack = (vaddr_t)peer_stack_top(B);
    peer_start(A, resume_wildly, NULL, PEER_PRIORITY);
    news = peer_await_end();
    assert_int_equal(news.words[1], EXIT_BY_ITSELF);
    assert_int_equal(turns, ROUNDS);
    peer_remove(A);
}

static unsigned resume(uint64_t area)
{
    uint64_t args[SYS_ARGS] = {[0] = area};

    return peer_call(args, SYS_RESUME);
}

static void resume_without_user_part(void *unused)
{
    (void)unused;
    turns = resume(SAVE_AREAS);
    other = resume(UINT64_MAX);
    while (turns != 1000) { /* until the test program has taken the user part away */
    }
    turns = resume(SAVE_ENABLED);
    other = 1000;
    peer_sleep(NULL);
}

static void resume_refusals(void)
{
    turns = other = 0;
    peer_make(A);
    peer_start(A, resume_without_user_part, NULL, PEER_PRIORITY);
    peer_await(&other, 1);
    assert_int_equal(turns, ERR_OUT_OF_RANGE);
    assert_int_equal(other, ERR_OUT_OF_RANGE);
    assert_ok(cap_revoke(peer_slot(A, PEER_USER_PART)));
    assert_ok(cap_delete(peer_slot(A, PEER_USER_PART)));
    turns = 1000;
    peer_await(&other, 1000);
    assert_int_equal(turns, ERR_BAD_BUFFER);
    peer_remove(A);
}

/* The user part is given to somebody else while A has upcalls enabled: nothing is written there any more. */
static void user_part_goes(void)
{
    volatile uint64_t *page;

    peer_make(A);
    peer_user(A)->run = (vaddr_t)push_something;
    peer_user(A)->stack = (vaddr_t)peer_stack_top(B);
    turns = 0;
    peer_start(A, compute_enabled, NULL, PEER_PRIORITY);
    peer_await(&turns, 1);
    /* Now A runs without the page it cleared `disabled` in: nothing it does needs it. */
    assert_ok(cap_copy(peer_slot(A, PEER_USER_PART), peer_slot(A, PEER_A)));
    assert_ok(cap_revoke(peer_slot(A, PEER_A)));
    assert_ok(cap_map(peer_page_table(), peer_slot(A, PEER_A), peer_page_entry(1), 1, 0, CAP_READ | CAP_WRITE,
                      peer_slot(A, PEER_B)));
    page = (volatile uint64_t *)peer_page(1);
    for (unsigned i = 0; i < PAGE_SIZE / 8; i++) {
        page[i] = 0; /* enabled, with an entry, in the eyes of a kernel that still looks */
    }
    ((volatile struct dispatcher_user *)page)->run = (vaddr_t)push_something;
    assert_ok(rt_send(peer_slot(A, PEER_SENDER), &(struct rt_message){.length = 0}));
    uint64_t before = turns;
    peer_await(&turns, before + 1);
    thread_sleep_until(rt_now() + 20 * MS);
    assert_int_equal(((volatile struct dispatcher_user *)page)->disabled, 0);
    assert_ok(cap_dispatcher_end(peer_slot(A, PEER_DISPATCHER), 1));
    peer_remove(A);
}

SUITE_MAIN({"USER-RUN-001", "a wild run entry ends its process by a fault", wild_run_entries},
           {"USER-STACK-001", "a wild upcall stack ends its process by a fault", wild_stacks},
           {"USER-FAULT-001", "a wild fault entry ends its process by a fault", wild_fault_entries},
           {"USER-RUN-002", "upcalls that are never resumed lose registers, nothing else", upcall_in_upcall},
           {"USER-WORDS-001", "random words in the user part of a running process harm nobody else",
            scribbled_user_part},
           {"USER-SAVE-001", "random save areas are resumed, and fault as programs do", wild_save_areas},
           {"USER-SAVE-002", "RESUME refuses areas that do not exist, and a user part that is gone",
            resume_refusals},
           {"USER-PART-001", "a user part that was taken away is not looked at again", user_part_goes})
