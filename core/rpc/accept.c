/* SPDX-License-Identifier: MIT */
#include <mudskipper/rpc/accept.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include "channels_rpc.h"

#define ACCEPTING_STACK_BYTES 16384u

/* What is missing now may be there a while later; clients wait meanwhile. */
#define PAUSE_FIRST ((nanos_t)1000 * 1000)
#define PAUSE_MAX   ((nanos_t)1000 * 1000 * 1000)

enum state { COMING, JOINED, ENDED };

/* A client. Once its bit is known to others, only serving threads end it: the last of those that have its
 * notification in hand. */
struct client {
    struct rpc_ump_process process;
    enum state state; /* a->mutex */
};

static struct client *client_of(struct notification *n)
{
    return CONTAINER_OF(n, struct client, process.woken);
}

static void end(struct rpc_acceptor *a, struct client *c)
{
    rpc_ump_process_close(&c->process);
    a->memory->release(a->memory->context, c, sizeof(*c));
}

/* From here on serving threads have the client: they end it, if that is what is to be done, as soon as the
 * mutex is free. */
static void hand_over(struct rpc_acceptor *a, struct client *c, enum state state)
{
    mutex_lock(&a->mutex);
    a->clients++;
    a->clients_ever += state == JOINED;
    c->state = state;
    notification_set(&c->process.woken); /* it may have called before */
    mutex_unlock(&a->mutex);
}

/* The next client. An error: there is none. */
static err_t accept(struct rpc_acceptor *a)
{
    struct client *c = a->memory->allocate(a->memory->context, sizeof(*c));
    struct rpc_ump_process *p;
    uint64_t badge;
    err_t e;

    if (c == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*c));
    }
    p = &c->process;
    c->state = COMING;
    e = rpc_ump_process_open(p, a->memory, a->slots, &a->ready);
    if (!err_ok(e)) {
        a->memory->release(a->memory->context, c, sizeof(*c));
        return e;
    }
    e = channels_accept(rpc_ump_core(), SLOT_ENDPOINT, p->woken.bit, &p->frame, &p->wake, &badge,
                        &p->channel);
    if (!err_ok(e)) {
        hand_over(a, c, ENDED); /* the bit may have been set already */
        return e;
    }
    e = rpc_ump_process_join(p, a->server, badge);
    hand_over(a, c, err_ok(e) ? JOINED : ENDED); /* then this client learns that nobody is there */
    return OK;
}

/* Whether there is an endpoint to accept at. */
static bool has_endpoint(void)
{
    struct cap_identity endpoint;

    return err_ok(cap_identify(SLOT_ENDPOINT, &endpoint));
}

static void run_accepting(void *argument)
{
    struct rpc_acceptor *a = argument;
    nanos_t pause = PAUSE_FIRST;

    do {
        a->error = accept(a);
        if (err_ok(a->error)) {
            pause = PAUSE_FIRST;
        } else if (!err_is(a->error, ERR_MSG_CAP_GONE)) { /* a client that has left while it was accepted */
            thread_sleep_until(rt_now() + pause);
            pause = pause < PAUSE_MAX / 2 ? 2 * pause : PAUSE_MAX;
        }
    } while (err_ok(a->error) ||
             (has_endpoint() && !err_is(a->error, ERR_PEER_GONE))); /* the core server's end */
}

/* Something has happened to this client, which is in our hand. One that is still coming is looked at when it
 * has come. */
static void look_at(struct rpc_acceptor *a, struct client *c)
{
    enum state state;

    mutex_lock(&a->mutex);
    state = c->state;
    mutex_unlock(&a->mutex);
    if (state == JOINED) {
        c->process.end.side_by_side = a->threads > 1;
        if (rpc_ump_serve(&c->process.end) == RPC_UMP_AGAIN) {
            notification_set(&c->process.woken); /* behind the others that are ready */
        }
    }
    if (notification_put(&c->process.woken, state == ENDED || (state == JOINED && c->process.end.ended))) {
        mutex_lock(&a->mutex);
        a->clients--;
        mutex_unlock(&a->mutex);
        end(a, c);
    }
}

void rpc_accept_serve(struct rpc_acceptor *a)
{
    mutex_lock(&a->mutex);
    a->threads++;
    mutex_unlock(&a->mutex);
    for (;;) {
        look_at(a, client_of(notification_wait_any(&a->ready, NANOS_NEVER)));
    }
}

static void run_serving(void *argument)
{
    rpc_accept_serve(argument);
}

err_t rpc_accept_announce(void)
{
    return channels_announce(rpc_ump_core(), SLOT_ENDPOINT);
}

err_t rpc_accept(struct rpc_acceptor *a, struct rpc_server *server, const struct rpc_memory *memory,
                 const struct rpc_slots *slots)
{
    uint8_t *stacks =
        memory->allocate(memory->context, ACCEPTING_STACK_BYTES + (size_t)RPC_ACCEPT_STACK_BYTES);

    if (stacks == NULL) {
        return err_make(ERR_NO_MEMORY, ACCEPTING_STACK_BYTES + RPC_ACCEPT_STACK_BYTES);
    }
    *a = (struct rpc_acceptor){.server = server, .memory = memory, .slots = slots, .error = OK};
    mutex_init(&a->mutex);
    notification_group_init(&a->ready);
    thread_start(&a->serving, "serve", stacks, RPC_ACCEPT_STACK_BYTES, run_serving, a);
    thread_start(&a->accepting, "accept", stacks + RPC_ACCEPT_STACK_BYTES, ACCEPTING_STACK_BYTES,
                 run_accepting, a);
    return OK;
}
