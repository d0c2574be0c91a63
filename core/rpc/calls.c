/* SPDX-License-Identifier: MIT */
#include "calls.h"
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/walker.h>

static struct client *client_of(const struct tree_node *n)
{
    return CONTAINER_OF(n, struct client, node);
}

static struct rpc_stored *stored_of(const struct tree_node *n)
{
    return CONTAINER_OF(n, struct rpc_stored, node);
}

static int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_origin(const void *key, const struct tree_node *n)
{
    const struct origin *from = key;
    const struct origin *other = &client_of(n)->from;
    int by_badge = compare(from->badge, other->badge);

    return by_badge != 0 ? by_badge : compare((uintptr_t)from->port, (uintptr_t)other->port);
}

static int compare_clients(const struct tree_node *a, const struct tree_node *b)
{
    return compare_origin(&client_of(a)->from, b);
}

static int compare_calls(const struct tree_node *a, const struct tree_node *b)
{
    return compare(stored_of(a)->call, stored_of(b)->call);
}

static int compare_id(const void *call, const struct tree_node *n)
{
    return compare(*(const uint32_t *)call, stored_of(n)->call);
}

void calls_init(struct rpc_server *server)
{
    tree_init(&server->clients, NULL);
}

static struct client *find_client(struct rpc_server *server, struct origin from)
{
    struct tree_node *n = tree_find(&server->clients, &from, compare_origin);

    return n != NULL ? client_of(n) : NULL;
}

struct rpc_stored *calls_find(struct rpc_server *server, struct origin from, uint32_t call)
{
    struct client *client = find_client(server, from);
    struct tree_node *n = client != NULL ? tree_find(&client->calls, &call, compare_id) : NULL;

    return n != NULL ? stored_of(n) : NULL;
}

static void *allocate(struct rpc_server *server, size_t bytes)
{
    return server->memory->allocate(server->memory->context, bytes);
}

static void release(struct rpc_server *server, void *block, size_t bytes)
{
    server->memory->release(server->memory->context, block, bytes);
}

static struct client *make_client(struct rpc_server *server, struct origin from)
{
    struct client *client = allocate(server, sizeof(*client));

    if (client != NULL) {
        *client = (struct client){.from = from};
        tree_init(&client->calls, NULL);
        list_init(&client->kept);
        tree_insert(&server->clients, &client->node, compare_clients);
        server->figures.clients++;
    }
    return client;
}

static void free_client(struct rpc_server *server, struct client *client)
{
    tree_remove(&server->clients, &client->node);
    release(server, client, sizeof(*client));
    server->figures.clients--;
}

/* The parts of the block behind the struct. */
static void lay_out(struct rpc_stored *s, const struct rpc_header *header)
{
    s->bytes = header->bytes;
    s->caps = header->caps;
    s->cap = (cptr_t *)(s + 1);
    s->payload = (uint8_t *)(s->cap + s->caps);
    mem_set(s->cap, 0, s->caps * sizeof(s->cap[0]));
}

/* Whether a client, NULL: one that has nothing here, may have so much more. */
static err_t check_limits(const struct rpc_server *server, const struct client *client, size_t bytes,
                          size_t slots)
{
    bytes += client != NULL ? client->bytes : 0;
    slots += client != NULL ? client->slots : 0;
    if (bytes > server->client_bytes) {
        return err_make(ERR_LIMIT, server->client_bytes);
    }
    return slots > server->client_slots ? err_make(ERR_LIMIT, server->client_slots) : OK;
}

err_t calls_add(struct rpc_server *server, enum stored_state state, struct origin from,
                const struct rpc_header *header, struct rpc_stored **stored)
{
    size_t bytes = sizeof(**stored) + header->caps * sizeof(cptr_t) + header->bytes;
    size_t slots = header->caps + (state == STORED_KEPT);
    struct client *client;
    struct rpc_stored *s;
    err_t e;

    calls_drop(server, calls_find(server, from, header->call));
    client = find_client(server, from);
    e = check_limits(server, client, bytes, slots);
    if (!err_ok(e)) {
        return e;
    }
    client = client != NULL ? client : make_client(server, from);
    s = client != NULL ? allocate(server, bytes) : NULL;
    if (s == NULL) {
        if (client != NULL && client->objects == 0) {
            free_client(server, client);
        }
        return err_make(ERR_NO_MEMORY, 0);
    }
    *s = (struct rpc_stored){.client = client,
                             .object_bytes = bytes,
                             .slots = slots,
                             .call = header->call,
                             .method = header->method,
                             .state = (uint8_t)state};
    lay_out(s, header);
    client->bytes += bytes;
    client->slots += slots;
    client->objects++;
    server->figures.bytes += bytes;
    tree_insert(&client->calls, &s->node, compare_calls);
    if (state == STORED_KEPT) {
        s->port = from.port;
        list_push_back(&client->kept, &s->kept_node);
    }
    *stored = s;
    return OK;
}

void calls_unlink(struct rpc_stored *stored)
{
    if (tree_linked(&stored->node)) {
        tree_remove(&stored->client->calls, &stored->node);
    }
}

