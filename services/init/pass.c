/* SPDX-License-Identifier: MIT */
#include "pass.h"
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rpc/heap.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include "channels.h"
#include "core_calls.h"
#include "core_rpc.h"
#include "lock.h"
#include "memory.h"
#include "peer_rpc.h"
#include "peers.h"
#include "shared.h"
#include "work.h"

CLAIM(what_processes_may_say_goes_between_core_servers,
      CORE_PASS_GIVEN_MAX == PEER_PASS_GIVEN_MAX && CORE_PASS_TAKEN_MAX == PEER_PASS_TAKEN_MAX &&
          CORE_PASS_CAPS_MAX == PEER_PASS_CAPS_MAX && CORE_PASS_BACK_MAX == PEER_PASS_BACK_MAX);

/* A call on its way. */
struct pass {
    struct later later;
    coreid_t core; /* where it goes; at the server's core: where it came from */
    cptr_t handle;
    uint16_t method;
    uint64_t deadline;
    cptr_t caps[CORE_PASS_CAPS_MAX];
    size_t caps_count;
    cptr_t back[CORE_PASS_BACK_MAX];
    size_t back_count;
    size_t given_bytes;
    uint8_t given[];
};

static void drop_caps(cptr_t *caps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (caps[i] != CPTR_NULL) {
            slot_delete(caps[i]);
        }
    }
}

static void drop(struct pass *p)
{
    slot_delete(p->handle);
    drop_caps(p->caps, p->caps_count);
    drop_caps(p->back, p->back_count);
}

/* Keeps the call with all it brought. */
static err_t start(const struct pass *what, struct rpc_request *request, const void *given,
                   const cptr_t *caps, void (*run)(struct later *later))
{
    struct pass *p = later_make(sizeof(*p) + what->given_bytes);
    struct pass held = *what;
    err_t e;

    if (p == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*p) + what->given_bytes);
    }
    rpc_take_cap(request, held.handle);
    for (size_t i = 0; i < held.caps_count; i++) {
        held.caps[i] = caps[i];
        rpc_take_cap(request, caps[i]);
    }
    held.later = p->later;
    *p = held;
    mem_copy(p->given, given, held.given_bytes);
    e = later_start(&p->later, request, run);
    if (!err_ok(e)) {
        drop(&held);
    }
    return e;
}

/* ---- to the server's core ---- */

static err_t ask(struct pass *p, uint8_t *taken, size_t *count)
{
    struct rpc_channel channel;
    err_t e = peers_channel(p->core, &channel);

    for (size_t i = 0; i < p->caps_count && err_ok(e); i++) {
        e = shared_prepare(p->caps[i], p->core);
    }
    if (err_ok(e)) {
        channel = rpc_until(&channel, p->deadline);
        e = peer_pass(&channel, p->handle, p->method, p->deadline, p->given, p->given_bytes, p->caps,
                      p->caps_count, taken, CORE_PASS_TAKEN_MAX, count, p->back, ARRAY_LENGTH(p->back),
                      &p->back_count);
    }
    return e;
}

static void run_ask(struct later *later)
{
    struct pass *p = CONTAINER_OF(later, struct pass, later);
    uint8_t *taken = heap_malloc(memory_heap(), CORE_PASS_TAKEN_MAX);
    size_t count;
    err_t e = taken != NULL ? ask(p, taken, &count) : err_make(ERR_NO_MEMORY, CORE_PASS_TAKEN_MAX);

    if (err_ok(e)) {
        e = core_pass_reply(later->request, taken, count, p->back, p->back_count);
        (void)e; /* who asked was told */
    } else {
        rpc_fail(later->request, e);
    }
    heap_free(memory_heap(), taken);
    drop(p);
    later_free(later);
}

