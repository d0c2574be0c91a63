/* SPDX-License-Identifier: MIT */
#include "trial.h"
#include <mudskipper/rpc/heap.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/hash.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>

#define HEAP_BYTES (2u << 20)

/* ---- memory */

static _Alignas(PAGE_SIZE) unsigned char heap_memory[HEAP_BYTES];
static struct heap heap;
static struct mutex heap_mutex;

static void heap_lock(void *unused)
{
    (void)unused;
    mutex_lock(&heap_mutex);
}

static void heap_unlock(void *unused)
{
    (void)unused;
    mutex_unlock(&heap_mutex);
}

struct rpc_memory trial_memory;

/* ---- the service */

struct rpc_request *trial_waiting[TRIAL_WAITERS];
unsigned trial_waiters;
static uint64_t tokens[TRIAL_WAITERS];
static struct mutex waiting = MUTEX_INITIAL(waiting); /* handlers run side by side */

/* Calls of meet() wait for each other here. */
static struct mutex meeting = MUTEX_INITIAL(meeting);
static struct condition all_met = CONDITION_INITIAL(all_met);
static uint32_t met;

static err_t add(void *context, struct rpc_request *request, uint64_t a, uint64_t b)
{
    (void)context;
    return trial_add_reply(request, a + b);
}

static err_t write(void *context, struct rpc_request *request, const void *data, size_t data_bytes)
{
    (void)context;
    return trial_write_reply(request, hash_fnv(HASH_FNV_START, data, data_bytes));
}

static err_t read(void *context, struct rpc_request *request, uint32_t count)
{
    static uint8_t data[TRIAL_READ_DATA_MAX];

    (void)context;
    for (size_t i = 0; i < count && i < sizeof(data); i++) {
        data[i] = trial_byte(i);
    }
    return trial_read_reply(request, data, count);
}

static err_t swap(void *context, struct rpc_request *request, const cptr_t *given, size_t given_count)
{
    cptr_t back[TRIAL_SWAP_BACK_MAX];

    (void)context;
    for (size_t i = 0; i < given_count; i++) {
        back[i] = given[given_count - 1 - i];
    }
    return trial_swap_reply(request, back, given_count);
}

static err_t who(void *context, struct rpc_request *request)
{
    return trial_who_reply(request, rpc_client(request), context);
}

static err_t wait(void *context, struct rpc_request *request, uint64_t token)
{
    err_t e = err_make(ERR_LIMIT, TRIAL_WAITERS);

    (void)context;
    mutex_lock(&waiting);
    if (trial_waiters < TRIAL_WAITERS) {
        e = rpc_keep(request, &trial_waiting[trial_waiters]);
    }
    if (err_ok(e)) {
        tokens[trial_waiters++] = token;
    }
    mutex_unlock(&waiting);
    return e;
}

static err_t release_all(void *context, struct rpc_request *request)
{
    uint32_t released;
    err_t e = OK;

    (void)context;
    mutex_lock(&waiting);
    released = trial_waiters;
    while (trial_waiters > 0) {
        trial_waiters--;
        e = err_ok(e) ? trial_wait_reply(trial_waiting[trial_waiters], tokens[trial_waiters]) : e;
    }
    mutex_unlock(&waiting);
    return err_ok(e) ? trial_release_reply(request, released) : e;
}

err_t (*trial_on_retire)(void);

static err_t retire(void *context, struct rpc_request *request)
{
    err_t e = trial_on_retire != NULL ? trial_on_retire() : err_make(ERR_NOT_SUPPORTED, 0);

    (void)context;
    (void)request;
    return e;
}

static err_t fail(void *context, struct rpc_request *request, uint16_t cause, uint64_t detail)
{
    (void)context;
    (void)request;
    return err_push(err_make((enum err_code)cause, detail), ERR_WHILE_SPAWN);
}

/* The calls of a meeting are kept at once, so that other threads can receive the others. */
static err_t meet(void *context, struct rpc_request *request, uint32_t wanted)
{
    struct rpc_request *kept;
    err_t e = rpc_keep(request, &kept);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    mutex_lock(&meeting);
    if (++met == wanted) {
        condition_broadcast(&all_met);
    }
    while (met < wanted) {
        condition_wait(&all_met, &meeting);
    }
    mutex_unlock(&meeting);
    return trial_meet_reply(kept, wanted);
}

