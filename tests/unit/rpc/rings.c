/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "rings.h"

static void lock(void *context)
{
    assert_int_equal(((struct side *)context)->locked++, 0);
}

/* Nobody changes the end any more: the walker finds nothing. */
static void unlock(void *context)
{
    struct side *side = context;

    assert_int_equal(rpc_ump_check(side->end, to_stderr, NULL), 0);
    assert_int_equal(side->locked--, 1);
}

bool rings_serve(struct rings *r)
{
    bool did = false;
    enum rpc_ump_state state;

    if (r->at_server.asleep && r->at_server.wakes == 0) {
        return false; /* a lost wake-up would end here */
    }
    r->at_server.wakes = 0;
    while ((state = rpc_ump_serve(&r->server)) == RPC_UMP_AGAIN) {
        did = true;
        if (r->on_served != NULL) {
            r->on_served(r);
        }
    }
    r->at_server.asleep = state == RPC_UMP_IDLE;
    return did;
}

/* The client's. */
static err_t sleep(void *context, nanos_t deadline)
{
    struct side *side = context;
    struct rings *r = side->rings;

    (void)deadline;
    unlock(side);
    r->sleeps++;
    if (r->on_sleep != NULL) {
        r->on_sleep(r);
    }
    (void)rings_serve(r);
    if (side->wakes == 0 && r->w->wait != NULL) {
        (void)r->w->wait(r->w);
    }
    lock(side);
    if (side->wakes == 0) {
        return r->silent ? err_make(ERR_PEER_GONE, 7) : err_make(ERR_TIMEOUT, 0);
    }
    side->wakes = 0;
    return OK;
}

static err_t no_other_thread(void *context, struct rpc_ump_waiter *waiter, nanos_t deadline)
{
    (void)context;
    (void)waiter;
    (void)deadline;
    fail_msg("there is one thread only");
    return err_make(ERR_TIMEOUT, 0);
}

static void rouse(void *context)
{
    struct side *side = context;

    assert_int_equal(side->locked, 1);
    side->wakes++;
}

static void signal(void *context, struct rpc_ump_waiter *waiter)
{
    assert_int_equal(((struct side *)context)->locked, 1);
    assert_null(waiter->object);
}

static void wake_peer(void *context)
{
    struct side *side = context;

    assert_int_equal(side->locked, 1);
    side->other->wakes++;
}

static err_t send_cap(void *context, cptr_t cap, struct rpc_ump_cap *as)
{
    struct side *side = context;
    struct rings *r = side->rings;
    object_t object;

    assert_int_equal(side->locked, 0);
    if (r->caps_sent++ == r->fail_send) {
        return err_make(ERR_NO_MEMORY, 77);
    }
    if (cap >= WORLD_SLOTS || r->w->objects[cap] == 0) {
        return err_make(ERR_CAP_EMPTY_SLOT, cap);
    }
    object = r->w->objects[cap];
    if (object & OBJECT_NO_GRANT) {
        return err_make(ERR_CAP_MISSING_RIGHT, CAP_GRANT);
    }
    for (unsigned i = 0; i < RINGS_TOKENS; i++) {
        if (r->tokens[i] == 0) {
            r->tokens[i] = object;
            r->on_the_way++;
            as->words[0] = i;
            as->words[1] = ~(uint64_t)i;
            as->count = 2;
            return OK;
        }
    }
    return err_make(ERR_LIMIT, RINGS_TOKENS);
}

static err_t take_cap(void *context, const struct rpc_ump_cap *as, cptr_t slot)
{
    struct side *side = context;
    struct rings *r = side->rings;
    uint64_t token = as->words[0];

    assert_int_equal(side->locked, 0);
    if (as->count != 2 || token >= RINGS_TOKENS || as->words[1] != ~token || r->tokens[token] == 0) {
        return err_make(ERR_NOT_FOUND, token);
    }
    if (slot != CPTR_NULL && r->caps_taken++ == r->fail_take) {
        slot = CPTR_NULL;
    }
    if (slot != CPTR_NULL) {
        assert_true(r->w->slot_used[slot] && r->w->objects[slot] == 0);
        r->w->objects[slot] = r->tokens[token];
    }
    r->tokens[token] = 0;
    r->on_the_way--;
    return slot != CPTR_NULL ? OK : err_make(ERR_NO_MEMORY, 78);
}

static const struct rpc_ump_ops ops = {.lock = lock,
                                       .unlock = unlock,
                                       .sleep = sleep,
                                       .wait = no_other_thread,
                                       .rouse = rouse,
                                       .signal = signal,
                                       .wake_peer = wake_peer,
                                       .send_cap = send_cap,
                                       .take_cap = take_cap};

void rings_init(struct rings *r, struct world *w, unsigned lines)
{
    uint64_t bytes = (lines + UMP_HEAD_LINES) * UMP_LINE_BYTES;
    struct rpc_ump_setup setup = {.bytes = bytes, .ops = &ops, .memory = &w->memory, .slots = &w->slots};

    assert_true(lines <= RINGS_LINES_MAX);
    memset(r, 0, sizeof(*r));
    r->w = w;
    r->fail_send = UINT_MAX;
    r->fail_take = UINT_MAX;
    r->at_client = (struct side){.rings = r, .other = &r->at_server, .end = &r->client};
    r->at_server = (struct side){.rings = r, .other = &r->at_client, .end = &r->server};
    setup.gone = &r->gone;
    setup.out = r->to_server;
    setup.in = r->to_client;
    setup.context = &r->at_client;
    assert_true(err_ok(rpc_ump_init(&r->client, &setup)));
    setup.out = r->to_client;
    setup.in = r->to_server;
    setup.context = &r->at_server;
    setup.server = &w->server;
    setup.badge = w->badge;
    assert_true(err_ok(rpc_ump_init(&r->server, &setup)));
    r->channel = rpc_channel_of(&r->client.link);
    w->channel = r->channel;
}

void rings_end(struct rings *r)
{
    assert_int_equal(rpc_ump_check(&r->client, to_stderr, NULL), 0);
    assert_int_equal(rpc_ump_check(&r->server, to_stderr, NULL), 0);
    rpc_ump_close(&r->client);
    rpc_ump_close(&r->server);
    assert_int_equal(rpc_ump_check(&r->client, to_stderr, NULL), 0);
    assert_int_equal(rpc_ump_check(&r->server, to_stderr, NULL), 0);
    assert_int_equal(r->at_client.locked + r->at_server.locked, 0);
}
