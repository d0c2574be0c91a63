/* SPDX-License-Identifier: MIT */
/* Random sequences of typed system calls, on a machine whose walkers run (check=N). The fuzzer lives, wears
 * out or dies, and is made anew; after each of its lives all memory that it had is whole again.
 *
 * On the kernel's command line: sequence-seed=N sequence-calls=N sequence-runs=N (seeds one after the other)
 * and sequence-trace, which writes each call to the log before it is made. */
#include <mudskipper/abi/boot_info.h>
#include <mudskipper/pure/command_line.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/thread.h>
#include "../system/peer.h"
#include "../system/suite.h"
#include "sequence.h"

enum { FUZZER, VICTIM, KEEPER };       /* the last one only has slots: */
enum { BUDGET, WHOLE, FOUND, LOOKED }; /* of the test program */

#define MS            ((nanos_t)1000 * 1000)
#define BUDGET_OFFSET ((uint64_t)8 * 1024 * 1024)
#define BUDGET_BYTES  ((uint64_t)4 * 1024 * 1024)
#define BIG_FRAME     ((uint64_t)2 * 1024 * 1024)
#define DEFAULT_SEED  1u
#define DEFAULT_CALLS 48000u
#define STILL_LOOKS   100u
#define LIVES_WITHOUT 8u
#define LIVES_EACH    20u /* calls that a life has at least, on the average */

static uint64_t seed = DEFAULT_SEED;
static uint64_t calls_wanted = DEFAULT_CALLS;
static uint64_t runs = 1;
static unsigned lives;

static cptr_t own(enum peer_slot slot)
{
    return peer_slot(FUZZER, slot);
}

static cptr_t kept(unsigned slot)
{
    return peer_slot(KEEPER, (enum peer_slot)slot);
}

/* ---- what it has ---- */

static cptr_t space(void)
{
    return peer_slot(FUZZER, PEER_SPACE);
}

static void give(cptr_t from, unsigned slot, unsigned rights)
{
    assert_ok(cap_narrow_to(from, space(), CAP_PLACE_SLOT(slot), rights));
}

static void make(unsigned slot, enum cap_type type, uint64_t *at, uint64_t bytes)
{
    assert_ok(cap_retype_to(kept(BUDGET), *at, type, bytes, 1, space(), CAP_PLACE_SLOT(slot)));
    *at += bytes;
}

/* Lent, so that nobody else's is revoked with it. */
static void lend(void)
{
    unsigned lent = CAP_ALL_RIGHTS & ~(unsigned)CAP_REVOKE;

    give(SLOT_KERNEL, OWN_KERNEL, lent);
    give(SLOT_KERNEL, OWN_KERNEL_WEAK, CAP_READ | CAP_GRANT);
    give(SLOT_IRQ, OWN_IRQ_WEAK, CAP_READ | CAP_GRANT);
    give(own(PEER_DISPATCHER), OWN_DISPATCHER_WEAK, CAP_READ | CAP_GRANT);
    give(SLOT_LOG, OWN_LOG, lent);
    give(SLOT_LOG, OWN_LOG_WEAK, CAP_GRANT);
    give(SLOT_PHYS, OWN_PHYS, lent);
    give(SLOT_NAME_PREFIX, OWN_PREFIX, lent);
    give(SLOT_INSPECT, OWN_INSPECT, lent);
}

static void give_numbers(void)
{
    struct cap_identity irq;

    assert_ok(cap_identify(SLOT_IRQ, &irq));
    assert_ok(cap_retype_to(SLOT_IRQ, irq.bytes - IRQ_LINES, CAP_TYPE_IRQ, IRQ_LINES, 1, space(),
                            CAP_PLACE_SLOT(OWN_IRQ)));
    assert_ok(cap_retype_to(SLOT_KERNEL, 999, CAP_TYPE_PROCESS, 1, 1, space(), CAP_PLACE_SLOT(OWN_PROCESS)));
    assert_ok(cap_retype_to(SLOT_KERNEL, CAP_KERNEL_NOTIFY + CAP_NOTIFY_CORES - 1, CAP_TYPE_NOTIFY, 1, 1,
                            space(), CAP_PLACE_SLOT(OWN_NOTIFY)));
}