static err_t disband(void *context, struct rpc_request *request)
{
    (void)context;
    (void)request;
    met = 0;
    return OK;
}

/* Asks this very process, which another thread has to answer. */
static err_t relay(void *context, struct rpc_request *request, uint64_t a, uint64_t b)
{
    struct rpc_request *kept;
    uint64_t sum;
    err_t e = rpc_keep(request, &kept);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    e = trial_add(&trial_channel, a, b, &sum);
    if (!err_ok(e)) {
        rpc_fail(kept, e);
        return OK;
    }
    return trial_relay_reply(kept, sum);
}

static const struct trial_ops ops = {.add = add,
                                     .write = write,
                                     .read = read,
                                     .swap = swap,
                                     .who = who,
                                     .wait = wait,
                                     .release = release_all,
                                     .fail = fail,
                                     .retire = retire,
                                     .meet = meet,
                                     .disband = disband,
                                     .relay = relay};

struct rpc_lmp_server trial_server;
struct rpc_service trial_first = {
    .interface = &trial_interface, .ops = &ops, .context = (void *)(uintptr_t) "first", .number = 1};
struct rpc_service trial_second = {
    .interface = &trial_interface, .ops = &ops, .context = (void *)(uintptr_t) "second", .number = 2};

/* ---- threads
 * ------------------------------------------------------------------------------------------------------- */

static struct rpc_connection connection;
struct rpc_channel trial_channel;
cptr_t trial_target;
static unsigned slots_before;
static uint64_t blocks_before;

nanos_t trial_in(nanos_t milliseconds)
{
    return rt_now() + milliseconds * 1000 * 1000;
}

cptr_t trial_frames(unsigned count)
{
    cptr_t ram;
    cptr_t frames;

    assert_ok(slot_alloc(&ram));
    assert_ok(slot_alloc_run(count, &frames));
    assert_ok(trial_ram((uint64_t)count * PAGE_SIZE, ram));
    assert_ok(cap_retype(ram, 0, CAP_TYPE_FRAME, PAGE_SIZE, count, frames));
    slot_delete(ram);
    return frames;
}

void trial_connect(struct rpc_connection *to, const struct rpc_service *service, cptr_t *slot)
{
    assert_ok(slot_alloc(slot));
    assert_ok(rpc_lmp_offer(service, TRIAL_CLIENT, *slot));
    assert_ok(trial_bind(to, *slot));
}

static void start(unsigned servers)
{
    static const struct heap_ops heap_ops = {.lock = heap_lock, .unlock = heap_unlock};

    assert_ok(heap_init(&heap, &heap_ops, NULL, NULL, heap_memory, sizeof(heap_memory)));
    trial_memory = rpc_memory_of(&heap);
    rpc_lmp_server_init(&trial_server, &trial_memory, &rpc_own_slots);
    assert_ok(rpc_server_add(&trial_server.server, &trial_first));
    assert_ok(rpc_server_add(&trial_server.server, &trial_second));
    trial_serve(servers);
    trial_connect(&connection, &trial_first, &trial_target);
    trial_channel = rpc_connection_channel(&connection);
    trial_settle(servers);
}

void trial_begin(unsigned servers)
{
    static bool started;

    if (!started) {
        started = true;
        start(servers);
    }
    trial_channel = rpc_until(&trial_channel, trial_in(30000));
    slots_before = slot_free_count();
    blocks_before = heap_stats(&heap).blocks;
}

/* As at the beginning; a serving thread may still be putting away what it has just answered. */
static bool nothing_is_left(void)
{
    return slot_free_count() == slots_before && heap_stats(&heap).blocks == blocks_before &&
           trial_server.server.figures.clients == 0;
}

void trial_end(void)
{
    uint64_t sum;

    do {
        assert_ok(trial_add(&trial_channel, 1, 2, &sum)); /* what was sent before has arrived */
    } while (!nothing_is_left() && rt_now() < trial_channel.deadline);
    assert_int_equal(slot_free_count(), slots_before);
    assert_int_equal(heap_stats(&heap).blocks, blocks_before);
    assert_int_equal(trial_server.server.figures.clients, 0);
    assert_int_equal(rpc_server_check(&trial_server.server, rt_log_sink, NULL), 0);
}
