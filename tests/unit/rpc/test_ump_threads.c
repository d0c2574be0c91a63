/* SPDX-License-Identifier: MIT */
/* Calls through rings between threads of this host: many that call, one that serves, one that answers late.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <mudskipper/rpc/ump.h>
#include "demo_rpc.h"
#include "world.h"

#define CALLERS 6u
#define CALLS   300u
#define BYTES   4224u /* 64 lines */

/* ---- what a process has: locks, sleep, memory; nobody sends capabilities */

struct side {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct side *other;
    bool woken; /* changed under its mutex */
    pthread_mutex_t bell;
    pthread_cond_t rung;
};

static struct side at_client;
static struct side at_server;
static struct side at_lock;
static struct rpc_ump client;
static struct rpc_ump server_end;
static struct rpc_server server;
static _Alignas(UMP_LINE_BYTES) uint8_t to_server[BYTES];
static _Alignas(UMP_LINE_BYTES) uint8_t to_client[BYTES];
static atomic_bool over;
static atomic_size_t mistakes;

static void lock(void *context)
{
    pthread_mutex_lock(&((struct side *)context)->mutex);
}

/* Nobody changes what was locked any more: its walker finds nothing. Threads of ours cannot fail a test. */
static void unlock(void *context)
{
    struct side *side = context;

    if (side == &at_lock) {
        mistakes += rpc_server_check(&server, to_stderr, NULL);
    } else {
        mistakes += rpc_ump_check(side == &at_client ? &client : &server_end, to_stderr, NULL);
    }
    pthread_mutex_unlock(&side->mutex);
}

static void ring(struct side *side)
{
    pthread_mutex_lock(&side->bell);
    side->woken = true;
    pthread_cond_broadcast(&side->rung);
    pthread_mutex_unlock(&side->bell);
}

static void await_ring(struct side *side)
{
    pthread_mutex_lock(&side->bell);
    while (!side->woken) {
        pthread_cond_wait(&side->rung, &side->bell);
    }
    side->woken = false;
    pthread_mutex_unlock(&side->bell);
}

static err_t sleep(void *context, nanos_t deadline)
{
    (void)deadline;
    unlock(context);
    await_ring(context);
    lock(context);
    return OK;
}

static err_t wait(void *context, struct rpc_ump_waiter *waiter, nanos_t deadline)
{
    struct side *side = context;
    pthread_cond_t woken = PTHREAD_COND_INITIALIZER;

    (void)deadline;
    waiter->object = &woken;
    pthread_cond_wait(&woken, &side->mutex);
    waiter->object = NULL;
    pthread_cond_destroy(&woken);
    return OK;
}

static void rouse(void *context)
{
    ring(context);
}

static void signal(void *context, struct rpc_ump_waiter *waiter)
{
    (void)context;
    if (waiter->object != NULL) {
        pthread_cond_signal(waiter->object);
    }
}

static void wake_peer(void *context)
{
    ring(((struct side *)context)->other);
}

static err_t send_cap(void *context, cptr_t cap, struct rpc_ump_cap *as)
{
    (void)context;
    (void)as;
    return err_make(ERR_NOT_SUPPORTED, cap);
}

static err_t take_cap(void *context, const struct rpc_ump_cap *as, cptr_t slot)
{
    (void)context;
    (void)as;
    return err_make(ERR_NOT_SUPPORTED, slot);
}

static const struct rpc_ump_ops ops = {lock,   unlock,    sleep,    wait,    rouse,
                                       signal, wake_peer, send_cap, take_cap};

static atomic_int blocks;

static void *allocate(void *context, size_t bytes)
{
    (void)context;
    blocks++;
    return malloc(bytes);
}

static void release(void *context, void *block, size_t bytes)
{
    (void)context;
    (void)bytes;
    blocks--;
    free(block);
}

static cptr_t take(void *context)
{
    (void)context;
    return CPTR_NULL;
}

static const struct rpc_memory memory = {.allocate = allocate, .release = release};
static const struct rpc_slots slots = {.take = take};

/* ---- the service */

static struct {
    pthread_mutex_t mutex;
    struct rpc_request *kept[CALLERS];
    unsigned count;
} late = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static err_t add(void *context, struct rpc_request *request, uint64_t a, uint64_t b)
{
    (void)context;
    return demo_add_reply(request, a + b);
}

static err_t read(void *context, struct rpc_request *request, uint32_t count)
{
    uint8_t data[1000];

    (void)context;
    memset(data, (int)count, sizeof(data));
    return demo_read_reply(request, data, count);
}

static err_t later(void *context, struct rpc_request *request, uint64_t token)
{
    err_t e;

    (void)context;
    (void)token;
    pthread_mutex_lock(&late.mutex);
    e = rpc_keep(request, &late.kept[late.count]);
    late.count += err_ok(e);
    pthread_mutex_unlock(&late.mutex);
    return e;
}

static const struct demo_ops service_ops = {.add = add, .read = read, .later = later};
static struct rpc_service service = {.interface = &demo_interface, .ops = &service_ops, .number = 1};

