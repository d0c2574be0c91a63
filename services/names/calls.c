/* SPDX-License-Identifier: MIT */
#include "calls.h"
#include "core_rpc.h"
#include "memory.h"
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include "names_rpc.h"
#include "offers.h"
#include "peers.h"
#include "server.h"
#include "work.h"

static struct asker asker_of(const struct rpc_request *request)
{
    return (struct asker){.core = names.core,
                          .process = rpc_client(request),
                          .system = request->service->number == NAMES_FOR_SYSTEM};
}

static bool is_ours(const char *name)
{
    return names_owner(name) == names.core;
}

/* ---- register ---- */

static struct condition claims_back;

/* Somebody else's service had to make room. */
static void run_drop(struct job *job)
{
    peers_drop(job->holder.core, job->holder.service);
}

static void drop(const struct claimed *claimed)
{
    const struct job job = {.run = run_drop,
                            .holder = {.core = claimed->dropped_core, .service = claimed->dropped}};
    err_t e;

    if (claimed->dropped != 0) {
        e = work_start(&job, claimed->dropped_core == names.core);
        (void)e; /* without memory its Handles live on until its process ends; its name is gone */
    }
}

/* The owner has answered; it may be that the process has ended meanwhile. */
static err_t settle(struct job *job, err_t e)
{
    bool ended;

    mutex_lock(&names.mutex);
    ended = offers_claimed(job->offer);
    if (!ended && !err_ok(e)) {
        slot_delete(offers_take(job->offer));
    }
    condition_broadcast(&claims_back);
    mutex_unlock(&names.mutex);
    return err_ok(e) && ended ? err_make(ERR_CANCELLED, 0) : e;
}

static void run_register(struct job *job)
{
    const struct claim claim = {
        .name = job->name, .attributes = job->text, .service = job->number, .mode = job->mode};
    struct claimed claimed;
    err_t e = peers_claim(&job->who, &claim, &claimed);

    if (err_ok(e)) {
        drop(&claimed);
    }
    e = settle(job, e);
    if (job->request == NULL) {
        return; /* our own */
    }
    if (err_ok(e)) {
        e = names_register_reply(job->request, claimed.generation);
        (void)e; /* the process has ended: its names go when that is told */
    } else {
        rpc_fail(job->request, e);
    }
}

/* A Service of this core: of others Handles cannot be made here. */
static err_t check_service(cptr_t service)
{
    struct cap_identity identity;
    err_t e = cap_identify(service, &identity);

    if (err_ok(e) && identity.type != CAP_TYPE_SERVICE) {
        e = err_make(ERR_CAP_WRONG_TYPE, service);
    }
    return err_ok(e) && identity.owner != names.core ? err_make(ERR_CAP_FOREIGN, identity.owner) : e;
}

static err_t handle_register(void *context, struct rpc_request *request, const char *name,
                             const char *attributes, uint8_t mode, cptr_t service)
{
    struct job job = {.run = run_register,
                      .request = request,
                      .who = asker_of(request),
                      .name = name,
                      .text = attributes,
                      .mode = mode};
    err_t e = ns_name_check(text_of(name));

    (void)context;
    if (err_ok(e)) {
        e = ns_attributes_check(text_of(attributes));
    }
    if (!err_ok(e)) {
        return e;
    }
    mutex_lock(&names.mutex);
    e = check_service(service);
    if (err_ok(e)) {
        e = offers_add(job.who.process, name, service, &job.offer);
    }
    mutex_unlock(&names.mutex);
    if (!err_ok(e)) {
        return e;
    }
    rpc_take_cap(request, service);
    job.number = job.offer->id;
    e = work_start(&job, is_ours(name));
    if (!err_ok(e)) {
        e = settle(&job, e);
    }
    return e;
}

err_t calls_register(const char *name, cptr_t service)
{
    struct job job = {.run = run_register,
                      .who = {.core = names.core, .process = rt_self()->process, .system = true},
                      .name = name,
                      .text = ""};
    err_t e;

    mutex_lock(&names.mutex);
    e = offers_add(job.who.process, name, service, &job.offer);
    mutex_unlock(&names.mutex);
    if (err_ok(e)) {
        job.number = job.offer->id;
        e = work_start(&job, is_ours(name));
    }
    return e;
}

/* ---- deregister ---- */

/* Ends a Service and all its Handles. *far: other cores have some, and the core server has to ask for them.
 */
static void revoke(cptr_t service, bool *far)
{
    *far = err_is(cap_revoke(service), ERR_CAP_SHARED);
    if (!*far) {
        slot_delete(service);
    }
}

static void run_revoke(struct job *job)
{
    err_t e;

    do {
        e = core_withdraw(&memory_core_server, job->service);
    } while (work_waits_for_more(e));
    /* a core that does not answer keeps its Handles, which lead nowhere when the server ends */
    slot_delete(job->service);
}

