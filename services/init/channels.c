/* SPDX-License-Identifier: MIT */
#include "channels.h"
#include <mudskipper/heap/heap.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "channel_ends.h"
#include "channels_rpc.h"
#include "core_calls.h"
#include "lock.h"
#include "memory.h"
#include "processes.h"

/* A client that waits to be accepted. */
struct client {
    struct list_node node; /* in `clients` */
    struct rpc_request *kept;
    cptr_t handle;    /* init's copy: when it is gone, so is the service */
    paddr_t endpoint; /* of the service */
    uint64_t badge;   /* of its handle */
    struct channel_end *end;
};

/* A server that waits for a client. */
struct server {
    struct list_node node; /* in `servers` */
    struct rpc_request *kept;
    uint32_t process;
    uint32_t bit;
    paddr_t endpoint; /* its own */
    paddr_t serves;   /* the one of init's that it was started with; 0: none */
};

static struct list clients = LIST_INITIAL(clients);
static struct list servers = LIST_INITIAL(servers);

static struct client *client_at(struct list_node *n)
{
    return CONTAINER_OF(n, struct client, node);
}

static struct server *server_at(struct list_node *n)
{
    return CONTAINER_OF(n, struct server, node);
}

/* ---- leaving: the call ends, nothing is left */

static void drop_client(struct client *c, err_t why)
{
    list_remove(&c->node);
    rpc_fail(c->kept, why);
    slot_delete(c->handle);
    end_drop(c->end);
    heap_free(memory_heap(), c);
}

static void drop_server(struct server *s, err_t why)
{
    list_remove(&s->node);
    rpc_fail(s->kept, why);
    heap_free(memory_heap(), s);
}

static void drop_cancelled(void)
{
    LIST_FOREACH_SAFE(n, &clients)
    {
        if (rpc_is_cancelled(client_at(n)->kept)) {
            drop_client(client_at(n), err_make(ERR_CANCELLED, 0));
        }
    }
    LIST_FOREACH_SAFE(n, &servers)
    {
        if (rpc_is_cancelled(server_at(n)->kept)) {
            drop_server(server_at(n), err_make(ERR_CANCELLED, 0));
        }
    }
}

/* ---- meeting */

static struct server *server_for(paddr_t endpoint)
{
    LIST_FOREACH(n, &servers)
    {
        if (server_at(n)->endpoint == endpoint || server_at(n)->serves == endpoint) {
            return server_at(n);
        }
    }
    return NULL;
}

/* Both are told. A server that cannot be told is gone, or soon will be; its client waits for the next. */
static bool tell_server(struct server *s, const struct client *c, const struct channel_end *end)
{
    err_t e =
        channels_accept_reply(s->kept, end->slots + END_FRAME, end->slots + END_WAKE, c->badge, end->number);

    list_remove(&s->node);
    heap_free(memory_heap(), s);
    return err_ok(e);
}

static void tell_client(struct client *c)
{
    const struct channel_end *end = c->end;
    err_t e = channels_connect_reply(c->kept, end->slots + END_FRAME, end->slots + END_WAKE, end->number);

    if (!err_ok(e)) {
        end_drop(c->end); /* the server learns it from its rings */
    }
    list_remove(&c->node);
    slot_delete(c->handle);
    heap_free(memory_heap(), c);
}

/* What fails is the client's misfortune: the memory is its own. */
static void join(struct client *c, struct server *s)
{
    struct channel_end *end;
    err_t e = end_make(s->process, s->bit, &end);

    if (err_ok(e)) {
        e = end_join(c->end, end);
        if (!err_ok(e)) {
            end_drop(end);
        }
    }
    if (!err_ok(e)) {
        drop_client(c, e);
    } else if (tell_server(s, c, end)) {
        tell_client(c);
    } else {
        end_drop(end);
        drop_client(c, err_make(ERR_PEER_GONE, 0));
    }
}

static void meet(void)
{
    drop_cancelled();
    LIST_FOREACH_SAFE(n, &clients)
    {
        struct server *s = server_for(client_at(n)->endpoint);

        if (s != NULL) {
            join(client_at(n), s);
        }
    }
}

/* ---- connecting and accepting */

/* Which endpoint a handle leads to, and what a server at it sees. */
static err_t identify_handle(cptr_t handle, paddr_t *endpoint, uint64_t *badge)
{
    struct cap_identity identity;
    err_t e = cap_identify(handle, &identity);

    if (!err_ok(e)) {
        return e;
    }
    if (!(identity.rights & CAP_IDENTIFY)) {
        return err_make(ERR_CAP_MISSING_RIGHT, CAP_IDENTIFY);
    }
    *endpoint = identity.base;
    switch (identity.type) {
    case CAP_TYPE_HANDLE:
        *badge = RPC_BADGE(identity.words[0], identity.words[1]);
        return OK;
    case CAP_TYPE_ENDPOINT_LMP:
        *badge = identity.words[0];
        return *badge != 0 ? OK : err_make(ERR_BAD_ARGUMENT, 1);
    default:
        return err_make(ERR_CAP_WRONG_TYPE, 0);
    }
}

static err_t keep_client(struct rpc_request *request, struct client *c, uint32_t bit)
{
    err_t e = end_make(rpc_client(request), bit, &c->end);

    if (!err_ok(e)) {
        return e;
    }
    e = end_make_rings(c->end);
    if (err_ok(e)) {
        e = rpc_keep(request, &c->kept);
    }
    if (!err_ok(e)) {
        end_drop(c->end);
        return e;
    }
    list_push_back(&clients, &c->node);
    return OK;
}