static void *serve(void *unused)
{
    enum rpc_ump_state state;

    while ((state = rpc_ump_serve(&server_end)) != RPC_UMP_ENDED && !over) {
        if (state == RPC_UMP_IDLE) {
            await_ring(&at_server);
        }
    }
    return unused;
}

/* The last one that was kept first. */
static void *answer_late(void *unused)
{
    while (!over) {
        struct rpc_request *kept = NULL;

        pthread_mutex_lock(&late.mutex);
        if (late.count > 0) {
            kept = late.kept[--late.count];
        }
        pthread_mutex_unlock(&late.mutex);
        if (kept != NULL && !err_ok(demo_later_reply(kept, 4711))) {
            abort();
        }
        sched_yield();
    }
    return unused;
}

/* ---- callers */

static atomic_uint wrong;
static bool expect_end;

static void *call_often(void *number)
{
    struct rpc_channel channel = rpc_channel_of(&client.link);
    uint64_t me = (uintptr_t)number;
    uint8_t data[1000];
    uint64_t value;
    size_t bytes;
    err_t e = OK;

    for (uint64_t i = 0; i < CALLS && err_ok(e); i++) {
        e = demo_add(&channel, me, i, &value);
        wrong += err_ok(e) && value != me + i;
        if (err_ok(e) && i % 8 == me % 8) {
            e = demo_read(&channel, (uint32_t)(i * 3), data, sizeof(data), &bytes);
            wrong += err_ok(e) && (bytes != i * 3 || (bytes > 0 && data[bytes - 1] != (uint8_t)(i * 3)));
        }
        if (err_ok(e) && i % 16 == me % 16) {
            e = demo_later(&channel, i, &value);
            wrong += err_ok(e) && value != 4711;
        }
    }
    wrong += !err_ok(e) && !(expect_end && err_is(e, ERR_PEER_GONE));
    return NULL;
}

static void init_side(struct side *side, struct side *other)
{
    pthread_mutex_init(&side->mutex, NULL);
    pthread_mutex_init(&side->bell, NULL);
    pthread_cond_init(&side->rung, NULL);
    side->other = other;
    side->woken = false;
}

static int begin(void **state)
{
    static struct rpc_lock server_lock = {.lock = lock, .unlock = unlock, .context = &at_lock};
    struct rpc_ump_setup setup = {.bytes = BYTES, .ops = &ops, .memory = &memory, .slots = &slots};

    (void)state;
    over = false;
    wrong = 0;
    mistakes = 0;
    expect_end = false;
    memset(to_server, 0, sizeof(to_server));
    memset(to_client, 0, sizeof(to_client));
    init_side(&at_client, &at_server);
    init_side(&at_server, &at_client);
    init_side(&at_lock, NULL);
    rpc_server_init(&server, &server_lock, &memory, &slots);
    assert_true(err_ok(rpc_server_add(&server, &service)));
    setup.out = to_server;
    setup.in = to_client;
    setup.context = &at_client;
    assert_true(err_ok(rpc_ump_init(&client, &setup)));
    setup.out = to_client;
    setup.in = to_server;
    setup.context = &at_server;
    setup.server = &server;
    setup.badge = RPC_BADGE(1, 42);
    assert_true(err_ok(rpc_ump_init(&server_end, &setup)));
    return 0;
}

static void run(void (*meanwhile)(void))
{
    pthread_t callers[CALLERS];
    pthread_t serving;
    pthread_t answering;

    assert_int_equal(pthread_create(&serving, NULL, serve, NULL), 0);
    assert_int_equal(pthread_create(&answering, NULL, answer_late, NULL), 0);
    for (uintptr_t i = 0; i < CALLERS; i++) {
        assert_int_equal(pthread_create(&callers[i], NULL, call_often, (void *)i), 0);
    }
    if (meanwhile != NULL) {
        meanwhile();
    }
    for (unsigned i = 0; i < CALLERS; i++) {
        pthread_join(callers[i], NULL);
    }
    over = true;
    ring(&at_server);
    pthread_join(serving, NULL);
    pthread_join(answering, NULL);
    while (late.count > 0) {
        rpc_fail(late.kept[--late.count], err_make(ERR_CANCELLED, 0));
    }
    assert_int_equal(mistakes, 0);
    assert_int_equal(rpc_ump_check(&client, to_stderr, NULL), 0);
    assert_int_equal(rpc_ump_check(&server_end, to_stderr, NULL), 0);
    rpc_ump_close(&client);
    rpc_ump_close(&server_end);
    assert_int_equal(rpc_server_check(&server, to_stderr, NULL), 0);
    assert_int_equal(wrong, 0);
    assert_int_equal(blocks, 0);
}

/* RPC-UMP-060 */
static void threads_get_their_own_answers(void **state)
{
    (void)state;
    run(NULL);
    assert_int_equal(client.figures.late, 0);
}

static void hang_up(void)
{
    rpc_ump_close(&client);
}

/* RPC-UMP-061 */
static void closing_ends_the_calls_of_all_threads(void **state)
{
    (void)state;
    expect_end = true;
    run(hang_up);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(threads_get_their_own_answers, begin),
        cmocka_unit_test_setup(closing_ends_the_calls_of_all_threads, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
