/* SPDX-License-Identifier: MIT */
/* Calls with many threads on either side, over either transport. */
#include <mudskipper/pure/hash.h>
#include <mudskipper/rt/slot.h>
#include "calls.h"

#define CLIENTS 24u /* more than a process can have messages under way */
#define KEPT    6u
#define ROUNDS  15u

static struct trial_thread clients[CLIENTS];
static uint8_t client_data[CLIENTS][3000];
static unsigned wrong;

/* Runs `body` in so many threads, with their numbers. */
static void start(unsigned count, void (*body)(void *number))
{
    wrong = 0;
    for (uintptr_t i = 0; i < count; i++) {
        thread_start(&clients[i].thread, "client", clients[i].stack, sizeof(clients[i].stack), body,
                     (void *)i);
    }
}

static void join(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        thread_join(&clients[i].thread);
    }
    assert_int_equal(wrong, 0);
}

static void mixed_calls(void *number)
{
    unsigned me = (unsigned)(uintptr_t)number;
    uint8_t *mine = client_data[me];

    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t bytes = (me * 977 + round * 131) % sizeof(client_data[0]);
        uint64_t sum = 0;
        uint64_t hash = 0;
        size_t got = 0;

        for (size_t i = 0; i < bytes; i++) {
            mine[i] = (uint8_t)(me + round + i);
        }
        wrong += !err_ok(trial_add(&trial_channel, me, round, &sum)) || sum != me + round;
        wrong += !err_ok(trial_write(&trial_channel, mine, bytes, &hash)) ||
                 hash != hash_fnv(HASH_FNV_START, mine, bytes);
        wrong += !err_ok(trial_read(&trial_channel, (uint32_t)bytes, mine, sizeof(client_data[0]), &got)) ||
                 got != bytes || (bytes > 0 && mine[bytes - 1] != trial_byte(bytes - 1));
    }
}

void many_threads_on_one_channel(void)
{
    trial_begin(TRIAL_SERVERS);
    start(CLIENTS, mixed_calls);
    join(CLIENTS);
    trial_end();
}

static struct rpc_channel waiting_channel;

static void wait_for_release(void *number)
{
    uint64_t token = (uintptr_t)number;
    uint64_t was = 0;

    wrong += !err_ok(trial_wait(&waiting_channel, token, &was)) || was != token;
}

void kept_calls(void)
{
    uint32_t released = 0;
    uint64_t sum;

    trial_begin(TRIAL_SERVERS);
    waiting_channel = trial_channel;
    start(KEPT, wait_for_release);
    while (trial_waiters < KEPT) {
        assert_ok(trial_add(&trial_channel, 1, 2, &sum)); /* others are served meanwhile */
    }
    assert_ok(trial_release(&trial_channel, &released));
    assert_int_equal(released, KEPT);
    join(KEPT);
    trial_end();
}

/* Both have made as many calls as the other when one waits for what the other causes. */
void a_client_with_two_connections(void)
{
    static struct rpc_connection connections[2];
    struct rpc_channel first;
    struct rpc_channel second;
    uint32_t released = 0;
    uint64_t sum;
    cptr_t slots[2];

    trial_begin(TRIAL_SERVERS);
    trial_connect(&connections[0], &trial_first, &slots[0]);
    trial_connect(&connections[1], &trial_first, &slots[1]);
    first = rpc_connection_channel(&connections[0]);
    second = rpc_connection_channel(&connections[1]);
    waiting_channel = rpc_until(&first, trial_in(30000));
    second = rpc_until(&second, trial_in(30000));
    start(1, wait_for_release);
    while (trial_waiters < 1) {
        assert_ok(trial_add(&trial_channel, 1, 2, &sum));
    }
    assert_ok(trial_release(&second, &released));
    assert_int_equal(released, 1);
    join(1);
    for (unsigned i = 0; i < 2; i++) {
        rpc_disconnect(&connections[i]);
        slot_delete(slots[i]);
    }
    trial_end();
}

static void meet_the_others(void *number)
{
    uint32_t met = 0;

    (void)number;
    wrong += !err_ok(trial_meet(&trial_channel, TRIAL_SERVERS, &met)) || met != TRIAL_SERVERS;
}

void handlers_run_side_by_side(void)
{
    trial_begin(TRIAL_SERVERS);
    for (unsigned round = 0; round < 20; round++) {
        assert_ok(trial_disband(&trial_channel));
        start(TRIAL_SERVERS, meet_the_others);
        join(TRIAL_SERVERS);
    }
    trial_end();
}

static void relay_some(void *number)
{
    uint64_t me = (uintptr_t)number;
    uint64_t sum = 0;

    for (uint64_t i = 0; i < 50; i++) {
        wrong += !err_ok(trial_relay(&trial_channel, me, i, &sum)) || sum != me + i;
    }
}

void handlers_call_their_own_service(void)
{
    trial_begin(TRIAL_SERVERS);
    start(TRIAL_SERVERS - 1, relay_some); /* one thread has to be left to answer the others */
    join(TRIAL_SERVERS - 1);
    trial_end();
}
