/* SPDX-License-Identifier: MIT */
/* How a call ends: at once or later, with results or an error. */
#include <mudskipper/pure/bytes.h>
#include "calls.h"

static void lock(struct rpc_server *server)
{
    server->lock->lock(server->lock->context);
}

static void unlock(struct rpc_server *server)
{
    server->lock->unlock(server->lock->context);
}

static bool is_kept(const struct rpc_request *request)
{
    return request->stored != NULL && request == &request->stored->request;
}

static struct rpc_header header_of(const struct rpc_request *request)
{
    return (struct rpc_header){.kind = RPC_REPLY, .method = request->method, .call = request->call};
}

/* Sends a part to who waits. What bears a capability goes at once: it may be gone when the handler returns.
 */
static err_t send(struct rpc_request *request, const struct rpc_part *part)
{
    const struct rpc_server_port *port = is_kept(request) ? request->stored->port : request->port;

    if (is_kept(request)) {
        return port->answer(port->context, request->stored->handle, part);
    }
    if (part->cap != CPTR_NULL) {
        return port->answer(port->context, 0, part);
    }
    *request->answer = *part;
    request->answer_due = true;
    return OK;
}

static void send_error(struct rpc_request *request, err_t error)
{
    struct rpc_header h = header_of(request);
    struct rpc_part part;
    err_t e;

    rpc_part_write_error(&part, &h, error);
    e = send(request, &part);
    request->server->figures.dropped += !err_ok(e);
}

static struct origin origin_of(const struct rpc_request *request)
{
    return (struct origin){request->port, request->badge};
}

/* Copies what follows the first part, for the client to fetch. */
static err_t store(struct rpc_request *request, const struct rpc_header *h, const struct rpc_message *results,
                   struct rpc_stored **stored)
{
    struct rpc_server *server = request->server;
    const struct rpc_slots *slots = server->slots;
    struct rpc_stored *s;
    err_t e = calls_add(server, STORED_REPLY, origin_of(request), h, &s);

    if (!err_ok(e)) {
        return e;
    }
    s->next = 1;
    mem_copy(s->payload, results->payload, results->bytes);
    for (unsigned i = 1; err_ok(e) && i < s->caps; i++) {
        s->cap[i] = slots->take(slots->context);
        e = s->cap[i] != CPTR_NULL ? rpc_revoked(slots->copy(slots->context, results->caps[i], s->cap[i]))
                                   : err_make(ERR_CAP_SLOTS_EXHAUSTED, 0);
    }
    if (!err_ok(e)) {
        calls_free(server, s);
        return e;
    }
    *stored = s;
    return OK;
}

/* Sends the first part, and keeps the others to be fetched. */
static err_t send_results(struct rpc_request *request, const struct rpc_message *results)
{
    struct rpc_header h = header_of(request);
    struct rpc_stored *rest = NULL;
    struct rpc_part part;
    err_t e = OK;

    h.bytes = (uint32_t)results->bytes;
    h.caps = results->cap_count;
    if (rpc_parts(h.bytes, h.caps) > 1) {
        e = store(request, &h, results, &rest);
    }
    if (!err_ok(e)) {
        return e;
    }
    rpc_part_write(&part, &h, results->payload);
    part.cap = h.caps > 0 ? results->caps[0] : CPTR_NULL;
    e = rpc_revoked(send(request, &part));
    if (!err_ok(e) && rest != NULL) {
        calls_free(request->server, rest);
    }
    return e;
}

/* The call has ended. */
static void finish(struct rpc_request *request)
{
    request->state = RPC_REQUEST_ANSWERED;
    if (is_kept(request)) {
        calls_free(request->server, request->stored);
    }
}

/* A call that was kept leaves its id to its results, or to nobody. False: nobody wants them. */
static bool wanted(struct rpc_request *request)
{
    if (!is_kept(request)) {
        return true;
    }
    calls_unlink(request->stored);
    return !request->stored->cancelled;
}

void rpc_reply_begin(struct rpc_request *request, struct rpc_message *results)
{
    rpc_message_init(results, request->server->memory);
}

err_t rpc_reply_send(struct rpc_request *request, struct rpc_message *results)
{
    struct rpc_server *server = request->server;
    err_t e = results->error;

    lock(server);
    if (request->state != RPC_REQUEST_OPEN) {
        e = err_make(ERR_MSG_REPLY_USED, 0);
    } else {
        if (!wanted(request)) {
            server->figures.dropped++;
            send_error(request, err_make(ERR_CANCELLED, 0));
            e = OK;
        } else {
            e = err_ok(e) ? send_results(request, results) : e;
            if (err_is(e, ERR_MSG_NO_REPLY)) {
                server->figures.dropped++;
                e = OK;
            } else if (!err_ok(e)) {
                send_error(request, e);
            }
        }
        finish(request);
    }
    unlock(server);
    rpc_message_free(results);
    return e;
}

err_t rpc_reply_empty(struct rpc_request *request, err_t result)
{
    struct rpc_message results;

    if (!err_ok(result) || request->state != RPC_REQUEST_OPEN) {
        return result;
    }
    rpc_reply_begin(request, &results);
    return rpc_reply_send(request, &results);
}

void rpc_fail(struct rpc_request *request, err_t error)
{
    struct rpc_server *server = request->server;

    lock(server);
    if (request->state == RPC_REQUEST_OPEN) {
        (void)wanted(request);
        server->figures.malformed += err_is(error, ERR_MSG_MALFORMED);
        send_error(request, error);
        finish(request);
    }
    unlock(server);
}

/* The lock is held. */
static err_t keep(struct rpc_request *request, struct rpc_stored **stored)
{
    const struct rpc_server_port *port = request->port;
    struct rpc_header h = header_of(request);
    struct rpc_stored *s;
    err_t e = calls_add(request->server, STORED_KEPT, origin_of(request), &h, &s);

    if (!err_ok(e)) {
        return e;
    }
    e = port->keep(port->context, &s->handle);
    if (!err_ok(e)) {
        calls_free(request->server, s);
        return e;
    }
    *stored = s;
    return OK;
}

err_t rpc_keep(struct rpc_request *request, struct rpc_request **kept)
{
    struct rpc_server *server = request->server;
    struct rpc_stored *s;
    err_t e;

    if (request->state != RPC_REQUEST_OPEN || is_kept(request)) {
        return err_make(ERR_MSG_REPLY_USED, 0);
    }
    lock(server);
    e = keep(request, &s);
    if (err_ok(e)) {
        s->request = (struct rpc_request){.server = server,
                                          .port = request->port,
                                          .service = request->service,
                                          .badge = request->badge,
                                          .call = request->call,
                                          .method = request->method,
                                          .state = RPC_REQUEST_OPEN,
                                          .stored = s};
        request->state = RPC_REQUEST_KEPT;
        *kept = &s->request;
    }
    unlock(server);
    return e;
}

bool rpc_is_cancelled(const struct rpc_request *kept)
{
    bool cancelled;

    lock(kept->server);
    cancelled = is_kept(kept) && kept->stored->cancelled;
    unlock(kept->server);
    return cancelled;
}
