/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <mudskipper/pure/hash.h>
#include "world.h"

void to_stderr(void *unused, const char *bytes, size_t count)
{
    (void)unused;
    fwrite(bytes, 1, count, stderr);
}

/* ---- memory and slots
 * ------------------------------------------------------------------------------------------------ */

static void *allocate(void *context, size_t bytes)
{
    struct world *w = context;

    if (w->allocations++ == w->fail_allocation || bytes > w->memory_room - w->bytes) {
        return NULL;
    }
    w->blocks++;
    w->bytes += bytes;
    return malloc(bytes);
}

static void release(void *context, void *block, size_t bytes)
{
    struct world *w = context;

    assert_non_null(block);
    assert_true(w->blocks > 0 && bytes <= w->bytes);
    w->blocks--;
    w->bytes -= bytes;
    memset(block, 0xdd, bytes); /* an overrun or a wrong size is seen by the checking tool */
    free(block);
}

static cptr_t take(void *context)
{
    struct world *w = context;

    if (w->slots_used == w->slots_room) {
        return CPTR_NULL;
    }
    for (cptr_t slot = 1; slot < WORLD_SLOTS; slot++) {
        if (!w->slot_used[slot]) {
            w->slot_used[slot] = true;
            w->slots_used++;
            assert_int_equal(w->objects[slot], 0);
            return slot;
        }
    }
    return CPTR_NULL;
}

static void give(void *context, cptr_t slot)
{
    struct world *w = context;

    assert_true(slot > 0 && slot < WORLD_SLOTS);
    assert_true(w->slot_used[slot]);
    w->slot_used[slot] = false;
    w->objects[slot] = 0;
    w->slots_used--;
}

static err_t copy(void *context, cptr_t from, cptr_t to)
{
    struct world *w = context;

    if (from >= WORLD_SLOTS || w->objects[from] == 0) {
        return err_make(ERR_CAP_EMPTY_SLOT, from);
    }
    assert_true(w->slot_used[to] && w->objects[to] == 0);
    w->objects[to] = w->objects[from];
    return OK;
}

/* ---- the kernel between them
 * ------------------------------------------------------------------------------------------ */

/* The object that goes along with a part, as the kernel would decide. */
static err_t send_cap(struct world *w, cptr_t cap, object_t *object)
{
    *object = 0;
    if (cap == CPTR_NULL) {
        return OK;
    }
    if (cap >= WORLD_SLOTS || w->objects[cap] == 0) {
        return err_make(ERR_CAP_EMPTY_SLOT, cap);
    }
    if (w->objects[cap] & OBJECT_NO_GRANT) {
        return err_make(ERR_CAP_MISSING_RIGHT, CAP_GRANT);
    }
    *object = w->objects[cap];
    return OK;
}

static cptr_t receive_cap(struct world *w, object_t object, cptr_t slot)
{
    if (object == 0 || slot == CPTR_NULL) {
        return CPTR_NULL;
    }
    assert_true(w->slot_used[slot] && w->objects[slot] == 0);
    if (w->revoked > 0 && --w->revoked == 0) {
        return CPTR_NULL;
    }
    w->objects[slot] = object;
    return slot;
}

static err_t answer(void *context, uint64_t handle, const struct rpc_part *part)
{
    struct world *w = context;
    struct world_call *call = &w->calls[handle];
    object_t object;
    err_t e;

    if (!call->open) {
        return err_make(ERR_MSG_NO_REPLY, 0);
    }
    e = send_cap(w, part->cap, &object);
    if (!err_ok(e)) {
        return e;
    }
    call->open = false;
    call->answered = true;
    call->answer = *part;
    call->answer.cap = object;
    return OK;
}

static err_t keep(void *context, uint64_t *handle)
{
    struct world *w = context;

    for (unsigned i = 1; i < ARRAY_LENGTH(w->calls); i++) {
        if (!w->calls[i].open && !w->calls[i].answered) {
            w->calls[i] = w->calls[0];
            w->calls[0].open = false;
            w->current = i;
            *handle = i;
            return OK;
        }
    }
    return err_make(ERR_CAP_SLOTS_EXHAUSTED, 0);
}

static void lock(void *context)
{
    assert_int_equal(((struct world *)context)->locked++, 0);
}

/* Nobody changes the server any more: the walker finds nothing. */
static void unlock(void *context)
{
    struct world *w = context;

    assert_int_equal(rpc_server_check(&w->server, to_stderr, NULL), 0);
    assert_int_equal(w->locked--, 1);
}

