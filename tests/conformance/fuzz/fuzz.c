/* SPDX-License-Identifier: MIT */
/* Random system calls, from a seed. The fuzzer is a peer in a capability space of its own, so that it may do
 * whatever its capabilities allow: it is made again when it has ended or stands still, and its number of
 * calls goes on. Afterwards the system works, and all that was given to it can be taken back. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/thread.h>
#include "../system/peer.h"
#include "../system/random.h"
#include "../system/suite.h"

enum { FUZZER, VICTIM, ECHO };

#define MS    ((nanos_t)1000 * 1000)
#define CALLS 20000u
#define LIVES 4000u /* a fuzzer that ends at once all the time has gone wrong */

static struct random source;
static volatile uint64_t calls;
static volatile uint64_t finished;

/* ---- its capability space
 * ---------------------------------------------------------------------------------------- */

/* What lies in it: the first SLOTS slots of CNode 0, some more of them empty. */
#define SLOTS 40u

static cptr_t space(void)
{
    return peer_slot(FUZZER, PEER_SPACE);
}

static void give(cptr_t from, unsigned slot)
{
    assert_ok(cap_copy_to(from, space(), CAP_PLACE_SLOT(slot)));
}

static void make(unsigned slot, enum cap_type type, uint64_t *at, uint64_t bytes)
{
    assert_ok(
        cap_retype_to(peer_slot(FUZZER, PEER_SPARE), *at, type, bytes, 1, space(), CAP_PLACE_SLOT(slot)));
    *at += bytes;
}

/* A Service and a Handle on its own endpoint, and a Notify: a channel of its own in each life. */
static void make_numbered(void)
{
    static unsigned lives;
    cptr_t service = peer_slot(FUZZER, PEER_A);
    cptr_t notify = peer_slot(FUZZER, PEER_B);

    assert_ok(cap_service(peer_slot(FUZZER, PEER_ENDPOINT), 3, service));
    assert_ok(cap_retype_to(service, 0, CAP_TYPE_HANDLE, 0, 1, space(), CAP_PLACE_SLOT(25)));
    assert_ok(cap_move_to(service, space(), CAP_PLACE_SLOT(24)));
    assert_ok(cap_notify_make(CAP_NOTIFY_CORES + lives++ % 4000, notify));
    assert_ok(cap_move_to(notify, space(), CAP_PLACE_SLOT(26)));
}

/* One of everything that can be made, all of it out of its own piece of memory: no capability in the space
 * reaches anything else, apart from the endpoint of ECHO. */
static void fill_space(void)
{
    static const enum peer_slot own[] = {PEER_DISPATCHER, PEER_ENDPOINT, PEER_USER_PART, PEER_FRAME,
                                         PEER_SENDER,     PEER_MONITOR,  PEER_CNODE,     PEER_SPACE};
    uint64_t at = 0;

    assert_ok(cap_copy_to(peer_slot(FUZZER, PEER_CNODE), space(), CAP_PLACE_CNODE(0)));
    for (unsigned i = 0; i < ARRAY_LENGTH(own); i++) {
        give(peer_slot(FUZZER, own[i]), 1 + i);
    }
    assert_ok(
        cap_badge_to(peer_slot(ECHO, PEER_ENDPOINT), space(), CAP_PLACE_SLOT(9), 0xf)); /* it may revoke it */
    make(10, CAP_TYPE_RAM, &at, 16 * PAGE_SIZE);
    make(11, CAP_TYPE_DISPATCHER, &at, CAP_DISPATCHER_BYTES);
    make(12, CAP_TYPE_DISPATCHER, &at, 2 * CAP_DISPATCHER_BYTES);
    make(13, CAP_TYPE_ENDPOINT_LMP, &at, PAGE_SIZE);
    make(14, CAP_TYPE_VNODE_L0, &at, CAP_VNODE_L0_BYTES);
    make(15, CAP_TYPE_VNODE_L1, &at, PAGE_SIZE);
    make(16, CAP_TYPE_VNODE_L2, &at, PAGE_SIZE);
    make(17, CAP_TYPE_VNODE_L3, &at, PAGE_SIZE);
    make(18, CAP_TYPE_FRAME, &at, 2 * PAGE_SIZE);
    make(19, CAP_TYPE_FRAME, &at, 4 * PAGE_SIZE);
    make(20, CAP_TYPE_L1_CNODE, &at, PAGE_SIZE);
    make(21, CAP_TYPE_L1_CNODE, &at, 2 * PAGE_SIZE);
    make(22, CAP_TYPE_L2_CNODE, &at, CAP_L2_BYTES);
    make(23, CAP_TYPE_RAM, &at, 16 * PAGE_SIZE);
    make_numbered();
}

