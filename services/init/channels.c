/* SPDX-License-Identifier: MIT */
#include "channels.h"
#include <mudskipper/heap/heap.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include "channel_ends.h"
#include "channels_rpc.h"
#include "core_calls.h"
#include "lock.h"
#include "memory.h"
#include "peer_rpc.h"
#include "peers.h"
#include "processes.h"
#include "shared.h"
#include "work.h"

/* A client that waits to be accepted by a service of this core. */
struct client {
    struct list_node node; /* in `clients` */
    struct rpc_request *kept;
    cptr_t handle;           /* init's copy: when it is gone, so is the service */
    paddr_t endpoint;        /* of the service */
    uint64_t badge;          /* of its handle */
    struct channel_end *end; /* NULL: it is a process of another core, of whose end there came */
    coreid_t core;
    uint32_t number;
    cptr_t frame;
    cptr_t wake;
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

static void free_client(struct client *c)
{
    const cptr_t slots[] = {c->handle, c->frame, c->wake};

    list_remove(&c->node);
    for (unsigned i = 0; i < ARRAY_LENGTH(slots); i++) {
        if (slots[i] != CPTR_NULL) {
            slot_delete(slots[i]);
        }
    }
    heap_free(memory_heap(), c);
}

static void drop_client(struct client *c, err_t why)
{
    rpc_fail(c->kept, why);
    if (c->end != NULL) {
        end_drop(c->end, NULL);
    }
    free_client(c);
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

/* Both are told. What fails here, for want of memory, the server is told, too, and asks again. */
static err_t tell_server(struct server *s, const struct client *c, const struct channel_end *end)
{
    err_t e =
        channels_accept_reply(s->kept, end->slots + END_FRAME, end->slots + END_WAKE, c->badge, end->number);

    list_remove(&s->node);
    heap_free(memory_heap(), s);
    return e;
}

static void tell_client(struct client *c, struct channel_end *server)
{
    const struct channel_end *end = c->end;
    err_t e;

    if (end == NULL) {
        e = peer_channel_connect_reply(c->kept, server->slots + END_GIVEN, server->number);
        if (!err_ok(e)) {
            end_far_gone(server);
        }
    } else {
        e = channels_connect_reply(c->kept, end->slots + END_FRAME, end->slots + END_WAKE, end->number);
        if (!err_ok(e)) {
            end_drop(c->end, NULL); /* the server learns it from its rings */
        }
    }
    free_client(c);
}

/* The server's end of a channel to a process of another core, with what came from there. */
static err_t join_far(struct client *c, struct channel_end *server)
{
    err_t e = cap_copy(c->frame, server->slots + END_FRAME);

    if (err_ok(e)) {
        e = cap_copy(c->wake, server->slots + END_WAKE);
    }
    if (err_ok(e)) {
        server->far = true;
        server->crossed = true;
        server->far_core = c->core;
        server->far_number = c->number;
    }
    return e;
}

/* What fails is the client's misfortune: the memory is its own. */
static void join(struct client *c, struct server *s)
{
    struct channel_end *end;
    err_t e = end_make(s->process, s->bit, &end);

    if (err_ok(e)) {
        e = c->end != NULL ? end_join(c->end, end) : join_far(c, end);
        if (err_ok(e)) {
            e = cap_move(c->handle, end->slots + END_HANDLE);
            end->serves = err_ok(e);
        }
        if (!err_ok(e)) {
            end_drop(end, NULL);
        }
    }
    if (err_ok(e)) {
        e = tell_server(s, c, end);
        if (!err_ok(e)) {
            end_drop(end, NULL);
        }
    }
    if (err_ok(e)) {
        tell_client(c, end);
    } else {
        drop_client(c, e);
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
    if ((identity.rights & (CAP_IDENTIFY | CAP_WRITE)) != (CAP_IDENTIFY | CAP_WRITE)) {
        return err_make(ERR_CAP_MISSING_RIGHT,
                        CAP_IDENTIFY | CAP_WRITE); /* who may not send may not connect */
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

/* Whether somebody accepts channels there; it may be busy now. Whose memory has not been taken back yet still
 * has its Handles: PEER_GONE, and not NOT_SUPPORTED, for then its clients would have core servers carry
 * calls. */
static err_t check_accepts(paddr_t endpoint)
{
    bool ended = false;

    for (const struct process *p = processes_from(0); p != NULL; p = p->next) {
        if (p->accepts != 0 && (p->accepts == endpoint || p->serves == endpoint)) {
            if (!p->ended) {
                return OK;
            }
            ended = ended || !p->taken_back;
        }
    }
    return err_make(ended ? ERR_PEER_GONE : ERR_NOT_SUPPORTED, 0);
}

/* The client's end, its rings, and the call kept. */
static err_t begin(struct rpc_request *request, uint32_t bit, struct channel_end **end,
                   struct rpc_request **kept)
{
    err_t e = end_make(rpc_client(request), bit, end);

    if (!err_ok(e)) {
        return e;
    }
    e = end_make_rings(*end);
    if (err_ok(e)) {
        e = rpc_keep(request, kept);
    }
    if (!err_ok(e)) {
        end_drop(*end, NULL);
    }
    return e;
}

static err_t connect_near(struct rpc_request *request, cptr_t handle, uint32_t bit)
{
    struct client *c = heap_calloc(memory_heap(), 1, sizeof(*c));
    err_t e;

    if (c == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*c));
    }
    c->handle = handle;
    e = identify_handle(handle, &c->endpoint, &c->badge);
    if (err_ok(e)) {
        e = check_accepts(c->endpoint);
    }
    if (err_ok(e)) {
        e = begin(request, bit, &c->end, &c->kept);
    }
    if (!err_ok(e)) {
        heap_free(memory_heap(), c);
        return e;
    }
    rpc_take_cap(request, handle);
    list_push_back(&clients, &c->node);
    meet();
    return OK;
}

static err_t connect(void *context, struct rpc_request *request, cptr_t handle, uint32_t bit)
{
    struct cap_identity identity;
    struct channel_end *end;
    struct rpc_request *kept;
    err_t e = cap_identify(handle, &identity);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    if (identity.owner == rt_self()->core) {
        return connect_near(request, handle, bit);
    }
    e = begin(request, bit, &end, &kept);
    if (!err_ok(e)) {
        return e;
    }
    e = end_connect(end, handle, kept);
    if (err_ok(e)) {
        rpc_take_cap(request, handle);
    } else {
        rpc_fail(kept, e);
        end_drop(end, NULL);
    }
    return OK;
}

/* From another core: its handler has the lock. */
err_t channels_connect_far(struct rpc_request *request, cptr_t handle, cptr_t frame, cptr_t wake,
                           uint32_t number)
{
    struct client *c = heap_calloc(memory_heap(), 1, sizeof(*c));
    err_t e;

    if (c == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*c));
    }
    *c = (struct client){
        .core = rpc_client(request), .number = number, .handle = handle, .frame = frame, .wake = wake};
    e = identify_handle(handle, &c->endpoint, &c->badge);
    if (err_ok(e)) {
        e = check_accepts(c->endpoint);
    }
    if (err_ok(e)) {
        e = rpc_keep(request, &c->kept);
    }
    if (!err_ok(e)) {
        heap_free(memory_heap(), c);
        return e;
    }
    rpc_take_cap(request, handle);
    rpc_take_cap(request, frame);
    rpc_take_cap(request, wake);
    list_push_back(&clients, &c->node);
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
    struct process *p = processes_find(rpc_client(request));
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
    p->accepts = s->endpoint;
    list_push_back(&servers, &s->node);
    meet();
    return OK;
}

/* Nobody was told its number yet. */
static bool is_coming(const struct channel_end *end)
{
    LIST_FOREACH(n, &clients)
    {
        if (client_at(n)->end == end) {
            return true;
        }
    }
    return false;
}

static err_t announce(void *context, struct rpc_request *request, cptr_t endpoint)
{
    struct process *p = processes_find(rpc_client(request));
    paddr_t base;
    err_t e = identify_endpoint(endpoint, &base);

    (void)context;
    if (err_ok(e) && p != NULL) {
        p->accepts = base;
    }
    return e;
}

/* Answered when nothing is left of it; at once, when there is no memory to keep the call: it cannot be
 * refused. */
static err_t disconnect(void *context, struct rpc_request *request, uint32_t number)
{
    struct channel_end *end = end_find(rpc_client(request), number);
    struct rpc_request *kept;
    err_t e;

    (void)context;
    if (end == NULL || is_coming(end)) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    e = rpc_keep(request, &kept);
    end_drop(end, err_ok(e) ? kept : NULL);
    return OK;
}

/* ---- capabilities */

/* Something that waits for another core. */
struct crossing {
    struct later later;
    uint32_t process;
    uint32_t number;
    coreid_t core;
    uint32_t token;
    cptr_t cap;
    bool wanted;
};

static err_t put(uint32_t process, uint32_t number, cptr_t cap, uint32_t *token)
{
    struct channel_end *end = end_find(process, number);

    return end != NULL ? end_send(end, cap, token) : err_make(ERR_PEER_GONE, 0);
}

/* A capability of a third core: its owner has to agree. */
static void run_prepare(struct later *later)
{
    struct crossing *c = CONTAINER_OF(later, struct crossing, later);
    err_t e = shared_prepare(c->cap, c->core);

    core_lock();
    if (err_ok(e)) {
        e = put(c->process, c->number, c->cap, &c->token);
    }
    if (err_ok(e)) {
        e = channels_send_reply(later->request, c->token);
        (void)e;
    } else {
        slot_delete(c->cap);
        rpc_fail(later->request, e);
    }
    core_unlock();
    later_free(later);
}

static err_t send_far(struct rpc_request *request, const struct channel_end *end, cptr_t sent)
{
    struct crossing *c = later_make(sizeof(*c));

    if (c == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*c));
    }
    c->process = end->process;
    c->number = end->number;
    c->core = end->far_core;
    c->cap = sent;
    rpc_take_cap(request, sent);
    return later_start(&c->later, request, run_prepare);
}