void calls_revoke(cptr_t service)
{
    const struct job job = {.run = run_revoke, .service = service};
    bool far;
    err_t e;

    revoke(service, &far);
    if (far) {
        e = work_start(&job, false);
        if (!err_ok(e)) {
            slot_delete(service); /* its Handles live on until its process ends; its name is gone */
        }
    }
}

static void run_deregister(struct job *job)
{
    err_t e;

    if (job->service != CPTR_NULL) {
        run_revoke(job);
    }
    peers_release(&job->who, job->name, job->number);
    e = rpc_reply_empty(job->request, OK);
    (void)e; /* nobody waits for it any more */
}

static void run_not_found(struct job *job)
{
    rpc_fail(job->request, err_make(ERR_NOT_FOUND, 0));
}

static err_t handle_deregister(void *context, struct rpc_request *request, const char *name)
{
    struct job job = {.run = run_deregister, .request = request, .who = asker_of(request), .name = name};
    struct job *prepared;
    struct held_offer *offer;
    cptr_t service = CPTR_NULL;
    bool far;
    err_t e = ns_name_check(text_of(name));

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    e = work_prepare(&job, &prepared); /* from here on nothing is refused but a name that is not there */
    if (!err_ok(e)) {
        return e;
    }
    mutex_lock(&names.mutex);
    offer = offers_of(job.who.process, name);
    if (offer != NULL && offer->claims == 0) {
        prepared->number = offer->id;
        service = offers_take(offer);
    }
    mutex_unlock(&names.mutex);
    if (service == CPTR_NULL) {
        prepared->run = run_not_found;
        work_here(prepared);
        return OK;
    }
    revoke(service, &far);
    prepared->service = far ? service : CPTR_NULL;
    if (far || !is_ours(name)) {
        work_go(prepared);
    } else {
        work_here(prepared);
    }
    return OK;
}

/* ---- look up, wait ---- */

/* Who holds the name may end while it is asked for a Handle; then the name is asked for again. */
static err_t resolve(const char *name, uint64_t generation, uint32_t client, struct holder *holder,
                     cptr_t *handle)
{
    uint64_t before = 0;

    for (;;) {
        err_t e = peers_find(name, generation, holder);

        if (!err_ok(e)) {
            return e;
        }
        if (holder->service == before) {
            return err_make(ERR_NAME_UNKNOWN, 0); /* its end has not got about yet */
        }
        e = peers_handle(holder, client, handle);
        if (!err_is(e, ERR_NOT_FOUND) && !err_is(e, ERR_MSG_CAP_GONE)) {
            return e;
        }
        before = holder->service;
    }
}

static void run_lookup(struct job *job)
{
    struct holder holder;
    cptr_t handle;
    err_t e = resolve(job->name, job->number, job->who.process, &holder, &handle);

    if (!err_ok(e)) {
        rpc_fail(job->request, e);
        return;
    }
    e = names_lookup_reply(job->request, handle, holder.generation, holder.core, holder.process);
    (void)e; /* nobody waits for it any more */
    slot_delete(handle);
}

/* What this core alone can tell; *far: it cannot. */
static err_t look_up_here(const struct job *job, struct holder *holder, cptr_t *handle, bool *far)
{
    err_t e;

    mutex_lock(&names.mutex);
    e = owned_find(job->name, job->number, holder);
    *far = err_ok(e) && holder->core != names.core;
    if (err_ok(e) && !*far) {
        e = offers_handle(holder->service, job->who.process, handle);
    }
    mutex_unlock(&names.mutex);
    return err_is(e, ERR_NOT_FOUND) ? err_make(ERR_NAME_UNKNOWN, 0) : e;
}

static err_t handle_lookup(void *context, struct rpc_request *request, const char *name, uint64_t generation)
{
    const struct job job = {
        .run = run_lookup, .request = request, .who = asker_of(request), .name = name, .number = generation};
    struct holder holder;
    cptr_t handle;
    bool far = true;
    err_t e = ns_name_check(text_of(name));

    (void)context;
    if (err_ok(e) && is_ours(name)) {
        e = look_up_here(&job, &holder, &handle, &far);
    }
    if (err_ok(e) && far) {
        return work_start(&job, false);
    }
    if (err_ok(e)) {
        e = names_lookup_reply(request, handle, holder.generation, holder.core, holder.process);
        slot_delete(handle);
    }
    return e;
}

static void reply_wait(struct rpc_request *request, const struct holder *holder, cptr_t handle)
{
    err_t e = names_wait_reply(request, handle, holder->generation, holder->core, holder->process);

    (void)e; /* nobody waits for it any more */
    slot_delete(handle);
}

/* The name is held, by now, or was a moment ago. */
static void run_resolve_wait(struct job *job)
{
    struct holder holder;
    cptr_t handle;
    err_t e = OK;

    if (!is_ours(job->name)) {
        e = peers_wait(job->who.process, job->name, job->number, &holder);
    }
    if (err_ok(e)) {
        e = resolve(job->name, 0, job->who.process, &holder, &handle);
    }
    if (err_ok(e)) {
        reply_wait(job->request, &holder, handle);
    } else {
        rpc_fail(job->request, e);
    }
}