/* The server's loop: gets a part, perhaps with a capability, and serves it. */
static void serve(struct world *w, bool is_call, const struct rpc_part *sent, object_t object)
{
    struct rpc_part part = *sent;
    struct rpc_part reply;
    cptr_t slot = object != 0 ? take(w) : CPTR_NULL;

    part.cap = receive_cap(w, object, slot);
    part.cap_error = object != 0 && slot == CPTR_NULL ? err_make(ERR_MSG_NO_RECEIVE_SLOT, 0) : OK;
    if (part.cap == CPTR_NULL && slot != CPTR_NULL) {
        give(w, slot);
    }
    w->calls[0] = (struct world_call){.open = is_call};
    w->current = 0;
    w->calls_taken++;
    if (rpc_server_take(&w->server, &w->port, w->badge, is_call, &part, &reply)) {
        assert_int_equal(reply.cap, CPTR_NULL);
        assert_true(is_call);
        assert_true(err_ok(answer(w, 0, &reply)));
    }
}

/* The call that was just made: answered, or kept and answered meanwhile. */
static struct world_call *wait_for_answer(struct world *w)
{
    struct world_call *call = &w->calls[w->current];

    if (!call->answered && (w->wait == NULL || !w->wait(w) || !call->answered)) {
        return NULL;
    }
    return call;
}

static err_t exchange(struct rpc_link *link, struct rpc_part *part, cptr_t slot, nanos_t deadline)
{
    struct world *w = (struct world *)link;
    struct world_call *call;
    object_t object;
    err_t e = w->exchange_error;

    (void)deadline;
    w->exchanges++;
    w->exchange_error = OK;
    if (err_ok(e)) {
        e = send_cap(w, part->cap, &object);
    }
    if (!err_ok(e)) {
        return e;
    }
    if (w->on_request != NULL) {
        w->on_request(w, part);
    }
    serve(w, true, part, object);
    call = wait_for_answer(w);
    if (call == NULL) {
        return err_make(ERR_TIMEOUT, 0);
    }
    *part = call->answer;
    part->cap = receive_cap(w, call->answer.cap, slot);
    *call = (struct world_call){.open = false};
    if (w->on_answer != NULL) {
        w->on_answer(w, part);
    }
    return OK;
}

static void post(struct rpc_link *link, const struct rpc_part *part)
{
    struct world *w = (struct world *)link;

    w->posts++;
    if (!w->lose_posts) {
        serve(w, false, part, 0);
    }
}

static err_t call(struct rpc_link *link, struct rpc_call *rpc, nanos_t deadline)
{
    static const struct rpc_exchange by_fake = {.exchange = exchange, .post = post};
    struct world *w = (struct world *)link;

    rpc->id = w->next_call++;
    return rpc_parts_call(link, &by_fake, rpc, deadline);
}

/* ---- the world
 * ---------------------------------------------------------------------------------------------------- */

void world_restart_client(struct world *w)
{
    static const struct rpc_transport fake = {.call = call};

    rpc_link_init(&w->link, &fake, &w->memory, &w->slots);
    w->channel = rpc_channel_of(&w->link);
    w->next_call = 0;
}

void world_init(struct world *w)
{
    memset(w, 0, sizeof(*w));
    w->badge = WORLD_CLIENT;
    w->slots_room = WORLD_SLOTS - 1;
    w->memory_room = SIZE_MAX;
    w->fail_allocation = SIZE_MAX;
    w->exchange_error = OK;
    w->memory = (struct rpc_memory){allocate, release, w};
    w->slots = (struct rpc_slots){take, give, copy, w};
    w->port = (struct rpc_server_port){answer, keep, w};
    w->lock = (struct rpc_lock){lock, unlock, w};
    rpc_server_init(&w->server, &w->lock, &w->memory, &w->slots);
    w->service = (struct rpc_service){
        .interface = &demo_interface, .ops = &demo_ops, .context = w, .number = WORLD_SERVICE};
    assert_true(err_ok(rpc_server_add(&w->server, &w->service)));
    world_restart_client(w);
}

void world_check_empty(struct world *w, unsigned slots_left)
{
    assert_int_equal(rpc_server_check(&w->server, to_stderr, NULL), 0);
    assert_int_equal(w->server.figures.clients, 0);
    assert_int_equal(w->server.figures.bytes, 0);
    assert_int_equal(w->blocks, 0);
    assert_int_equal(w->bytes, 0);
    assert_int_equal(w->slots_used, slots_left);
    assert_int_equal(w->locked, 0);
}

cptr_t world_object(struct world *w, object_t object)
{
    cptr_t slot = take(w);

    assert_int_not_equal(slot, CPTR_NULL);
    w->objects[slot] = object;
    return slot;
}

void world_give(struct world *w, cptr_t slot)
{
    give(w, slot);
}

uint64_t world_random(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15ull;
    return hash_number(*state);
}