/* ---- what it does
 * ------------------------------------------------------------------------------------------------ */

static cptr_t some_slot(void)
{
    return CPTR(random_below(&source, 64) == 0 ? random_below(&source, 34) : 0, random_below(&source, SLOTS));
}

static uint64_t some_place(void)
{
    return random_below(&source, 16) == 0 ? CAP_PLACE_CNODE(random_below(&source, 34))
                                          : CAP_PLACE_SLOT(some_slot());
}

/* A number that means something somewhere, or nothing. */
static uint64_t some_number(void)
{
    switch (random_below(&source, 8)) {
    case 0:
        return some_slot();
    case 1:
        return some_place();
    case 2:
        return PAGE_SIZE * random_below(&source, 20);
    case 3:
        return (uint64_t)1 << random_below(&source, 64);
    case 4:
        return random_below(&source, 600) | random_below(&source, 600) << 16;
    case 5:
        return random_word(&source);
    default:
        return random_below(&source, 32);
    }
}

/* On a capability space, with operands in the right places: most of these get through the first checks. */
static void capability_operation(uint64_t args[SYS_ARGS])
{
    args[0] =
        SYS_TARGET(random_below(&source, 2) ? 8 : 20 + random_below(&source, 2), random_below(&source, 10));
    args[1] = some_place();
    args[2] = random_below(&source, 4) ? 8 : some_number();
    args[3] = some_place();
    if (random_below(&source, 2)) {
        args[4] = random_below(&source, CAP_TYPE_COUNT);
        args[5] = random_below(&source, 4) * PAGE_SIZE;
        args[6] = PAGE_SIZE << random_below(&source, 4);
        args[7] = random_below(&source, 4);
    }
}

static void map_operation(uint64_t args[SYS_ARGS])
{
    args[0] = SYS_TARGET(14 + random_below(&source, 4), VNODE_MAP);
    args[1] = args[6] = 8;
    args[2] = some_place();
    args[3] = random_below(&source, 512) | (1 + random_below(&source, 4)) << 16;
    args[4] = random_below(&source, 4) * PAGE_SIZE;
    args[5] = random_below(&source, 8);
    args[7] = some_place();
}

/* On the dispatchers 11 and 12, seldom on its own. */
static void dispatcher_operation(uint64_t args[SYS_ARGS])
{
    static const unsigned char right[] = {[1] = 8, [2] = 14, [3] = 18, [4] = 13};

    args[0] = SYS_TARGET(random_below(&source, 16) == 0 ? 1 : 11 + random_below(&source, 2),
                         random_below(&source, 10));
    for (unsigned i = 1; i <= 4; i++) {
        args[i] = random_below(&source, 4) ? right[i] : some_number();
    }
    if (args[0] >> 32 == DISPATCHER_BIND) {
        args[1] = 13;
    }
}

static uint64_t choose(uint64_t args[SYS_ARGS])
{
    uint64_t number = random_below(&source, 4) == 0 ? random_below(&source, SYS_COUNT + 1) : SYS_INVOKE;

    for (unsigned i = 0; i < SYS_ARGS; i++) {
        args[i] = some_number();
    }
    args[0] = SYS_TARGET(some_slot(), random_below(&source, 18)) | random_below(&source, 4) << 48;
    args[SYS_ARG_DEADLINE] = random_below(&source, 4) ? random_below(&source, 2) : some_number();
    if (number != SYS_INVOKE) {
        args[1] = random_below(&source, 10) | (uint64_t)some_slot() << 32;
        return number;
    }
    switch (random_below(&source, 4)) {
    case 0:
        capability_operation(args);
        break;
    case 1:
        map_operation(args);
        break;
    case 2:
        dispatcher_operation(args);
        break;
    }
    return number;
}

