/* SPDX-License-Identifier: MIT */
/* What arrives at a server: requests are put together and run, replies are fetched, calls are cancelled. */
#include <mudskipper/pure/bytes.h>
#include "calls.h"

void rpc_server_init(struct rpc_server *server, const struct rpc_lock *lock, const struct rpc_memory *memory,
                     const struct rpc_slots *slots)
{
    *server = (struct rpc_server){.lock = lock,
                                  .memory = memory,
                                  .slots = slots,
                                  .client_bytes = RPC_CLIENT_BYTES,
                                  .client_slots = RPC_CLIENT_SLOTS};
    tree_init(&server->services, NULL);
    calls_init(server);
}

static void lock(struct rpc_server *server)
{
    server->lock->lock(server->lock->context);
}

static void unlock(struct rpc_server *server)
{
    server->lock->unlock(server->lock->context);
}

static void give(struct rpc_server *server, cptr_t slot)
{
    if (slot != CPTR_NULL) {
        server->slots->give(server->slots->context, slot);
    }
}

/* ---- services
 * ---------------------------------------------------------------------------------------------------- */

static struct rpc_service *service_of(const struct tree_node *n)
{
    return CONTAINER_OF(n, struct rpc_service, node);
}

static int compare(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_services(const struct tree_node *a, const struct tree_node *b)
{
    return compare(service_of(a)->number, service_of(b)->number);
}

static int compare_number(const void *number, const struct tree_node *n)
{
    return compare(*(const uint32_t *)number, service_of(n)->number);
}

static struct rpc_service *find_service(const struct rpc_server *server, uint32_t number)
{
    struct tree_node *n = tree_find(&server->services, &number, compare_number);

    return n != NULL ? service_of(n) : NULL;
}

err_t rpc_server_add(struct rpc_server *server, struct rpc_service *service)
{
    err_t e = OK;

    lock(server);
    if (service->number == 0) {
        e = err_make(ERR_BAD_ARGUMENT, 0);
    } else if (find_service(server, service->number) != NULL) {
        e = err_make(ERR_EXISTS, service->number);
    } else {
        tree_insert(&server->services, &service->node, compare_services);
    }
    unlock(server);
    return e;
}

void rpc_server_remove(struct rpc_server *server, struct rpc_service *service)
{
    lock(server);
    tree_remove(&server->services, &service->node);
    unlock(server);
}

/* ---- running a request
 * ------------------------------------------------------------------------------------------- */

/* Memory of a handler's arguments. */
struct scratch {
    struct scratch *next;
    size_t bytes;
    _Alignas(16) uint8_t memory[];
};

void *rpc_scratch(struct rpc_request *request, size_t bytes)
{
    const struct rpc_memory *memory = request->server->memory;
    struct scratch *s = memory->allocate(memory->context, sizeof(*s) + bytes);

    if (s == NULL) {
        if (err_ok(request->arguments.error)) {
            request->arguments.error = err_make(ERR_NO_MEMORY, 0);
        }
        return NULL;
    }
    *s = (struct scratch){.next = request->scratch, .bytes = sizeof(*s) + bytes};
    mem_set(s->memory, 0, bytes);
    request->scratch = s;
    return s->memory;
}

static void free_scratch(struct rpc_request *request)
{
    const struct rpc_memory *memory = request->server->memory;
    struct scratch *s = request->scratch;

    while (s != NULL) {
        struct scratch *next = s->next;

        memory->release(memory->context, s, s->bytes);
        s = next;
    }
}

void rpc_take_cap(struct rpc_request *request, cptr_t cap)
{
    for (unsigned i = 0; i < request->arguments.cap_count; i++) {
        if (request->caps[i] == cap) {
            request->caps[i] = CPTR_NULL;
        }
    }
}

static err_t describe(struct rpc_request *request)
{
    const struct rpc_interface *interface = request->service->interface;
    struct rpc_message results;
    err_t e = rpc_reader_end(&request->arguments);

    if (!err_ok(e)) {
        return e;
    }
    rpc_reply_begin(request, &results);
    rpc_put_bytes(&results, interface->description, interface->description_bytes, RPC_MESSAGE_MAX - 4);
    return rpc_reply_send(request, &results);
}

static void dispatch(struct rpc_request *request)
{
    const struct rpc_service *service = request->service;
    err_t e;

    if (service == NULL) {
        e = err_make(ERR_MSG_NO_TARGET, 0);
    } else if (request->method == RPC_METHOD_DESCRIBE) {
        e = describe(request);
    } else {
        e = service->interface->dispatch(service->ops, service->context, request);
    }
    if (request->state == RPC_REQUEST_OPEN) {
        rpc_fail(request, err_ok(e) ? err_make(ERR_MSG_UNANSWERED, request->method) : e);
    }
}

/* The whole life of a request that is complete, without the lock. */
static void run(struct rpc_request *request)
{
    const struct rpc_lock *turns = request->server->turns;

    if (turns != NULL) {
        turns->lock(turns->context);
    }
    dispatch(request);
    if (turns != NULL) {
        turns->unlock(turns->context);
    }
    free_scratch(request);
    for (unsigned i = 0; i < request->arguments.cap_count; i++) {
        give(request->server, request->caps[i]);
        request->caps[i] = CPTR_NULL;
    }
    if (request->stored != NULL) {
        lock(request->server);
        calls_free(request->server, request->stored);
        unlock(request->server);
    }
}

/* ---- what arrives: these are called with the lock held
 * ----------------------------------------------------------- */

/* A part, where it came from, and what to do about it. */
struct arrival {
    struct rpc_server *server;
    struct origin from;
    const struct rpc_part *part;
    struct rpc_header header;
    struct rpc_part *answer;
    bool answer_due;
    cptr_t cap; /* that came with it and has found no place yet */
    bool run;   /* `request` is whole */
    cptr_t only_cap;
    struct rpc_request request;
};

/* Ends the call: nothing of it stays. */
static void refuse(struct arrival *a, err_t e)
{
    struct rpc_header *h = &a->header;

    a->server->figures.malformed += err_is(e, ERR_MSG_MALFORMED) || err_is(e, ERR_MSG_TOO_LONG);
    calls_drop(a->server, calls_find(a->server, a->from, h->call));
    rpc_part_write_error(a->answer, h, e);
    a->answer_due = true;
}

static void prepare(struct arrival *a, struct rpc_stored *stored, const void *payload, cptr_t *caps)
{
    struct rpc_request *r = &a->request;

    *r = (struct rpc_request){.server = a->server,
                              .port = a->from.port,
                              .service = find_service(a->server, (uint32_t)(a->from.badge >> 32)),
                              .badge = a->from.badge,
                              .call = a->header.call,
                              .method = a->header.method,
                              .state = RPC_REQUEST_OPEN,
                              .caps = caps,
                              .answer = a->answer,
                              .stored = stored};
    rpc_reader_init(&r->arguments, payload, a->header.bytes, caps, a->header.caps);
    a->server->figures.requests++;
    a->run = true;
}

/* Whether the capability that the header announces came, and no other. */
static err_t check_cap(const struct arrival *a)
{
    bool announced = a->header.part < a->header.caps;

    if (announced && a->cap == CPTR_NULL) {
        return err_ok(a->part->cap_error) ? err_make(ERR_MSG_CAP_GONE, 0) : a->part->cap_error;
    }
    return announced || a->cap == CPTR_NULL ? OK : err_make(ERR_MSG_MALFORMED, 6);
}

/* The part is the next of `s`, and its capability has been checked. */
static void add_part(struct arrival *a, struct rpc_stored *s)
{
    rpc_part_copy_payload(s->payload, a->part, &a->header);
    if (a->cap != CPTR_NULL) {
        s->cap[s->next] = a->cap;
        a->cap = CPTR_NULL;
    }
    s->next++;
    if (s->next == rpc_parts(s->bytes, s->caps)) {
        calls_unlink(s);
        prepare(a, s, s->payload, s->cap);
        return;
    }
    rpc_part_write(
        a->answer,
        &(struct rpc_header){.kind = RPC_CONTINUE, .method = s->method, .call = s->call, .part = s->next},
        NULL);
    a->answer_due = true;
}

static void take_first_part(struct arrival *a)
{
    struct rpc_stored *s;
    err_t e;

    if (rpc_parts(a->header.bytes, a->header.caps) == 1) {
        calls_drop(a->server, calls_find(a->server, a->from, a->header.call));
        a->only_cap = a->cap;
        a->cap = CPTR_NULL;
        prepare(a, NULL, rpc_part_payload(a->part), &a->only_cap);
        return;
    }
    e = calls_add(a->server, STORED_REQUEST, a->from, &a->header, &s);
    if (!err_ok(e)) {
        refuse(a, e);
        return;
    }
    add_part(a, s);
}

static void take_request(struct arrival *a)
{
    const struct rpc_header *h = &a->header;
    struct rpc_stored *s = h->part > 0 ? calls_find(a->server, a->from, h->call) : NULL;
    err_t e = check_cap(a);

    if (!err_ok(e)) {
        refuse(a, e);
    } else if (h->part == 0) {
        take_first_part(a);
    } else if (s == NULL || s->state != STORED_REQUEST || s->next != h->part || s->method != h->method ||
               s->bytes != h->bytes || s->caps != h->caps) {
        refuse(a, err_make(ERR_MSG_MALFORMED, 12));
    } else {
        add_part(a, s);
    }
}

/* Sends the part with its capability, whose copy is not needed any more. */
static void answer_with_cap(struct arrival *a, struct rpc_stored *s)
{
    const struct rpc_server_port *port = a->from.port;
    err_t e;

    a->answer->cap = s->cap[s->next];
    e = rpc_revoked(port->answer(port->context, 0, a->answer));
    if (!err_ok(e)) {
        refuse(a, e);
        return;
    }
    give(a->server, s->cap[s->next]);
    s->cap[s->next] = CPTR_NULL;
    a->answer_due = false;
    s->next++;
}

static void take_fetch(struct arrival *a)
{
    struct rpc_stored *s = calls_find(a->server, a->from, a->header.call);
    struct rpc_header h = a->header;

    if (s == NULL || s->state != STORED_REPLY || s->next != h.part || s->method != h.method) {
        refuse(a, err_make(ERR_MSG_MALFORMED, 12));
        return;
    }
    h.kind = RPC_REPLY;
    h.bytes = s->bytes;
    h.caps = s->caps;
    rpc_part_write(a->answer, &h, s->payload);
    a->answer_due = true;
    if (h.part < s->caps) {
        answer_with_cap(a, s);
        s = a->answer_due ? NULL : s; /* refused: it is gone */
    } else {
        s->next++;
    }
    if (s != NULL && s->next == rpc_parts(s->bytes, s->caps)) {
        calls_free(a->server, s);
    }
}

/* With what little can be known of a part that is not right. */
static void take_malformed(struct arrival *a, err_t e)
{
    a->header = (struct rpc_header){.kind = RPC_REQUEST};
    if (a->part->length > 0) {
        a->header.call = (uint32_t)a->part->words[0];
        a->header.method = (uint16_t)(a->part->words[0] >> 32);
    }
    refuse(a, e);
}

static void take(struct arrival *a, bool is_call)
{
    err_t e = rpc_part_read(a->part, &a->header);

    if (!is_call) {
        if (err_ok(e) && a->header.kind == RPC_CANCEL) {
            calls_drop(a->server, calls_find(a->server, a->from, a->header.call));
        } else {
            a->server->figures.malformed++;
        }
    } else if (!err_ok(e)) {
        take_malformed(a, e);
    } else if (a->header.kind == RPC_REQUEST) {
        take_request(a);
    } else if (a->header.kind == RPC_FETCH) {
        take_fetch(a);
    } else {
        refuse(a, err_make(ERR_MSG_MALFORMED, 7));
    }
}

bool rpc_server_take(struct rpc_server *server, const struct rpc_server_port *port, uint64_t badge,
                     bool is_call, const struct rpc_part *part, struct rpc_part *answer)
{
    struct arrival a; /* most of it is filled when it is needed */

    a.server = server;
    a.from = (struct origin){port, badge};
    a.part = part;
    a.answer = answer;
    a.answer_due = false;
    a.cap = part->cap;
    a.run = false;
    lock(server);
    take(&a, is_call);
    unlock(server);
    give(server, a.cap);
    if (a.run) {
        run(&a.request);
        return a.request.answer_due;
    }
    return a.answer_due;
}
