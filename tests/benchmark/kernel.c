/* SPDX-License-Identifier: MIT */
/* What the kernel's operations cost, as the first program of a machine, with peers
 * (conformance/system/peer.h) for what takes two. */
#include "figures.h"
#include <mudskipper/abi/layout.h>
#include <mudskipper/rt/port.h>
#include "../conformance/system/peer.h"

enum { OTHER };
enum { PAGE = 5 }; /* of the peers' free pages */

#define CHILDREN 16u

static cptr_t slot(enum peer_slot which)
{
    return peer_slot(OTHER, which);
}

/* ---- system calls, messages, switches */

static void null_call(void)
{
    uint64_t args[SYS_ARGS] = {[SYS_ARG_NUMBER] = SYS_NULL};

    rt_syscall(args);
    assert_int_equal(args[SYS_ARG_ERR_CODES], ERR_OK);
}

static void null(void)
{
    figure_measure(&(struct figure){"null", null_call, NULL, 0});
}

static void yield_alone(void)
{
    figure_measure(&(struct figure){"yield_alone", rt_yield, NULL, 0});
}

static volatile uint64_t turns;

static void take_turns(void *unused)
{
    uint64_t args[SYS_ARGS] = {0};

    (void)unused;
    for (;;) {
        turns++;
        (void)peer_call(args, SYS_YIELD);
    }
}

/* By and large one turn of the other for each of ours: a slice may end between a turn and its yield. */
static void two_switches(void)
{
    peer_make(OTHER);
    peer_start(OTHER, take_turns, NULL, PEER_PRIORITY);
    turns = 0;
    figure_measure(&(struct figure){"switch_2", rt_yield, NULL, 0});
    assert_in_range(turns, FIGURE_BATCHES * FIGURE_BATCH * 9 / 10, FIGURE_BATCHES * FIGURE_BATCH * 11 / 10);
    peer_remove(OTHER);
}

/* Answers every call with as many words as it has, the first plus one. */
static void answer(void *unused)
{
    uint64_t args[SYS_ARGS] = {0};

    (void)unused;
    peer_receive(args, 0, CPTR_NULL, NANOS_NEVER);
    for (;;) {
        args[SYS_ARG_WORDS]++;
        args[0] = SYS_FLAG_WAIT;
        args[1] = (uint16_t)args[1];
        args[SYS_ARG_CAP] = 0;
        args[SYS_ARG_DEADLINE] = NANOS_NEVER;
        (void)peer_call(args, SYS_REPLY);
    }
}

static void call(unsigned words)
{
    uint64_t args[SYS_ARGS] = {[0] = slot(PEER_SENDER) | SYS_FLAG_WAIT,
                               [1] = words,
                               [SYS_ARG_WORDS] = 41,
                               [SYS_ARG_DEADLINE] = NANOS_NEVER,
                               [SYS_ARG_NUMBER] = SYS_CALL};

    rt_syscall(args);
    assert_true(args[1] & SYS_CAME_REPLY);
    assert_int_equal((uint16_t)args[1], words);
    assert_true(words == 0 || args[SYS_ARG_WORDS] == 42);
}

static void call_0(void)
{
    call(0);
}

static void call_8(void)
{
    call(SYS_WORDS);
}

static void measure_call(const char *key, void (*run)(void))
{
    peer_run(OTHER, answer, NULL);
    rt_yield(); /* it waits for its first call */
    figure_measure(&(struct figure){key, run, NULL, 0});
    peer_remove(OTHER);
}

static void calls_0(void)
{
    measure_call("call_0", call_0);
}

static void calls_8(void)
{
    measure_call("call_8", call_8);
}

static void signal(void)
{
    assert_ok(cap_notify_signal(slot(PEER_A)));
}

/* To a process that does not run: the peer was never started. */
static void signals(void)
{
    peer_make(OTHER);
    assert_ok(cap_notify_make(CAP_NOTIFY_CORES + 1, slot(PEER_A)));
    assert_ok(cap_notify_bind(slot(PEER_A), slot(PEER_DISPATCHER), 1));
    figure_measure(&(struct figure){"notify", signal, NULL, 0});
    assert_ok(cap_delete(slot(PEER_A)));
    peer_remove(OTHER);
}

/* ---- capabilities */

static void copy(void)
{
    assert_ok(cap_copy(slot(PEER_FRAME), slot(PEER_A)));
}

static void delete_a(void)
{
    assert_ok(cap_delete(slot(PEER_A)));
}

