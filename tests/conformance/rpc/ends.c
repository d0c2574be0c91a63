/* SPDX-License-Identifier: MIT */
/* How calls between cores end when one of the two ends does: killed, left, without its rings, or lying; and
 * that it is nobody else's end. With an argument this program is a client on another core. */
#include <stdatomic.h>
#include <mudskipper/ns/bind.h>
#include <mudskipper/ns/host.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "channels_rpc.h"
#include "core_rpc.h"
#include "../system/suite.h"
#include "trial_rpc.h"

#define SELF    "conformance-rpc-ends"
#define NAME    "app.test.ends"
#define DEAF    "app.test.deaf"
#define WAITING 3u  /* threads of a client with a call that the server keeps */
#define BATCHES 8u  /* none of which is even: a leak */
#define ROUNDS  48u /* of a batch */

static struct service_host host; /* for its memory and its nameserver */
static struct rpc_channel core_server;
static coreid_t cores;
static uint32_t server;

/* A client of the server, which is on another core. */
struct customer {
    struct name_binding binding;
    struct rpc_channel channel;
};

static struct customer witness; /* whom all that happens to others is not to concern */

static nanos_t soon(void)
{
    return rt_now() + (nanos_t)60 * 1000 * 1000 * 1000;
}

static err_t begin(void)
{
    static struct rpc_lmp_link link;
    char version[CORE_MACHINE_VERSION_MAX + 1];
    static char world[CORE_MACHINE_WORLD_MAX + 1];
    uint32_t own;
    err_t e = host_init(&host);

    if (!err_ok(e)) {
        return e;
    }
    rpc_lmp_link_init(&link, SLOT_INIT, &host.memory, &rpc_own_slots);
    core_server = rpc_channel_of(&link.link);
    return core_machine(&core_server, version, sizeof(version), world, sizeof(world), &cores, &own);
}

static err_t come(struct customer *c)
{
    err_t e = name_bind_wait(&host.names, NAME, soon(), &c->binding);

    c->channel = rpc_until(&(struct rpc_channel){c->binding.connection.link, 0}, soon());
    return e;
}

static err_t add(const struct customer *c)
{
    uint64_t sum = 0;
    err_t e = trial_add(&c->channel, 1, 2, &sum);

    return err_ok(e) && sum != 3 ? err_make(ERR_MSG_MALFORMED, sum) : e;
}

/* ---- a service that has said that it will accept, and does not */

static err_t refuse(const void *table, void *context, struct rpc_request *request)
{
    (void)table;
    (void)context;
    (void)request;
    return err_make(ERR_NOT_SUPPORTED, 0);
}

static const struct rpc_interface deaf_interface = {.dispatch = refuse};
static struct rpc_service deaf = {.interface = &deaf_interface, .number = 1};

/* ---- threads with calls that are kept */

static struct waiter {
    struct thread thread;
    const struct customer *customer;
    err_t error;
    _Alignas(16) unsigned char stack[16384];
} waiters[WAITING];

static void wait_in_thread(void *argument)
{
    struct waiter *w = argument;
    uint64_t was;

    w->error = trial_wait(&w->customer->channel, 1, &was);
}

/* When it returns the server has kept them. */
static err_t start_waiting(const struct customer *c, unsigned threads)
{
    for (unsigned i = 0; i < threads; i++) {
        waiters[i].customer = c;
        thread_start(&waiters[i].thread, "waiter", waiters[i].stack, sizeof(waiters[i].stack), wait_in_thread,
                     &waiters[i]);
    }
    thread_yield();
    return add(c); /* behind them in the ring */
}

/* How many of them did not end this way. */
static unsigned join_waiting(unsigned threads, enum err_code cause)
{
    unsigned others = 0;

    for (unsigned i = 0; i < threads; i++) {
        thread_join(&waiters[i].thread);
        others += !err_is(waiters[i].error, cause);
    }
    return others;
}

/* ---- as a client on another core */