static void give_memory(void)
{
    uint64_t at = 0;

    make(OWN_BIG_FRAME, CAP_TYPE_FRAME, &at, BIG_FRAME);
    for (unsigned i = 0; i < 2; i++) {
        make(OWN_DISPATCHERS + i, CAP_TYPE_DISPATCHER, &at, CAP_DISPATCHER_BYTES);
    }
    make(OWN_TABLES, CAP_TYPE_VNODE_L0, &at, CAP_VNODE_L0_BYTES);
    for (unsigned i = 1; i < 4; i++) {
        make(OWN_TABLES + i, (enum cap_type)(CAP_TYPE_VNODE_L0 + i), &at, PAGE_SIZE);
    }
    for (unsigned i = 0; i < 2; i++) {
        make(OWN_ENDPOINTS + i, CAP_TYPE_ENDPOINT_LMP, &at, PAGE_SIZE);
        make(OWN_L1 + i, CAP_TYPE_L1_CNODE, &at, (2 + i) * PAGE_SIZE);
    }
    make(OWN_OTHER_RAM, CAP_TYPE_RAM, &at, 16 * PAGE_SIZE);
    make(OWN_RAM, CAP_TYPE_RAM, &at, BUDGET_BYTES - at);
}

static void fill_space(void)
{
    assert_ok(cap_copy_to(own(PEER_CNODE), space(), CAP_PLACE_CNODE(0)));
    assert_ok(cap_narrow_to(own(PEER_CNODE), space(), CAP_PLACE_CNODE(WEAK_CNODE), CAP_GRANT));
    give(own(PEER_DISPATCHER), OWN_DISPATCHER, CAP_ALL_RIGHTS);
    give(own(PEER_ENDPOINT), OWN_ENDPOINT, CAP_ALL_RIGHTS);
    give(own(PEER_USER_PART), OWN_USER_PART, CAP_ALL_RIGHTS);
    give(own(PEER_FRAME), OWN_FRAME, CAP_READ | CAP_GRANT | CAP_IDENTIFY | CAP_REVOKE);
    give(own(PEER_SENDER), OWN_SENDER, CAP_ALL_RIGHTS);
    give(own(PEER_CNODE), OWN_CNODE, CAP_ALL_RIGHTS);
    give(own(PEER_SPACE), OWN_SPACE, CAP_ALL_RIGHTS);
    give(own(PEER_SPACE), OWN_ROOT_TOO, CAP_ALL_RIGHTS);
    lend();
    give_numbers();
    give_memory();
}

/* ---- what is left of it ---- */

/* As core servers do: what has gone to other cores is looked up, and given up there. */
static void take_back_shared(void)
{
    for (unsigned i = 0; i < shared_count; i++) {
        if (err_ok(cap_find(&shared[i].what, kept(FOUND)))) {
            err_t e = cap_unshare(kept(FOUND), shared[i].core);

            assert_true(err_ok(e) || err_is(e, ERR_NOT_FOUND));
            assert_ok(cap_delete(kept(FOUND)));
        }
    }
    shared_count = 0;
}

/* All of it can be one thing again: nothing descends from any part. */
static void budget_is_whole(void)
{
    uint64_t offset, bytes;

    assert_ok(cap_revoke(kept(BUDGET)));
    assert_ok(cap_unused(kept(BUDGET), 0, &offset, &bytes));
    assert_int_equal(offset, 0);
    assert_int_equal(bytes, BUDGET_BYTES);
    assert_ok(cap_retype(kept(BUDGET), 0, CAP_TYPE_RAM, BUDGET_BYTES, 1, kept(WHOLE)));
    assert_ok(cap_delete(kept(WHOLE)));
}

/* ---- lives ---- */

/* Made no call since the last look. */
static bool stands_still(uint64_t *before)
{
    bool still = fuzzer_steps == *before;

    *before = fuzzer_steps;
    return still;
}

/* Until it rests or has ended. News of its end are lost when its object ended, too, before they were read:
 * then it stands still for long. It may have put itself to sleep, and taken away what wakes it. */
static void await_end(void)
{
    struct rt_message news;
    uint64_t before = 0;
    unsigned still = 0;

    while (fuzzer_state != FUZZER_RESTS && still < STILL_LOOKS) {
        if (err_ok(rt_receive(&news, CPTR_NULL, rt_now() + 2 * MS)) && (news.flags & SYS_CAME_EXIT)) {
            return;
        }
        still = stands_still(&before) ? still + 1 : 0;
        if (still > 0 && fuzzer_state == FUZZER_SUSPENDS) {
            err_t e = cap_dispatcher_continue(own(PEER_DISPATCHER));
            (void)e;
        }
    }
}