void calls_free(struct rpc_server *server, struct rpc_stored *stored)
{
    struct client *client = stored->client;

    calls_unlink(stored);
    list_remove(&stored->kept_node);
    for (unsigned i = 0; i < stored->caps; i++) {
        if (stored->cap[i] != CPTR_NULL) {
            server->slots->give(server->slots->context, stored->cap[i]);
        }
    }
    client->bytes -= stored->object_bytes;
    client->slots -= stored->slots;
    client->objects--;
    server->figures.bytes -= stored->object_bytes;
    release(server, stored, stored->object_bytes);
    if (client->objects == 0) {
        free_client(server, client);
    }
}

void calls_drop(struct rpc_server *server, struct rpc_stored *stored)
{
    if (stored == NULL) {
        return;
    }
    if (stored->state == STORED_KEPT) {
        stored->cancelled = true;
        calls_unlink(stored);
    } else {
        calls_free(server, stored);
    }
}

/* One at a time, found anew: the client goes with its last. */
static void forget(struct rpc_server *server, struct origin from)
{
    struct client *client;

    while ((client = find_client(server, from)) != NULL && tree_first(&client->calls) != NULL) {
        calls_drop(server, stored_of(tree_first(&client->calls)));
    }
}

/* All clients with badges from `first` to `last`. */
static void forget_all(struct rpc_server *server, uint64_t first, uint64_t last)
{
    struct origin from = {NULL, first};
    struct tree_node *n = tree_at_least(&server->clients, &from, compare_origin);

    while (n != NULL && client_of(n)->from.badge <= last) {
        struct tree_node *next = tree_next(n);

        forget(server, client_of(n)->from); /* with the last of its calls, the client */
        n = next;
    }
}

void rpc_server_forget(struct rpc_server *server, uint64_t badge)
{
    server->lock->lock(server->lock->context);
    forget_all(server, badge, badge);
    server->lock->unlock(server->lock->context);
}

/* Where answers go that have no way to their client any more. */
static err_t answer_nobody(void *context, uint64_t handle, const struct rpc_part *part)
{
    (void)context;
    (void)handle;
    (void)part;
    return err_make(ERR_MSG_NO_REPLY, 0);
}

void rpc_server_forget_port(struct rpc_server *server, const struct rpc_server_port *port, uint64_t badge)
{
    static const struct rpc_server_port nobody = {.answer = answer_nobody};
    struct origin from = {port, badge};
    struct client *client;

    server->lock->lock(server->lock->context);
    forget(server, from);
    client = find_client(server, from);
    if (client != NULL) { /* with calls that were kept, no one waits for them */
        LIST_FOREACH(n, &client->kept)
        {
            CONTAINER_OF(n, struct rpc_stored, kept_node)->port = &nobody;
        }
    }
    server->lock->unlock(server->lock->context);
}

void rpc_server_end(struct rpc_server *server)
{
    server->lock->lock(server->lock->context);
    forget_all(server, 0, UINT64_MAX);
    server->lock->unlock(server->lock->context);
}

/* ---- R2 ---- */

struct check {
    struct walker walker;
    size_t bytes; /* of all clients */
};

static void expect(struct check *check, bool holds, const char *what, uint64_t badge)
{
    (void)WALKER_EXPECT(&check->walker, holds, "calls: %s, badge 0x%llx\n", what, (unsigned long long)badge);
}

static void check_call(struct check *check, const struct client *client, const struct rpc_stored *s)
{
    uint64_t badge = client->from.badge;

    expect(check, s->client == client, "a call is with another client", badge);
    expect(check, !s->cancelled, "a call that was given up can be found", badge);
    expect(check, s->state == STORED_KEPT || s->next <= rpc_parts(s->bytes, s->caps),
           "a call has more parts than its message", badge);
    expect(check, list_linked(&s->kept_node) == (s->state == STORED_KEPT),
           "a call is kept and not in the list, or the other way round", badge);
}

static void check_client(struct check *check, const struct client *client)
{
    uint64_t badge = client->from.badge;
    size_t linked = 0;
    size_t sum = 0;

    expect(check, tree_check(&client->calls, compare_calls), "the calls of a client are out of order", badge);
    expect(check, list_check(&client->kept), "a list of kept calls is broken", badge);
    TREE_FOREACH(n, &client->calls)
    {
        linked++;
        sum += stored_of(n)->object_bytes;
        check_call(check, client, stored_of(n));
    }
    check->bytes += client->bytes;
    expect(check, client->objects > 0, "a client of whom nothing is left", badge);
    expect(check, linked <= client->objects, "the calls of a client are counted wrong", badge);
    expect(check, linked == client->objects ? sum == client->bytes : sum <= client->bytes,
           "the memory of a client is counted wrong", badge);
}

size_t rpc_server_check(const struct rpc_server *server, format_sink_t sink, void *context)
{
    struct check check = {.walker = {sink, context, 0}};
    size_t clients = 0;

    expect(&check, tree_check(&server->clients, compare_clients), "clients are out of order", 0);
    TREE_FOREACH(n, &server->clients)
    {
        clients++;
        check_client(&check, client_of(n));
    }
    expect(&check, clients == server->figures.clients, "clients are counted wrong", 0);
    expect(&check, check.bytes == server->figures.bytes, "the server's memory is counted wrong", 0);
    return check.walker.faults;
}