static err_t send(void *context, struct rpc_request *request, uint32_t number, cptr_t sent)
{
    struct channel_end *end = end_find(rpc_client(request), number);
    struct cap_identity identity;
    uint32_t token;
    err_t e = end != NULL ? cap_identify(sent, &identity) : err_make(ERR_PEER_GONE, 0);

    (void)context;
    if (err_ok(e) && end->far && identity.owner != rt_self()->core && identity.owner != end->far_core) {
        return send_far(request, end, sent);
    }
    if (err_ok(e)) {
        e = end_send(end, sent, &token);
    }
    if (!err_ok(e)) {
        return e;
    }
    rpc_take_cap(request, sent);
    return channels_send_reply(request, token);
}

static void run_take(struct later *later)
{
    struct crossing *c = CONTAINER_OF(later, struct crossing, later);
    struct rpc_channel channel;
    cptr_t cap;
    err_t e = peers_channel(c->core, &channel);

    if (err_ok(e)) {
        e = peer_channel_take(&channel, c->number, c->token, &cap);
    }
    if (!err_ok(e)) {
        rpc_fail(later->request, e);
    } else {
        e = c->wanted ? channels_take_reply(later->request, cap) : rpc_reply_empty(later->request, OK);
        (void)e;
        slot_delete(cap);
    }
    later_free(later);
}