/* Waits in threads and calls in this one, until its parent kills it or the server ends. */
static int stay(struct customer *c)
{
    uint32_t released;
    err_t e = trial_release(&c->channel, &released); /* this is what its parent waits for */

    if (err_ok(e)) {
        e = start_waiting(c, WAITING);
    }
    while (err_ok(e)) {
        e = add(c);
    }
    return err_is(e, ERR_PEER_GONE) && join_waiting(WAITING, ERR_PEER_GONE) == 0 ? 0 : 2;
}

static int act(const char *what)
{
    static struct customer c;
    err_t e = begin();

    if (err_ok(e) && str_equal(what, "in vain")) {
        e = name_bind_wait(&host.names, DEAF, soon(), &c.binding);
        return 3; /* nobody has accepted */
    }
    if (err_ok(e)) {
        e = come(&c);
    }
    if (!err_ok(e)) {
        return 1;
    }
    if (str_equal(what, "leave")) {
        return err_ok(start_waiting(&c, WAITING)) ? 0 : 2; /* and all of it stays as it is */
    }
    return stay(&c);
}

/* ---- the tests' surroundings */

static uint32_t start_child(coreid_t core, const char *words, size_t bytes)
{
    uint32_t number;

    assert_ok(core_spawn_on(&core_server, core, 6, "", words, bytes, &number));
    return number;
}

static void open(void)
{
    static const char words[] = "trial-server\0" NAME;

    if (core_server.link == NULL) {
        assert_ok(begin());
    }
    assert_true(cores > 2);
    if (server != 0) {
        err_t e = core_kill(&core_server, server); /* of a test that failed */

        (void)e;
    }
    server = start_child(1, words, sizeof(words));
    assert_ok(come(&witness));
    assert_ptr_equal(witness.binding.connection.link, &witness.binding.connection.ump.end.link);
}

static void close(void)
{
    assert_ok(add(&witness));
    name_unbind(&witness.binding);
    assert_ok(core_kill(&core_server, server));
}

/* A client on core `core` that is in the middle of calls when this returns. */
static uint32_t start_staying(coreid_t core)
{
    static const char words[] = SELF "\0stay";
    uint32_t number;

    assert_ok(start_waiting(&witness, 1));
    number = start_child(core, words, sizeof(words));
    assert_int_equal(join_waiting(1, ERR_OK), 0);
    return number;
}

static uint32_t outcome(uint32_t number)
{
    uint8_t how;
    uint32_t code;
    uint8_t fault;
    uint8_t access;
    uint64_t address;

    assert_ok(core_wait(&core_server, number, true, &how, &code, &fault, &access, &address));
    assert_int_equal(how, EXIT_BY_ITSELF);
    return code;
}

/* ---- servers end */

static void server_killed(void)
{
    uint32_t client;

    open();
    client = start_staying(2);
    assert_ok(start_waiting(&witness, WAITING));
    assert_ok(core_kill(&core_server, server));
    assert_int_equal(join_waiting(WAITING, ERR_PEER_GONE), 0);
    assert_error(add(&witness), PEER_GONE);
    assert_int_equal(outcome(client), 0);
    name_unbind(&witness.binding);
}

/* Who has a handle no more has no channel by it either, though the server lives. */
static void service_withdrawn(void)
{
    nanos_t limit = soon();
    err_t e;

    open();
    e = trial_retire(&witness.channel); /* its answer may come too late */
    assert_true(err_ok(e) || err_is(e, ERR_PEER_GONE));
    do {
        e = add(&witness);
    } while (err_ok(e) && rt_now() < limit);
    assert_error(e, PEER_GONE);
    name_unbind(&witness.binding);
    assert_ok(core_kill(&core_server, server));
}

/* ---- clients end */

static void client_killed(void)
{
    open();
    for (coreid_t c = 0; c < cores; c++) {
        if (c != 1) {
            uint32_t client = start_staying(c);

            assert_ok(core_kill(&core_server, client));
            assert_ok(add(&witness));
        }
    }
    close();
}