static void run_end_wait(struct job *job)
{
    cptr_t handle;
    err_t e = peers_handle(&job->holder, job->who.process, &handle);

    if (err_ok(e)) {
        reply_wait(job->request, &job->holder, handle);
    } else {
        bool ended = err_is(e, ERR_NOT_FOUND) || err_is(e, ERR_MSG_CAP_GONE);

        rpc_fail(job->request, ended ? err_make(ERR_NAME_UNKNOWN, 0) : e);
    }
}

/* A wait for a name of this core is over. The mutex is held, so that a worker has to go on with it. */
static void answer_wait(struct rpc_request *kept, uint32_t client, err_t e, const struct holder *holder)
{
    struct job job = {.run = run_end_wait, .request = kept, .kept = true, .who = {.process = client}};

    if (err_ok(e)) {
        job.holder = *holder;
        e = work_start(&job, false);
    }
    if (!err_ok(e)) {
        rpc_fail(kept, e);
    }
}

static err_t handle_wait(void *context, struct rpc_request *request, const char *name, uint64_t deadline)
{
    const struct job job = {.run = run_resolve_wait,
                            .request = request,
                            .who = asker_of(request),
                            .name = name,
                            .number = deadline};
    err_t e = ns_name_check(text_of(name));

    (void)context;
    if (!err_ok(e) || !is_ours(name)) {
        return err_ok(e) ? work_start(&job, false) : e;
    }
    mutex_lock(&names.mutex);
    e = owned_wait(&job.who, name, deadline, request, answer_wait);
    mutex_unlock(&names.mutex);
    return e;
}

/* ---- list ---- */

static void run_list(struct job *job)
{
    size_t bytes = PEERS_LIST_MAX * sizeof(struct names_entry);
    struct names_entry *found = names.memory.allocate(names.memory.context, bytes);
    size_t count = 0;
    bool more = false;
    err_t e = found != NULL ? peers_list(job->name, job->text, found, &count, &more)
                            : err_make(ERR_NO_MEMORY, bytes);

    if (err_ok(e)) {
        e = names_list_reply(job->request, found, count, more);
        (void)e; /* nobody waits for it any more */
    } else {
        rpc_fail(job->request, e);
    }
    if (found != NULL) {
        names.memory.release(names.memory.context, found, bytes);
    }
}

static err_t handle_list(void *context, struct rpc_request *request, const char *prefix, const char *after)
{
    const struct job job = {.run = run_list, .request = request, .name = prefix, .text = after};
    err_t e = ns_prefix_check(text_of(prefix));

    (void)context;
    if (err_ok(e)) {
        e = ns_prefix_check(text_of(after));
    }
    return err_ok(e) ? work_start(&job, names.count == 1) : e;
}

static void run_check(struct job *job)
{
    uint64_t mistakes;
    err_t e = peers_check((coreid_t)job->number, &mistakes);

    if (err_ok(e)) {
        e = names_check_reply(job->request, mistakes);
        (void)e; /* nobody waits for it any more */
    } else {
        rpc_fail(job->request, e);
    }
}

static err_t handle_check(void *context, struct rpc_request *request, uint32_t core)
{
    const struct job job = {.run = run_check, .request = request, .number = core};

    (void)context;
    return core < names.count ? work_start(&job, core == names.core) : err_make(ERR_BAD_CORE, core);
}

/* ---- ends ---- */

void calls_process_gone(uint32_t process)
{
    struct held_offer *offer;

    mutex_lock(&names.mutex);
    while ((offer = offers_first_of(process)) != NULL) {
        if (offer->claims > 0) {
            condition_wait(&claims_back, &names.mutex);
        } else {
            slot_delete(offers_take(offer)); /* its endpoint is no more */
        }
    }
    mutex_unlock(&names.mutex);
    peers_gone(process);
    rpc_server_forget(&names.lmp.server, RPC_BADGE(NAMES_FOR_PROGRAMS, process));
    rpc_server_forget(&names.lmp.server, RPC_BADGE(NAMES_FOR_SYSTEM, process));
}

static const struct names_ops ops = {.register_ = handle_register,
                                     .deregister = handle_deregister,
                                     .lookup = handle_lookup,
                                     .wait = handle_wait,
                                     .list = handle_list,
                                     .check = handle_check};

err_t calls_serve(struct rpc_server *server)
{
    static struct rpc_service programs = {
        .interface = &names_interface, .ops = &ops, .number = NAMES_FOR_PROGRAMS};
    static struct rpc_service system = {
        .interface = &names_interface, .ops = &ops, .number = NAMES_FOR_SYSTEM};
    err_t e = rpc_server_add(server, &programs);

    condition_init(&claims_back);
    return err_ok(e) ? rpc_server_add(server, &system) : e;
}
