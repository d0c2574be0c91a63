/* SPDX-License-Identifier: MIT */
/* What the nameservers of other cores ask. Each handler looks or changes at once, and calls nobody. */
#include "calls.h"
#include <mudskipper/rt/slot.h>
#include "check.h"
#include "offers.h"
#include "owned.h"
#include "peer_rpc.h"
#include "server.h"

/* ---- to the owner of the name ---- */

static err_t handle_claim(void *context, struct rpc_request *request, const char *name,
                          const char *attributes, uint64_t service, uint32_t process, uint8_t mode,
                          bool system)
{
    const struct asker who = {.core = rpc_client(request), .process = process, .system = system};
    const struct claim claim = {.name = name, .attributes = attributes, .service = service, .mode = mode};
    struct claimed claimed;
    err_t e;

    (void)context;
    mutex_lock(&names.mutex);
    e = owned_claim(&who, &claim, &claimed);
    mutex_unlock(&names.mutex);
    return err_ok(e)
               ? names_peer_claim_reply(request, claimed.generation, claimed.dropped, claimed.dropped_core)
               : e;
}

static err_t handle_release(void *context, struct rpc_request *request, uint64_t service, uint32_t process)
{
    (void)context;
    mutex_lock(&names.mutex);
    owned_release(&(struct asker){.core = rpc_client(request), .process = process}, service);
    mutex_unlock(&names.mutex);
    return OK;
}

static err_t handle_find(void *context, struct rpc_request *request, const char *name, uint64_t generation)
{
    struct holder h;
    err_t e;

    (void)context;
    mutex_lock(&names.mutex);
    e = owned_find(name, generation, &h);
    mutex_unlock(&names.mutex);
    return err_ok(e) ? names_peer_find_reply(request, h.service, h.generation, h.core, h.process) : e;
}

static void answer_wait(struct rpc_request *kept, uint32_t client, err_t e, const struct holder *h)
{
    (void)client;
    if (err_ok(e)) {
        e = names_peer_wait_reply(kept, h->service, h->generation, h->core, h->process);
        (void)e; /* nobody waits for it any more */
    } else {
        rpc_fail(kept, e);
    }
}

static err_t handle_wait(void *context, struct rpc_request *request, const char *name, uint64_t deadline,
                         uint32_t waiter)
{
    err_t e;

    (void)context;
    mutex_lock(&names.mutex);
    e = owned_wait(&(struct asker){.core = rpc_client(request), .process = waiter}, name, deadline, request,
                   answer_wait);
    mutex_unlock(&names.mutex);
    return e;
}

/* ---- to anybody ---- */

static err_t handle_check(void *context, struct rpc_request *request)
{
    (void)context;
    return names_peer_check_reply(request, books_check());
}

/* ---- to everybody ---- */

static void copy_text(char *to, struct text from)
{
    mem_copy(to, from.start, from.length);
    to[from.length] = '\0';
}

CLAIM(names_fit, NAMES_PEER_NAME_NAME_MAX >= NS_NAME_MAX);
CLAIM(attributes_fit, NAMES_PEER_NAME_ATTRIBUTES_MAX >= NS_ATTRIBUTES_MAX);

static void fill(struct names_peer_name *to, const struct ns_view *view)
{
    copy_text(to->name, view->name);
    copy_text(to->attributes, view->attributes);
    to->core = view->owner.core;
    to->process = (uint32_t)view->owner.process;
    to->generation = view->generation;
}

static err_t handle_list(void *context, struct rpc_request *request, const char *prefix, const char *after)
{
    size_t bytes = NAMES_PEER_LIST_FOUND_MAX * sizeof(struct names_peer_name);
    struct names_peer_name *found = names.memory.allocate(names.memory.context, bytes);
    struct ns_view views[NAMES_PEER_LIST_FOUND_MAX];
    size_t count;
    err_t e;

    (void)context;
    if (found == NULL) {
        return err_make(ERR_NO_MEMORY, bytes);
    }
    mutex_lock(&names.mutex);
    count = owned_list(prefix, after, views, ARRAY_LENGTH(views));
    for (size_t i = 0; i < count; i++) {
        fill(&found[i], &views[i]);
    }
    mutex_unlock(&names.mutex);
    e = names_peer_list_reply(request, found, count, count == ARRAY_LENGTH(views));
    names.memory.release(names.memory.context, found, bytes);
    return e;
}

static err_t handle_gone(void *context, struct rpc_request *request, uint32_t process)
{
    (void)context;
    mutex_lock(&names.mutex);
    owned_gone(rpc_client(request), process);
    mutex_unlock(&names.mutex);
    return OK;
}

/* ---- to the core of the server ---- */

static err_t handle_handle(void *context, struct rpc_request *request, uint64_t service, uint32_t client)
{
    cptr_t handle;
    err_t e;

    (void)context;
    mutex_lock(&names.mutex);
    e = offers_handle(service, client, &handle);
    mutex_unlock(&names.mutex);
    if (err_ok(e)) {
        e = names_peer_handle_reply(request, handle);
        slot_delete(handle);
    }
    return e;
}

static err_t handle_drop(void *context, struct rpc_request *request, uint64_t service)
{
    struct held_offer *offer;

    (void)context;
    (void)request;
    mutex_lock(&names.mutex);
    offer = offers_find(service);
    if (offer != NULL) {
        calls_revoke(offers_take(offer));
    }
    mutex_unlock(&names.mutex);
    return OK;
}

static const struct names_peer_ops ops = {.claim = handle_claim,
                                          .release = handle_release,
                                          .find = handle_find,
                                          .wait = handle_wait,
                                          .list = handle_list,
                                          .gone = handle_gone,
                                          .handle = handle_handle,
                                          .drop = handle_drop,
                                          .check = handle_check};

err_t peer_calls_serve(struct rpc_server *server)
{
    static struct rpc_service peers = {
        .interface = &names_peer_interface, .ops = &ops, .number = NAMES_FOR_PEERS};

    return rpc_server_add(server, &peers);
}