static void client_leaves(void)
{
    static const char words[] = SELF "\0leave";
    uint32_t released;

    open();
    for (coreid_t c = 0; c < cores; c++) {
        if (c != 1) {
            assert_int_equal(outcome(start_child(c, words, sizeof(words))), 0);
            assert_ok(trial_release(&witness.channel, &released));
            assert_int_equal(released, WAITING);
        }
    }
    close();
}

static uint64_t free_on(coreid_t core)
{
    struct core_figures figures;

    assert_ok(core_figures(&core_server, core, &figures));
    return figures.free;
}

/* At any moment: before they connect, while they do, in calls. */
static void start_and_kill(void)
{
    static const char words[] = SELF "\0stay";
    uint32_t released;

    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t client = i % 3 == 0 ? start_staying(2) : start_child(2, words, sizeof(words));

        for (unsigned j = 0; i % 3 == 1 && j < i % 16; j++) {
            assert_ok(add(&witness));
        }
        assert_ok(core_kill(&core_server, client));
        assert_ok(trial_release(&witness.channel, &released));
    }
}

/* The ledgers of both core servers remember the handle of every client there was (CAVEATS.md): far less than
 * what its rings take, or a thread. */
#define KNOWN_CLIENTS (ROUNDS * 512u)

static bool batch_is_even(void)
{
    uint64_t before[] = {free_on(0), free_on(1), free_on(2)};
    bool even = true;

    start_and_kill();
    for (coreid_t c = 0; c < ARRAY_LENGTH(before); c++) {
        even &= free_on(c) + KNOWN_CLIENTS >= before[c];
    }
    return even;
}

/* As in PROC-CORES-005: what is lost for good is lost in every batch. */
static void nothing_is_left(void)
{
    unsigned batches = 0;

    open();
    while (!batch_is_even()) {
        assert_true(++batches < BATCHES);
    }
    close();
}

#define IN_VAIN 8u
#define LEDGERS                                                                                              \
    (IN_VAIN * 2048u) /* what is known of a client's handle stays there; a thread or rings are more */

/* Clients that wait for a service to accept, and are killed in that. */
static bool killed_in_vain(void)
{
    static const char words[] = SELF "\0in vain";
    uint64_t before[] = {free_on(0), free_on(2)};
    uint32_t clients[IN_VAIN];

    for (unsigned i = 0; i < IN_VAIN; i++) {
        clients[i] = start_child(2, words, sizeof(words));
    }
    thread_sleep_until(rt_now() + (nanos_t)50 * 1000 * 1000);
    for (unsigned i = 0; i < IN_VAIN; i++) {
        assert_ok(core_kill(&core_server, clients[i]));
    }
    thread_sleep_until(rt_now() + (nanos_t)50 * 1000 * 1000);
    return free_on(0) + LEDGERS >= before[0] && free_on(2) + LEDGERS >= before[1];
}

static void who_waits_to_be_accepted(void)
{
    unsigned batches = 0;

    open();
    assert_ok(host_offer(&host, &deaf, DEAF, ""));
    while (!killed_in_vain()) {
        assert_true(++batches < 4); /* the first fills what is kept for the next time */
    }
    assert_ok(name_deregister(&host.names, DEAF));
    close();
}

/* ---- rings end */

static void rings_given_back(void)
{
    static struct customer c;
    struct rpc_ump_process *p = &c.binding.connection.ump;
    struct cap_identity frame;

    open();
    assert_ok(come(&c));
    assert_ok(start_waiting(&c, WAITING));
    assert_ok(cap_identify(p->frame, &frame));
    assert_ok(core_free(&core_server, frame.base, frame.bytes));
    assert_int_equal(join_waiting(WAITING, ERR_PEER_GONE), 0);
    assert_error(add(&c), PEER_GONE);
    assert_ok(add(&witness));
    name_unbind(&c.binding);
    close();
}

static void rings_revoked(void)
{
    static struct customer c;
    struct rpc_ump_process *p = &c.binding.connection.ump;
    err_t e;

    open();
    assert_ok(come(&c));
    e = cap_revoke(p->frame);
    assert_true(err_is(e, ERR_CAP_SHARED) || err_is(e, ERR_CAP_MISSING_RIGHT));
    assert_ok(add(&c)); /* and nothing has happened */
    assert_ok(add(&witness));
    name_unbind(&c.binding);
    close();
}

