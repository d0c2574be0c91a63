/* SPDX-License-Identifier: MIT */
/* Calls to servers on other cores, through rings: what goes there and back, and how channels end. */
#include <stdatomic.h>
#include <mudskipper/ns/bind.h>
#include <mudskipper/ns/host.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/hash.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "core_rpc.h"
#include "../system/suite.h"
#include "trial_rpc.h"

#define THREADS 8u
#define NAME    "app.test.trial"

static struct service_host host; /* for its memory and its nameserver */
static struct rpc_channel core_server;
static coreid_t cores;
static uint8_t data[TRIAL_WRITE_DATA_MAX];

/* A server on another core, and a connection to it. */
static struct {
    uint32_t process;
    coreid_t core;
    struct name_binding binding;
    struct rpc_channel channel;
} there;

static nanos_t soon(void)
{
    return rt_now() + (nanos_t)30 * 1000 * 1000 * 1000;
}

static void begin(void)
{
    static struct rpc_lmp_link link;
    char version[CORE_MACHINE_VERSION_MAX + 1];
    static char world[CORE_MACHINE_WORLD_MAX + 1];
    uint32_t own;
    uint32_t count;

    if (core_server.link == NULL) {
        assert_ok(host_init(&host));
        rpc_lmp_link_init(&link, SLOT_INIT, &host.memory, &rpc_own_slots);
        core_server = rpc_channel_of(&link.link);
        assert_ok(core_machine(&core_server, version, sizeof(version), world, sizeof(world), &count, &own));
        cores = count;
    }
}

static void bind(void)
{
    assert_ok(name_bind_wait(&host.names, NAME, soon(), &there.binding));
    there.channel = rpc_until(&(struct rpc_channel){there.binding.connection.link, 0}, soon());
}

static void connect(void)
{
    bind();
    assert_ptr_equal(there.binding.connection.link, &there.binding.connection.ump.end.link);
}

static void spawn_on(coreid_t core, const char *words, size_t bytes)
{
    begin();
    assert_true(core < cores);
    there.core = core;
    assert_ok(core_spawn_on(&core_server, core, 0, "", words, bytes, &there.process));
}

static void start_on(coreid_t core)
{
    static const char words[] = "trial-server\0" NAME;

    spawn_on(core, words, sizeof(words));
    connect();
}

static void stop(void)
{
    name_unbind(&there.binding);
    assert_ok(core_kill(&core_server, there.process));
}

static void check_add(void)
{
    uint64_t sum;

    assert_ok(trial_add(&there.channel, 1, 2, &sum));
    assert_int_equal(sum, 3);
}

/* ---- there and back */

static void every_core(void)
{
    uint64_t sum;

    begin();
    for (coreid_t core = 1; core < cores; core++) {
        start_on(core);
        for (uint64_t i = 0; i < 200; i++) {
            assert_ok(trial_add(&there.channel, i, core, &sum));
            assert_int_equal(sum, i + core);
        }
        stop();
    }
}

static void every_length(void)
{
    static const size_t lengths[] = {0, 1, 36, 37, 44, 45, 92, 93, 4096, TRIAL_WRITE_DATA_MAX};

    start_on(1);
    for (unsigned i = 0; i < ARRAY_LENGTH(lengths); i++) {
        uint64_t hash;
        size_t bytes;

        for (size_t at = 0; at < lengths[i]; at++) {
            data[at] = (uint8_t)(at * 7 + i);
        }
        assert_ok(trial_write(&there.channel, data, lengths[i], &hash));
        assert_int_equal(hash, hash_fnv(HASH_FNV_START, data, lengths[i]));
        assert_ok(trial_read(&there.channel, (uint32_t)lengths[i], data, sizeof(data), &bytes));
        assert_int_equal(bytes, lengths[i]);
    }
    stop();
}

static void frames_both_ways(void)
{
    cptr_t given[TRIAL_SWAP_GIVEN_MAX];
    cptr_t back[TRIAL_SWAP_BACK_MAX];
    struct cap_identity sent;
    struct cap_identity came;
    cptr_t frames;
    cptr_t ram;
    size_t count;

    start_on(1);
    assert_ok(core_alloc(&core_server, ARRAY_LENGTH(given) * PAGE_SIZE, &ram));
    assert_ok(slot_alloc_run(ARRAY_LENGTH(given), &frames));
    assert_ok(cap_retype(ram, 0, CAP_TYPE_FRAME, PAGE_SIZE, ARRAY_LENGTH(given), frames));
    for (unsigned i = 0; i < ARRAY_LENGTH(given); i++) {
        given[i] = frames + i;
    }
    for (size_t n = 1; n <= ARRAY_LENGTH(given); n += n < 4 ? 1 : 13) {
        assert_ok(trial_swap(&there.channel, given, n, back, ARRAY_LENGTH(back), &count));
        assert_int_equal(count, n);
        for (size_t i = 0; i < n; i++) {
            assert_ok(cap_identify(given[n - 1 - i], &sent));
            assert_ok(cap_identify(back[i], &came));
            assert_int_equal(came.base, sent.base);
            assert_int_equal(came.owner, rt_self()->core);
            slot_delete(back[i]);
        }
    }
    stop();
    slot_delete(ram);
}

static struct {
    struct thread thread;
    _Alignas(16) unsigned char stack[16384];
} clients[THREADS];
static unsigned wrong;

static void start_threads(void (*body)(void *number))
{
    wrong = 0;
    for (uintptr_t i = 0; i < THREADS; i++) {
        thread_start(&clients[i].thread, "client", clients[i].stack, sizeof(clients[i].stack), body,
                     (void *)i);
    }
}