static void retype_page(void)
{
    assert_ok(cap_retype(slot(PEER_SPARE), 0, CAP_TYPE_FRAME, PAGE_SIZE, 1, slot(PEER_A)));
}

static void copies(void)
{
    peer_make_objects(OTHER);
    figure_measure(&(struct figure){"copy", copy, delete_a, 0});
    peer_remove(OTHER);
}

static void deletes(void)
{
    peer_make_objects(OTHER);
    copy();
    figure_measure(&(struct figure){"delete", delete_a, copy, 0});
    delete_a();
    peer_remove(OTHER);
}

static void retypes(void)
{
    peer_make_objects(OTHER);
    figure_measure(&(struct figure){"retype_page", retype_page, delete_a, 0});
    peer_remove(OTHER);
}

static void deletes_last(void)
{
    peer_make_objects(OTHER);
    retype_page();
    figure_measure(&(struct figure){"delete_page", delete_a, retype_page, 0});
    delete_a();
    peer_remove(OTHER);
}

static void revoke(void)
{
    uint64_t offset;
    uint64_t bytes;

    assert_ok(cap_revoke(slot(PEER_SPARE)));
    assert_ok(cap_unused(slot(PEER_SPARE), 0, &offset, &bytes));
    assert_int_equal(offset, 0);
}

/* Into slots of a space that is otherwise empty: they are taken by the revoke. */
static void make_children(void)
{
    assert_ok(cap_retype_to(slot(PEER_SPARE), 0, CAP_TYPE_FRAME, PAGE_SIZE, CHILDREN, slot(PEER_SPACE),
                            CAP_PLACE_SLOT(1)));
}

static void revokes_nothing(void)
{
    peer_make_objects(OTHER);
    figure_measure(&(struct figure){"revoke_0", revoke, NULL, 0});
    peer_remove(OTHER);
}

static void revokes_sixteen(void)
{
    peer_make_objects(OTHER);
    assert_ok(cap_copy_to(slot(PEER_CNODE), slot(PEER_SPACE), CAP_PLACE_CNODE(0)));
    make_children();
    figure_measure(&(struct figure){"revoke_16", revoke, make_children, 50});
    peer_remove(OTHER);
}

/* ---- address spaces */

static volatile uint64_t *page(void)
{
    return (volatile uint64_t *)peer_page(PAGE);
}

static void map(void)
{
    assert_ok(cap_map(peer_page_table(), slot(PEER_FRAME), peer_page_entry(PAGE), 1, 0, CAP_READ | CAP_WRITE,
                      slot(PEER_B)));
}

static void unmap(void)
{
    assert_ok(cap_delete(slot(PEER_B)));
}

static void use_and_unmap(void)
{
    page()[0]++;
    unmap();
}

static void protect(void)
{
    assert_ok(cap_protect(slot(PEER_B), 0, 1, CAP_READ | CAP_WRITE));
}

static void maps(void)
{
    peer_make_objects(OTHER);
    figure_measure(&(struct figure){"map", map, use_and_unmap, 0});
    map();
    assert_in_range(page()[0], FIGURE_SAMPLES,
                    UINT64_MAX); /* each map was the same page, and could be written */
    unmap();
    peer_remove(OTHER);
}

static void unmaps(void)
{
    peer_make_objects(OTHER);
    map();
    figure_measure(&(struct figure){"unmap", unmap, map, 0});
    unmap();
    peer_remove(OTHER);
}

static void protects(void)
{
    peer_make_objects(OTHER);
    map();
    figure_measure(&(struct figure){"protect", protect, NULL, 0});
    page()[0] = 1;
    unmap();
    peer_remove(OTHER);
}

SUITE_MAIN({"null", "a system call that does nothing", null},
           {"yield_alone", "a slice is given away, and nobody else wants it", yield_alone},
           {"switch_2", "to another process by a yield, and back by its", two_switches},
           {"call_0", "a call and its answer, no words", calls_0},
           {"call_8", "a call and its answer, eight words each way", calls_8},
           {"notify", "a notification of a process that does not run", signals},
           {"copy", "a capability is copied", copies}, {"delete", "a copy is deleted", deletes},
           {"retype_page", "a frame of a page is made of RAM, zeroed", retypes},
           {"delete_page", "the only capability of a frame is deleted", deletes_last},
           {"revoke_0", "what has no descendants is revoked", revokes_nothing},
           {"revoke_16", "what has sixteen descendants is revoked", revokes_sixteen},
           {"map", "a page is mapped", maps}, {"unmap", "a page is unmapped", unmaps},
           {"protect", "rights of a mapped page are changed", protects})