err_t serve_pass(void *context, struct rpc_request *request, cptr_t handle, uint16_t method,
                 uint64_t deadline, const void *given, size_t given_bytes, const cptr_t *caps,
                 size_t caps_count)
{
    struct cap_identity identity;
    bool other;
    err_t e = cap_identify(handle, &identity);

    (void)context;
    if (err_is(e, ERR_CAP_EMPTY_SLOT)) {
        e = err_make(ERR_PEER_GONE, 0); /* revoked since it came: the service has ended */
    }
    if (err_ok(e) && identity.type != CAP_TYPE_HANDLE) {
        e = err_make(ERR_CAP_WRONG_TYPE, handle);
    }
    if (err_ok(e)) {
        e = is_other(identity.owner, &other);
    }
    if (!err_ok(e)) {
        return e;
    }
    if (!other) {
        return pass_for(request, rt_self()->core, handle, method, deadline, given, given_bytes, caps,
                        caps_count);
    }
    return start(&(struct pass){.core = (coreid_t)identity.owner,
                                .handle = handle,
                                .method = method,
                                .deadline = deadline,
                                .caps_count = caps_count,
                                .given_bytes = given_bytes},
                 request, given, caps, run_ask);
}

/* ---- at the server's core ---- */

static void put(struct rpc_message *m, const struct pass *p)
{
    err_t e = rpc_message_reserve(m, p->given_bytes, (unsigned)p->caps_count);

    if (!err_ok(e)) {
        m->error = e;
        return;
    }
    mem_copy(m->payload, p->given, p->given_bytes);
    m->bytes = p->given_bytes;
    mem_copy(m->caps, p->caps, p->caps_count * sizeof(p->caps[0]));
    m->cap_count = (unsigned)p->caps_count;
}

static err_t answer(struct pass *p, struct rpc_call *call)
{
    const struct rpc_message *m = &call->reply;
    err_t e = call->results.error;

    for (unsigned i = 0; err_ok(e) && p->core != rt_self()->core && i < m->cap_count; i++) {
        e = shared_prepare(m->caps[i], p->core);
    }
    if (err_ok(e)) {
        e = peer_pass_reply(p->later.request, m->payload, m->bytes, m->caps, m->cap_count);
        (void)e; /* who asked was told */
        drop_caps(m->caps, m->cap_count);
        call->results.at = call->results.bytes; /* all of it was used */
        call->results.cap_at = call->results.cap_count;
        return OK;
    }
    call->results.error = e;
    return e;
}

static void run_call(struct later *later)
{
    struct pass *p = CONTAINER_OF(later, struct pass, later);
    struct rpc_memory memory = rpc_memory_of(memory_heap());
    struct rpc_lmp_link link;
    struct rpc_channel channel;
    struct rpc_call call;
    err_t e;
    err_t ended;

    rpc_lmp_link_init(&link, p->handle, &memory, &rpc_own_slots);
    channel = (struct rpc_channel){&link.link, p->deadline};
    rpc_call_begin(&call, &channel, p->method);
    put(&call.request, p);
    rpc_call_perform(&call, PEER_PASS_TAKEN_MAX, PEER_PASS_BACK_MAX);
    e = answer(p, &call);
    ended = rpc_call_end(&call);
    (void)ended; /* the same */
    if (!err_ok(e)) {
        rpc_fail(later->request, e);
    }
    drop(p);
    later_free(later);
}

err_t pass_for(struct rpc_request *request, coreid_t from, cptr_t handle, uint16_t method, uint64_t deadline,
               const void *given, size_t given_bytes, const cptr_t *caps, size_t caps_count)
{
    return start(&(struct pass){.core = from,
                                .handle = handle,
                                .method = method,
                                .deadline = deadline,
                                .caps_count = caps_count,
                                .given_bytes = given_bytes},
                 request, given, caps, run_call);
}

/* ---- the end of a service ---- */

struct withdraw {
    struct later later;
    cptr_t service;
};

static void run_withdraw(struct later *later)
{
    struct withdraw *w = CONTAINER_OF(later, struct withdraw, later);
    err_t e = shared_withdraw_service(w->service);

    if (err_ok(e)) {
        e = cap_revoke(w->service);
    }
    core_lock();
    channels_look(); /* what was made by its Handles ends with them */
    core_unlock();
    if (err_ok(e)) {
        e = rpc_reply_empty(later->request, OK);
        (void)e; /* who asked was told */
    } else {
        rpc_fail(later->request, e);
    }
    slot_delete(w->service);
    later_free(later);
}

err_t serve_withdraw(void *context, struct rpc_request *request, cptr_t service)
{
    struct withdraw *w = later_make(sizeof(*w));
    err_t e;

    (void)context;
    if (w == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*w));
    }
    w->service = service;
    rpc_take_cap(request, service);
    e = later_start(&w->later, request, run_withdraw);
    if (!err_ok(e)) {
        slot_delete(service);
    }
    return e;
}