/* ---- an end that its process never got to know */

static struct {
    struct thread thread;
    struct notification woken;
    cptr_t handle;
    cptr_t frame;
    cptr_t wake;
    uint32_t end;
    err_t error;
    _Alignas(16) unsigned char stack[16384];
} raw; /* a client of this very process, without a library */

static void connect_raw(void *unused)
{
    (void)unused;
    raw.error = channels_connect(rpc_ump_core(), raw.handle, raw.woken.bit, &raw.frame, &raw.wake, &raw.end);
}

/* One channel from beginning to end, but that the server's end is not given back: its number. */
static uint32_t leave_a_server_end(uint32_t bit)
{
    uint32_t end;
    uint64_t badge;
    cptr_t frame;
    cptr_t wake;

    assert_ok(rpc_accept_announce());
    thread_start(&raw.thread, "client", raw.stack, sizeof(raw.stack), connect_raw, NULL);
    assert_ok(channels_accept(rpc_ump_core(), SLOT_ENDPOINT, bit, &frame, &wake, &badge, &end));
    thread_join(&raw.thread);
    assert_ok(raw.error);
    assert_ok(channels_disconnect(rpc_ump_core(), raw.end));
    slot_delete(raw.frame);
    slot_delete(raw.wake);
    slot_delete(frame);
    slot_delete(wake);
    return end;
}

/* So it is when a client leaves before the server has fetched what came with the acceptance. */
static void bits_are_used_anew(void)
{
    struct notification woken;
    uint32_t first;
    uint32_t second;

    if (core_server.link == NULL) {
        assert_ok(begin());
    }
    assert_ok(notification_open(&raw.woken));
    assert_ok(notification_open(&woken));
    assert_ok(slot_alloc(&raw.handle));
    assert_ok(cap_badge(SLOT_ENDPOINT, raw.handle, RPC_BADGE(1, 1)));
    first = leave_a_server_end(woken.bit);
    second = leave_a_server_end(woken.bit);
    assert_error(channels_disconnect(rpc_ump_core(), first), NOT_FOUND);
    assert_ok(channels_disconnect(rpc_ump_core(), second));
    slot_delete(raw.handle);
    notification_close(&raw.woken);
    notification_close(&woken);
}

/* ---- lies */

enum { MORE = 1, SECOND = 2, EIGHTH = 4, CREDIT = 8 };

/* A line with one wrong field, behind a right first half or not. */
static const struct lie {
    bool behind_half;
    uint8_t bytes;
    uint8_t tag;
} lies[] = {
    {false, 64, 0},           /* more than a line has */
    {false, 255, 0},          /* likewise */
    {false, 13, 0},           /* no words */
    {false, 16, 0x10},        /* no such tag */
    {false, 16, 0x80},        /* likewise */
    {false, 0, 0},            /* nothing at all */
    {false, 16, SECOND},      /* without a first */
    {false, 16, EIGHTH},      /* without a second */
    {false, 0, CREDIT},       /* for what was not sent */
    {true, 16, MORE},         /* a first in place of the second */
    {true, 0, SECOND},        /* a second that brings nothing */
    {true, 56, SECOND},       /* more words than a capability has */
    {true, 8, SECOND | MORE}, /* a third is to come */
};

static void write_line(struct ump_ring *ring, uint64_t mask, uint64_t position, uint8_t bytes, uint8_t tag)
{
    struct ump_line *line = &ring->lines[position & mask];

    line->payload[0] = 0;
    atomic_store(&line->control, (position + 1) << 16 | (uint64_t)tag << 8 | bytes);
}

static unsigned tell_lie(const struct lie *lie, struct ump_ring *ring, uint64_t mask, uint64_t position)
{
    if (lie->behind_half) {
        write_line(ring, mask, position, 16, MORE);
    }
    write_line(ring, mask, position + lie->behind_half, lie->bytes, lie->tag);
    return 1u + lie->behind_half;
}