static err_t connect(void *context, struct rpc_request *request, cptr_t handle, uint32_t bit)
{
    struct client *c = heap_calloc(memory_heap(), 1, sizeof(*c));
    err_t e;

    (void)context;
    if (c == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*c));
    }
    c->handle = handle;
    e = identify_handle(handle, &c->endpoint, &c->badge);
    if (err_ok(e)) {
        e = keep_client(request, c, bit);
    }
    if (!err_ok(e)) {
        heap_free(memory_heap(), c);
        return e;
    }
    rpc_take_cap(request, handle);
    meet();
    return OK;
}

/* Only who has the endpoint itself serves at it. */
static err_t identify_endpoint(cptr_t endpoint, paddr_t *base)
{
    struct cap_identity identity;
    err_t e = cap_identify(endpoint, &identity);

    if (err_ok(e) && (identity.type != CAP_TYPE_ENDPOINT_LMP || identity.words[0] != 0)) {
        e = err_make(ERR_CAP_WRONG_TYPE, 0);
    }
    if (err_ok(e) && (identity.rights & (CAP_READ | CAP_IDENTIFY)) != (CAP_READ | CAP_IDENTIFY)) {
        e = err_make(ERR_CAP_MISSING_RIGHT, CAP_READ | CAP_IDENTIFY);
    }
    *base = identity.base;
    return e;
}

static err_t accept(void *context, struct rpc_request *request, cptr_t endpoint, uint32_t bit)
{
    const struct process *p = processes_find(rpc_client(request));
    struct server *s = p != NULL ? heap_malloc(memory_heap(), sizeof(*s)) : NULL;
    err_t e;

    (void)context;
    if (s == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*s));
    }
    s->process = p->number;
    s->serves = p->serves;
    s->bit = bit;
    e = identify_endpoint(endpoint, &s->endpoint);
    if (err_ok(e)) {
        e = rpc_keep(request, &s->kept);
    }
    if (!err_ok(e)) {
        heap_free(memory_heap(), s);
        return e;
    }
    list_push_back(&servers, &s->node);
    meet();
    return OK;
}

static err_t disconnect(void *context, struct rpc_request *request, uint32_t number)
{
    struct channel_end *end = end_find(rpc_client(request), number);

    (void)context;
    if (end == NULL) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    end_drop(end);
    return OK;
}

/* ---- capabilities */

static err_t send(void *context, struct rpc_request *request, uint32_t number, cptr_t sent)
{
    struct channel_end *end = end_find(rpc_client(request), number);
    uint32_t token;
    err_t e = end != NULL ? end_send(end, sent, &token) : err_make(ERR_NOT_FOUND, 0);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    rpc_take_cap(request, sent);
    return channels_send_reply(request, token);
}

/* What the other end has sent; the caller deletes it. */
static err_t take_from_other(struct rpc_request *request, uint32_t number, uint32_t token, cptr_t *cap)
{
    struct channel_end *end = end_find(rpc_client(request), number);

    if (end == NULL) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    if (end->other == NULL) {
        return err_make(ERR_PEER_GONE, 0);
    }
    *cap = end_take(end->other, token);
    return *cap != CPTR_NULL ? OK : err_make(ERR_NOT_FOUND, token);
}

static err_t take(void *context, struct rpc_request *request, uint32_t number, uint32_t token)
{
    cptr_t cap;
    err_t e = take_from_other(request, number, token, &cap);

    (void)context;
    if (err_ok(e)) {
        e = channels_take_reply(request, cap);
        slot_delete(cap);
    }
    return e;
}

static err_t drop(void *context, struct rpc_request *request, uint32_t number, uint32_t token)
{
    cptr_t cap;
    err_t e = take_from_other(request, number, token, &cap);

    (void)context;
    if (err_ok(e)) {
        slot_delete(cap);
    }
    return e;
}

/* ---- processes end */

void channels_end_process(uint32_t process)
{
    struct channel_end *end;

    LIST_FOREACH_SAFE(n, &clients)
    {
        if (client_at(n)->end->process == process) {
            drop_client(client_at(n), err_make(ERR_CANCELLED, 0));
        }
    }
    LIST_FOREACH_SAFE(n, &servers)
    {
        if (server_at(n)->process == process) {
            drop_server(server_at(n), err_make(ERR_CANCELLED, 0));
        }
    }
    while ((end = end_of_process(process)) != NULL) {
        end_drop(end);
    }
}

void channels_look(void)
{
    struct cap_identity identity;

    LIST_FOREACH_SAFE(n, &clients)
    {
        if (!err_ok(cap_identify(client_at(n)->handle, &identity))) {
            drop_client(client_at(n), err_make(ERR_PEER_GONE, 0));
        }
    }
}

static const struct channels_ops ops = {
    .connect = connect, .accept = accept, .send = send, .take = take, .drop = drop, .disconnect = disconnect};

/* All of them with init's lock. */
static err_t dispatch(const void *table, void *context, struct rpc_request *request)
{
    err_t e;

    core_lock();
    e = channels_interface.dispatch(table, context, request);
    core_unlock();
    return e;
}

static struct rpc_interface interface;
static struct rpc_service service = {.interface = &interface, .ops = &ops, .number = SERVICE_CHANNELS};

struct rpc_service *channels_service(void)
{
    interface = channels_interface;
    interface.dispatch = dispatch;
    return &service;
}