static void fuzz(void *unused)
{
    (void)unused;
    while (calls < CALLS) {
        uint64_t args[SYS_ARGS];
        uint64_t number = choose(args);

        calls++;
        if (number == SYS_RESUME && args[0] < SAVE_AREAS) {
            continue; /* hostile.c */
        }
        (void)peer_call(args, number);
    }
    finished = 1;
    peer_sleep(NULL);
}

/* ---- its lives
 * --------------------------------------------------------------------------------------------------- */

static void fuzzer_lives(void)
{
    uint64_t before;

    peer_make_objects(FUZZER);
    fill_space();
    peer_setup(FUZZER, space());
    peer_start(FUZZER, fuzz, NULL, PEER_PRIORITY);
    do {
        before = calls;
        thread_sleep_until(rt_now() + 3 * MS);
    } while (calls != before && !finished);
    peer_remove(FUZZER);
}

static void system_works(void)
{
    struct rt_message m = {.length = 1, .words = {41}};
    struct cap_identity i;

    assert_ok(rt_call(peer_slot(ECHO, PEER_SENDER), &m, CPTR_NULL, peer_soon()));
    assert_int_equal(m.words[0], 42);
    assert_ok(cap_identify(SLOT_ROOT, &i));
    assert_int_equal(i.type, CAP_TYPE_L1_CNODE);
    peer_run(VICTIM, peer_echo, (void *)(uintptr_t)VICTIM);
    assert_ok(rt_call(peer_slot(VICTIM, PEER_SENDER), &m, CPTR_NULL, peer_soon()));
    peer_remove(VICTIM);
}

static void fuzz_from(uint64_t seed)
{
    unsigned lives = 0;

    random_seed(&source, seed);
    calls = finished = 0;
    peer_run(ECHO, peer_echo, (void *)(uintptr_t)ECHO);
    while (!finished) {
        assert_true(lives++ < LIVES);
        fuzzer_lives();
    }
    system_works();
    peer_remove(ECHO);
    peer_make(FUZZER); /* nothing of its memory is in use any more */
    peer_remove(FUZZER);
}

static void first_seed(void)
{
    fuzz_from(1);
}

static void second_seed(void)
{
    fuzz_from(2);
}

/* ---- registers
 * --------------------------------------------------------------------------------------------------- */

/* From the test program itself, with numbers that mean nothing here: no operation may be found. */
static void no_register_means_anything(void)
{
    random_seed(&source, 3);
    for (unsigned i = 0; i < 2000; i++) {
        uint64_t args[SYS_ARGS];

        for (unsigned a = 0; a < SYS_ARGS; a++) {
            args[a] = random_word(&source);
        }
        args[0] |= CPTR(64, 0); /* beyond the root */
        args[SYS_ARG_DEADLINE] = 0;
        uint64_t number = SYS_COUNT + random_below(&source, UINT32_MAX);
        unsigned expected = ERR_BAD_SYSCALL;
        if (i % 2 == 0) {
            number = SYS_INVOKE + i / 2 % 3; /* INVOKE, SEND, CALL */
            expected = ERR_CAP_L1_RANGE;
        }
        unsigned error = peer_call(args, number);
        if (expected != ERR_CAP_L1_RANGE || error != ERR_MSG_LENGTH) {
            assert_int_equal(error, expected);
        }
    }
}

SUITE_MAIN({"FUZZ-REG-001", "random registers are refused by name", no_register_means_anything},
           {"FUZZ-CALL-001", "twenty thousand random system calls harm their caller only", first_seed},
           {"FUZZ-CALL-002", "so do twenty thousand others", second_seed})
