/* SPDX-License-Identifier: MIT */
#include "peer.h"
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/thread.h>
#include "suite.h"

#define FIRST_SLOT (SLOT_FIRST_FREE + 32) /* those below are the suite's own */
CLAIM(the_slots_of_all_peers_lie_in_one_cnode, FIRST_SLOT + PEERS * PEER_SLOTS <= CPTR_L2_SLOTS);

/* Tables for the user parts, above what spawners map; made once, never given back. */
enum { TABLES = SLOT_FIRST_FREE + 24, TABLE_L2, TABLE_L3, MAPPING_L2, MAPPING_L3, MAPPING_USER, LAST = 31 };
#define WINDOW          ((uint64_t)3 << 29) /* 1.5 GiB: index 1 of level 1, 256 of level 2 */
#define USER_PAGES      ((sizeof(struct dispatcher_user) + PAGE_MASK) / PAGE_SIZE)
#define FIRST_FREE_PAGE 128u
#define TABLE_BYTES     (3 * PAGE_SIZE)

static _Alignas(16) unsigned char stacks[PEERS][PEER_STACK];

cptr_t peer_slot(unsigned peer, enum peer_slot slot)
{
    return FIRST_SLOT + peer * PEER_SLOTS + slot;
}

unsigned char *peer_stack_top(unsigned peer)
{
    return stacks[peer] + PEER_STACK;
}

nanos_t peer_soon(void)
{
    return rt_now() + (nanos_t)10 * 1000 * 1000 * 1000;
}

static bool is_used(cptr_t slot)
{
    struct cap_identity i;

    return err_ok(cap_identify(slot, &i));
}

/* ---- user parts as the test program sees them ---- */

static cptr_t find_level_1(void)
{
    for (unsigned slot = 0; slot < CPTR_L2_SLOTS; slot++) {
        struct cap_identity i;

        if (err_ok(cap_identify(CPTR(1, slot), &i)) && i.type == CAP_TYPE_VNODE_L1) {
            return CPTR(1, slot);
        }
    }
    return CPTR_NULL;
}

static void make_tables(void)
{
    if (is_used(TABLES)) {
        return;
    }
    assert_ok(cap_retype(PEER_RAM, PEERS * PEER_BYTES, CAP_TYPE_RAM, TABLE_BYTES, 1, TABLES));
    assert_ok(cap_retype(TABLES, 0, CAP_TYPE_VNODE_L2, PAGE_SIZE, 1, TABLE_L2));
    assert_ok(cap_retype(TABLES, PAGE_SIZE, CAP_TYPE_VNODE_L3, PAGE_SIZE, 1, TABLE_L3));
    assert_ok(cap_map(find_level_1(), TABLE_L2, 1, 1, 0, 0, MAPPING_L2));
    assert_ok(cap_map(TABLE_L2, TABLE_L3, 256, 1, 0, 0, MAPPING_L3));
}

struct dispatcher_user *peer_user(unsigned peer)
{
    return (struct dispatcher_user *)(rt_self()->vspace_base + WINDOW + peer * USER_PAGES * PAGE_SIZE);
}

unsigned peer_page_entry(unsigned page)
{
    return FIRST_FREE_PAGE + page;
}

vaddr_t peer_page(unsigned page)
{
    return rt_self()->vspace_base + WINDOW + peer_page_entry(page) * PAGE_SIZE;
}

cptr_t peer_page_table(void)
{
    make_tables();
    return TABLE_L3;
}

static void map_user_part(unsigned peer)
{
    cptr_t mapping = peer_slot(peer, PEER_D);

    make_tables();
    assert_ok(cap_map(TABLE_L3, peer_slot(peer, PEER_USER_PART), peer * USER_PAGES, USER_PAGES, 0,
                      CAP_READ | CAP_WRITE, mapping));
    peer_user(peer)->disabled = 1;
}

/* ---- life ---- */

static void cut(unsigned peer, uint64_t *at, enum cap_type type, uint64_t bytes, enum peer_slot slot)
{
    assert_ok(cap_retype(peer_slot(peer, PEER_PIECE), *at, type, bytes, 1, peer_slot(peer, slot)));
    *at += bytes;
}

void peer_make_objects(unsigned peer)
{
    uint64_t at = 0;

    peer_remove(peer);
    assert_ok(
        cap_retype(PEER_RAM, peer * PEER_BYTES, CAP_TYPE_RAM, PEER_BYTES, 1, peer_slot(peer, PEER_PIECE)));
    cut(peer, &at, CAP_TYPE_DISPATCHER, CAP_DISPATCHER_BYTES, PEER_DISPATCHER);
    cut(peer, &at, CAP_TYPE_ENDPOINT_LMP, PAGE_SIZE, PEER_ENDPOINT);
    cut(peer, &at, CAP_TYPE_FRAME, USER_PAGES * PAGE_SIZE, PEER_USER_PART);
    cut(peer, &at, CAP_TYPE_FRAME, PAGE_SIZE, PEER_FRAME);
    cut(peer, &at, CAP_TYPE_L1_CNODE, PAGE_SIZE, PEER_SPACE);
    cut(peer, &at, CAP_TYPE_L2_CNODE, CAP_L2_BYTES, PEER_CNODE);
    cut(peer, &at, CAP_TYPE_RAM, PEER_BYTES - at, PEER_SPARE);
    assert_ok(cap_badge(peer_slot(peer, PEER_ENDPOINT), peer_slot(peer, PEER_SENDER), PEER_BADGE));
    assert_ok(cap_badge(SLOT_ENDPOINT, peer_slot(peer, PEER_MONITOR), PEER_MONITOR_BADGE + peer));
    map_user_part(peer);
}