static void client_lies(void)
{
    static struct customer c;
    struct rpc_ump_process *p = &c.binding.connection.ump;

    open();
    for (unsigned i = 0; i < ARRAY_LENGTH(lies); i++) {
        struct ump_writer *out = &p->end.out;

        assert_ok(come(&c));
        assert_ok(start_waiting(&c, 1));
        out->position += tell_lie(&lies[i], out->ring, out->mask, out->position);
        assert_ok(cap_notify_signal(p->wake));
        assert_int_equal(join_waiting(1, ERR_PEER_GONE), 0);
        assert_error(add(&c), PEER_GONE);
        name_unbind(&c.binding);
        assert_ok(trial_release(&witness.channel, &(uint32_t){0}));
    }
    close();
}

/* What the server could write, written in its place while it has nothing to say. */
static void server_lies(void)
{
    static struct customer c;
    struct rpc_ump_process *p = &c.binding.connection.ump;

    open();
    for (unsigned i = 0; i < ARRAY_LENGTH(lies); i++) {
        const struct ump_reader *in = &p->end.in;

        assert_ok(come(&c));
        assert_ok(start_waiting(&c, 1));
        tell_lie(&lies[i], in->ring, in->mask, in->position);
        notification_set(&p->woken);
        assert_int_equal(join_waiting(1, ERR_PEER_GONE), 0);
        assert_error(add(&c), PEER_GONE);
        name_unbind(&c.binding);
        assert_ok(trial_release(&witness.channel, &(uint32_t){0}));
    }
    close();
}

/* The words at the head of both rings. Whoever spoils them has the choice of how his channel ends. */
static void heads_are_spoiled(void)
{
    static struct customer c;
    struct rpc_ump_process *p = &c.binding.connection.ump;

    open();
    for (unsigned i = 0; i < 6; i++) {
        struct ump_ring *ring;
        err_t e = OK;

        assert_ok(come(&c));
        ring = i < 3 ? p->end.out.ring : p->end.in.ring;
        for (unsigned calls = 0; err_ok(e) && calls < 200; calls++) {
            atomic_store(i % 3 == 0   ? &ring->progress
                         : i % 3 == 1 ? &ring->waiting
                                      : &ring->sleeping,
                         UINT64_MAX);
            e = add(&c);
        }
        assert_true(err_ok(e) || err_is(e, ERR_PEER_GONE));
        name_unbind(&c.binding);
        assert_ok(add(&witness));
    }
    close();
}

int main(int argc, char **argv)
{
    static const struct suite_test tests[] = {
        {"RPC-ENDS-001", "a server that is killed ends all calls of clients on several cores with PEER_GONE",
         server_killed},
        {"RPC-ENDS-002", "a client that is killed in the middle of calls ends nobody else's", client_killed},
        {"RPC-ENDS-003", "a client that leaves with calls that are kept ends nobody else's", client_leaves},
        {"RPC-ENDS-004", "batches of clients killed at any moment leave memory as it was", nothing_is_left},
        {"RPC-ENDS-005", "a client that gives the rings' memory back ends its own calls with PEER_GONE",
         rings_given_back},
        {"RPC-ENDS-006", "a client cannot revoke rings that others have", rings_revoked},
        {"RPC-ENDS-007", "each wrong line of a client ends its own channel", client_lies},
        {"RPC-ENDS-008", "each wrong line of a server ends this channel", server_lies},
        {"RPC-ENDS-009", "wrong words at the heads of rings concern this channel only", heads_are_spoiled},
        {"RPC-ENDS-011", "a service that takes its name back ends the channels made by its handles",
         service_withdrawn},
        {"RPC-ENDS-012", "clients killed while they wait to be accepted leave no threads and rings",
         who_waits_to_be_accepted},
        {"RPC-ENDS-010", "an end that is over and was not given back goes when its bit is used anew",
         bits_are_used_anew},
    };

    return argc == 2 ? act(argv[1]) : suite_run(tests, ARRAY_LENGTH(tests));
}