static void join_threads(void)
{
    for (unsigned i = 0; i < THREADS; i++) {
        thread_join(&clients[i].thread);
    }
    assert_int_equal(wrong, 0);
}

static void add_often(void *number)
{
    uint64_t me = (uintptr_t)number;
    uint64_t sum = 0;

    for (uint64_t i = 0; i < 100; i++) {
        wrong += !err_ok(trial_add(&there.channel, me, i, &sum)) || sum != me + i;
    }
}

static void many_threads(void)
{
    start_on(1);
    start_threads(add_often);
    join_threads();
    stop();
}

/* ---- errors are the server's own, whoever carries them */

/* Causes that also say something of the way between the two. */
static void causes_arrive(void)
{
    static const enum err_code causes[] = {ERR_CAP_EMPTY_SLOT, ERR_MSG_NO_TARGET, ERR_NOT_FOUND,
                                           ERR_NO_MEMORY};

    for (unsigned i = 0; i < ARRAY_LENGTH(causes); i++) {
        err_t e = trial_fail(&there.channel, (uint16_t)causes[i], i);

        assert_true(err_is(e, causes[i]));
        assert_int_equal(e.code[1], ERR_WHILE_SPAWN);
        assert_int_equal(e.detail, i);
    }
}

static void errors_come_through_rings(void)
{
    start_on(1);
    causes_arrive();
    stop();
}

static void errors_come_through_core_servers(void)
{
    static const char words[] = "trial-server\0" NAME "\0without channels";

    spawn_on(1, words, sizeof(words));
    bind();
    assert_ptr_equal(there.binding.connection.link, &there.binding.connection.pass.link);
    check_add();
    causes_arrive();
    assert_ok(core_kill(&core_server, there.process));
    assert_error(trial_add(&there.channel, 1, 2, &(uint64_t){0}), PEER_GONE);
    name_unbind(&there.binding);
}

/* ---- the end */

static void wait_in_vain(void *number)
{
    uint64_t was;

    wrong += !err_is(trial_wait(&there.channel, (uintptr_t)number, &was), ERR_PEER_GONE);
}

static void a_killed_server_is_peer_gone(void)
{
    start_on(1);
    start_threads(wait_in_vain);
    check_add(); /* what was sent before has arrived */
    assert_ok(core_kill(&core_server, there.process));
    join_threads();
    assert_error(trial_add(&there.channel, 1, 2, &(uint64_t){0}), PEER_GONE);
    name_unbind(&there.binding);
}

/* A line in its turn that no library writes. */
static void a_client_that_lies_ends_its_own_channel(void)
{
    struct rpc_ump_process *p = &there.binding.connection.ump;
    struct ump_line *line;
    uint64_t sum;

    start_on(1);
    check_add();
    line = &p->end.out.ring->lines[p->end.out.position & p->end.out.mask];
    p->end.out.position++;
    atomic_store(&line->control, p->end.out.position << 16 | 0xff00 | 13);
    assert_ok(cap_notify_signal(p->wake));
    assert_error(trial_add(&there.channel, 1, 2, &sum), PEER_GONE);
    name_unbind(&there.binding);
    connect();
    check_add();
    stop();
}

/* ---- nothing is left */

static uint64_t free_on(coreid_t core)
{
    struct core_figures figures;

    assert_ok(core_figures(&core_server, core, &figures));
    return figures.free;
}

/* What core servers may keep for the next time, threads most of all: less than a KiB for each of a hundred
 * channels, which have rings of 12 KiB. */
#define KEPT_BYTES (100u * 1024u)

/* The same handle again and again. */
static void connect_often(unsigned times)
{
    struct rpc_connection *c = &there.binding.connection;

    for (unsigned i = 0; i < times; i++) {
        rpc_disconnect(c);
        assert_ok(rpc_connect_by_ump(c, there.binding.found.handle, &host.memory, &rpc_own_slots));
        check_add();
    }
}

static void a_hundred_channels_leave_nothing(void)
{
    uint64_t here;
    uint64_t far;
    unsigned slots;

    start_on(1);
    connect_often(100); /* until what is kept for the next time is there */
    here = free_on(rt_self()->core);
    far = free_on(1);
    slots = slot_free_count();
    connect_often(100);
    assert_int_equal(slot_free_count(), slots);
    assert_in_range(free_on(rt_self()->core), here - KEPT_BYTES, UINT64_MAX);
    assert_in_range(free_on(1), far - KEPT_BYTES, UINT64_MAX);
    stop();
}

SUITE_MAIN({"RPC-CROSS-001", "servers on every other core are called through rings", every_core},
           {"RPC-CROSS-002", "messages of any length go there and back", every_length},
           {"RPC-CROSS-003", "frames go to another core and come home", frames_both_ways},
           {"RPC-CROSS-004", "many threads call on one channel", many_threads},
           {"RPC-CROSS-005", "a server that is killed ends all calls with PEER_GONE",
            a_killed_server_is_peer_gone},
           {"RPC-CROSS-006", "a client that lies in its rings ends its own channel",
            a_client_that_lies_ends_its_own_channel},
           {"RPC-CROSS-007", "a hundred channels leave nothing on either core",
            a_hundred_channels_leave_nothing},
           {"RPC-CROSS-008", "errors of a server come through rings as they are", errors_come_through_rings},
           {"RPC-CROSS-009", "and through core servers, to services that accept no channels",
            errors_come_through_core_servers})