void peer_setup(unsigned peer, cptr_t root)
{
    assert_ok(cap_dispatcher_setup(peer_slot(peer, PEER_DISPATCHER),
                                   &(struct dispatcher_setup){.root = root,
                                                              .vspace = SLOT_VSPACE,
                                                              .user_part = peer_slot(peer, PEER_USER_PART),
                                                              .monitor = peer_slot(peer, PEER_MONITOR),
                                                              .process = 100 + peer,
                                                              .name = "peer"}));
    assert_ok(cap_dispatcher_bind(peer_slot(peer, PEER_DISPATCHER), peer_slot(peer, PEER_ENDPOINT)));
}

void peer_make(unsigned peer)
{
    peer_make_objects(peer);
    peer_setup(peer, SLOT_ROOT);
}

void peer_start(unsigned peer, void (*entry)(void *), void *argument, unsigned priority)
{
    assert_ok(cap_dispatcher_start(peer_slot(peer, PEER_DISPATCHER), (vaddr_t)entry,
                                   (vaddr_t)peer_stack_top(peer), (uintptr_t)argument, priority));
}

void peer_run(unsigned peer, void (*entry)(void *), void *argument)
{
    peer_make(peer);
    peer_start(peer, entry, argument, PEER_PRIORITY);
}

void peer_remove(unsigned peer)
{
    struct rt_message news;

    if (is_used(peer_slot(peer, PEER_PIECE))) {
        assert_ok(cap_revoke(peer_slot(peer, PEER_PIECE)));
    }
    for (unsigned slot = 0; slot < PEER_SLOTS; slot++) {
        if (is_used(peer_slot(peer, slot))) {
            assert_ok(cap_delete(peer_slot(peer, slot)));
        }
    }
    while (err_ok(rt_receive(&news, CPTR_NULL, 1))) {
    }
}

struct rt_message peer_await_end(void)
{
    struct rt_message news;

    do {
        assert_ok(rt_receive(&news, CPTR_NULL, peer_soon()));
    } while (!(news.flags & SYS_CAME_EXIT));
    return news;
}

void peer_await(const volatile uint64_t *word, uint64_t value)
{
    nanos_t limit = peer_soon();

    while (*word < value) {
        assert_true(rt_now() < limit);
        rt_yield();
    }
}

void peer_await_asleep(const volatile uint64_t *word, uint64_t value)
{
    nanos_t limit = peer_soon();

    while (*word < value) {
        assert_true(rt_now() < limit);
        thread_sleep_until(rt_now() + 1000 * 1000);
    }
}

struct dispatcher_info peer_info(unsigned peer)
{
    struct dispatcher_info info;

    assert_ok(cap_dispatcher_info(peer_slot(peer, PEER_DISPATCHER), &info));
    return info;
}

/* ---- what peers run ---- */

unsigned peer_call(uint64_t args[SYS_ARGS], uint64_t number)
{
    args[SYS_ARG_NUMBER] = number;
    rt_syscall(args);
    return (uint16_t)args[SYS_ARG_ERR_CODES];
}

void peer_receive(uint64_t args[SYS_ARGS], uint64_t flags, cptr_t receive_slot, nanos_t deadline)
{
    args[0] = flags;
    args[1] = (uint64_t)receive_slot << 32;
    args[SYS_ARG_DEADLINE] = deadline;
    (void)peer_call(args, SYS_RECV);
}

_Noreturn void peer_end(unsigned peer)
{
    uint64_t args[SYS_ARGS] = {[0] = SYS_TARGET(peer_slot(peer, PEER_DISPATCHER), DISPATCHER_END)};

    (void)peer_call(args, SYS_INVOKE);
    __builtin_trap();
}

void peer_echo(void *peer)
{
    uint64_t slot = (uint64_t)peer_slot((unsigned)(uintptr_t)peer, PEER_RECEIVED) << 32;
    uint64_t args[SYS_ARGS] = {0};

    peer_receive(args, 0, (cptr_t)(slot >> 32), NANOS_NEVER);
    for (;;) {
        for (unsigned i = 0; i < SYS_WORDS - 1; i++) {
            args[SYS_ARG_WORDS + i]++;
        }
        args[SYS_ARG_WORDS + SYS_WORDS - 1] = args[0];
        args[0] = SYS_FLAG_WAIT;
        args[1] = SYS_WORDS | slot;
        args[SYS_ARG_CAP] = 0;
        args[SYS_ARG_DEADLINE] = NANOS_NEVER;
        if (peer_call(args, SYS_REPLY) != ERR_OK) {
            peer_receive(args, 0, (cptr_t)(slot >> 32), NANOS_NEVER); /* nobody waits for an answer */
        }
    }
}

void peer_compute(void *word)
{
    for (volatile uint64_t *count = word;;) {
        ++*count;
    }
}

void peer_sleep(void *peer)
{
    uint64_t args[SYS_ARGS] = {0};

    (void)peer;
    for (;;) {
        peer_receive(args, SYS_FLAG_CLOSED, CPTR_NULL, NANOS_NEVER);
    }
}

void peer_take(void *peer)
{
    uint64_t args[SYS_ARGS] = {0};

    peer_receive(args, 0, CPTR_NULL, NANOS_NEVER);
    peer_sleep(peer);
}