/* What the other end has sent; of no use (`wanted` false) it is only taken away. */
static err_t take_sent(struct rpc_request *request, uint32_t number, uint32_t token, bool wanted)
{
    struct channel_end *end = end_find(rpc_client(request), number);
    struct crossing *c;
    cptr_t cap;
    err_t e;

    if (end == NULL || (end->other == NULL && !end->far)) {
        return err_make(ERR_PEER_GONE, 0);
    }
    if (end->far) {
        c = later_make(sizeof(*c));
        if (c == NULL) {
            return err_make(ERR_NO_MEMORY, sizeof(*c));
        }
        c->core = end->far_core;
        c->number = end->far_number;
        c->token = token;
        c->wanted = wanted;
        return later_start(&c->later, request, run_take);
    }
    cap = end_take(end->other, token);
    if (cap == CPTR_NULL) {
        return err_make(ERR_NOT_FOUND, token);
    }
    e = wanted ? channels_take_reply(request, cap) : OK;
    slot_delete(cap);
    return e;
}

static err_t take(void *context, struct rpc_request *request, uint32_t number, uint32_t token)
{
    (void)context;
    return take_sent(request, number, token, true);
}

static err_t drop(void *context, struct rpc_request *request, uint32_t number, uint32_t token)
{
    (void)context;
    return take_sent(request, number, token, false);
}

/* From another core, likewise. */
err_t channels_take_far(struct rpc_request *request, uint32_t number, uint32_t token)
{
    struct channel_end *end = end_find_far(rpc_client(request), number);
    cptr_t cap;
    err_t e;

    if (end == NULL) {
        return err_make(ERR_PEER_GONE, 0);
    }
    cap = end_take(end, token);
    if (cap == CPTR_NULL) {
        return err_make(ERR_NOT_FOUND, token);
    }
    e = peer_channel_take_reply(request, cap);
    slot_delete(cap);
    return e;
}

void channels_gone_far(coreid_t core, uint32_t number)
{
    struct channel_end *end = end_find_far(core, number);
    struct channel_end *asking = end_find_asking(core, number);

    if (end != NULL) {
        end_far_gone(end);
    } else if (asking != NULL) {
        asking->gone_early = true; /* which is answered in another thread, after this */
    }
}

/* ---- processes end */

void channels_end_process(uint32_t process)
{
    struct channel_end *end;

    LIST_FOREACH_SAFE(n, &clients)
    {
        if (client_at(n)->end != NULL && client_at(n)->end->process == process) {
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
        end_drop(end, NULL);
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
    end_look_at_handles();
}

static const struct channels_ops ops = {.connect = connect,
                                        .accept = accept,
                                        .send = send,
                                        .take = take,
                                        .drop = drop,
                                        .disconnect = disconnect,
                                        .announce = announce};

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
