/* SPDX-License-Identifier: MIT */
#include <mudskipper/rpc/accept.h>
#include "channels_rpc.h"

#define ACCEPTING_STACK_BYTES 16384u

enum state { COMING, JOINED, ENDED };

/* A client. Once its bit is known to others, only serving threads end it: the last of those that have it in
 * hand. */
struct client {
    struct rpc_ump_process process;
    enum state state; /* these two: a->mutex */
    unsigned hands;
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

/* One thread less looks at it: the last one gives it back when it has ended. */
static void let_go(struct rpc_acceptor *a, struct client *c)
{
    bool last;

    mutex_lock(&a->mutex);
    c->hands--;
    last = c->state == ENDED && c->hands == 0;
    a->clients -= last;
    mutex_unlock(&a->mutex);
    if (last) {
        end(a, c);
    }
}

/* The next client, served from here on. */
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
    c->hands = 1; /* this thread's, until nothing is to be done with it here */
    e = rpc_ump_process_open(p, a->memory, a->slots, &a->ready);
    if (!err_ok(e)) {
        a->memory->release(a->memory->context, c, sizeof(*c));
        return e;
    }
    e = channels_accept(rpc_ump_core(), SLOT_ENDPOINT, p->woken.bit, &p->frame, &p->wake, &badge,
                        &p->channel);
    if (!err_ok(e)) {
        end(a, c);
        return e;
    }
    e = rpc_ump_process_join(p, a->server, badge);
    mutex_lock(&a->mutex);
    a->clients++;
    a->clients_ever++;
    c->state = err_ok(e) ? JOINED : ENDED; /* then this client learns that nobody is there */
    mutex_unlock(&a->mutex);
    notification_set(&p->woken); /* it may have called before */
    let_go(a, c);
    return OK;
}

static void run_accepting(void *argument)
{
    struct rpc_acceptor *a = argument;

    do {
        a->error = accept(a); /* an empty slot: the client has left while it was being accepted */
    } while (err_ok(a->error) || err_is(a->error, ERR_CAP_EMPTY_SLOT));
}

/* Something has happened to this client. One that is still coming is looked at when it has come. */
static void look_at(struct rpc_acceptor *a, struct client *c)
{
    enum state state;

    mutex_lock(&a->mutex);
    state = c->state;
    c->hands++;
    mutex_unlock(&a->mutex);
    c->process.end.side_by_side = a->threads > 1;
    if (state == JOINED && rpc_ump_serve(&c->process.end) == RPC_UMP_AGAIN) {
        notification_set(&c->process.woken); /* behind the others that are ready */
    }
    mutex_lock(&a->mutex);
    if (c->state == JOINED && c->process.end.ended) {
        c->state = ENDED;
    }
    mutex_unlock(&a->mutex);
    let_go(a, c);
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