/* One in so many lives is without a user part, in which no upcall can be made. */
static struct dispatcher_user *user_part(void)
{
    if (lives % LIVES_WITHOUT == 0) {
        assert_ok(cap_revoke(own(PEER_USER_PART)));
        assert_ok(cap_delete(own(PEER_USER_PART)));
        return NULL;
    }
    return peer_user(FUZZER);
}

static void live(void)
{
    struct dispatcher_user *user;

    lives++;
    peer_make_objects(FUZZER);
    fill_space();
    peer_setup(FUZZER, space());
    user = user_part();
    fuzzer_prepare(user);
    peer_start(FUZZER, fuzzer_main, user, PEER_PRIORITY);
    await_end();
    fuzzer_ended();
    take_back_shared();
    peer_remove(FUZZER);
    take_back_shared();
    budget_is_whole();
}

static void system_works(void)
{
    struct rt_message m = {.length = 1, .words = {41}};

    peer_run(VICTIM, peer_echo, (void *)(uintptr_t)VICTIM);
    assert_ok(rt_call(peer_slot(VICTIM, PEER_SENDER), &m, CPTR_NULL, peer_soon()));
    assert_int_equal(m.words[0], 42);
    peer_remove(VICTIM);
}

static uint64_t seed_now;

static void tell(void)
{
    rt_print("# again: sequence-seed=%lu sequence-calls=%lu on the kernel's command line\n", seed_now,
             calls_wanted);
    fuzzer_tell();
}

static void run_seed(uint64_t with)
{
    seed_now = with;
    suite_tell = tell;
    random_seed(&source, with);
    lives = 0;
    fuzzer_limit += calls_wanted;
    while (fuzzer_steps < fuzzer_limit) {
        assert_true(lives < 100 + calls_wanted / LIVES_EACH);
        live();
    }
    rt_print("# seed %lu: %lu calls in %u lives\n", with, calls_wanted, lives);
    system_works();
    suite_tell = NULL;
}

/* ---- what is wanted ---- */

static void read_command_line(const char *line)
{
    (void)command_line_number(line, "sequence-seed", &seed);
    (void)command_line_number(line, "sequence-calls", &calls_wanted);
    (void)command_line_number(line, "sequence-runs", &runs);
    fuzzer_traces = command_line_has(line, "sequence-trace");
}

static void find_command_line(void)
{
    const struct boot_info *info = (const void *)peer_page(0);
    struct cap_identity i;

    assert_ok(cap_identify(SLOT_BOOT_INFO, &i));
    assert_ok(cap_map(peer_page_table(), SLOT_BOOT_INFO, peer_page_entry(0), (unsigned)(i.bytes / PAGE_SIZE),
                      0, CAP_READ, kept(LOOKED)));
    while (info->magic != BOOT_INFO_MAGIC) {
        info = (const void *)((const char *)info + 8); /* it begins somewhere in the page */
    }
    read_command_line((const char *)info + info->command_line);
    assert_ok(cap_delete(kept(LOOKED)));
}

/* The budget is cut once; a big page fits into it. */
static void make_budget(void)
{
    struct cap_identity ram;
    uint64_t offset;

    assert_ok(cap_identify(PEER_RAM, &ram));
    offset = ((ram.base + BUDGET_OFFSET) & ~(BIG_FRAME - 1)) - ram.base;
    assert_ok(cap_retype(PEER_RAM, offset, CAP_TYPE_RAM, BUDGET_BYTES, 1, kept(BUDGET)));
}

static bool is_default(void)
{
    return seed == DEFAULT_SEED && calls_wanted >= DEFAULT_CALLS;
}

static void sequences(void)
{
    find_command_line();
    make_budget();
    for (uint64_t i = 0; i < runs; i++) {
        run_seed(seed + i);
    }
}

static void all_succeed_and_are_refused(void)
{
    report_print();
    assert_true(!is_default() || report_each_succeeded_and_was_refused());
}

static void errors_are_those_listed(void)
{
    assert_true(report_errors_are_those_listed(is_default()));
}

SUITE_MAIN({"SEQ-LIVE-001", "random typed system calls leave a machine that works, and all memory whole",
            sequences},
           {"SEQ-COVER-001", "each operation of the ABI has succeeded and has been refused",
            all_succeed_and_are_refused},
           {"SEQ-ERROR-001", "each error that an operation may return has come, and no other",
            errors_are_those_listed})
