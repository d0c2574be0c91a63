/* SPDX-License-Identifier: MIT */
#include "names_of.h"
#include <mudskipper/ns/client.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include "core_calls.h"
#include "core_rpc.h"
#include "peer_rpc.h"
#include "peers.h"
#include "processes.h"
#include "work.h"

/* The Service of all of them. */
static err_t service(cptr_t *slot)
{
    static cptr_t made;
    err_t e = OK;

    if (made == CPTR_NULL) {
        e = slot_alloc(&made);
        if (err_ok(e)) {
            e = cap_service(processes_names(), NAMES_FOR_PEERS, made);
            if (!err_ok(e)) {
                slot_free(made);
                made = CPTR_NULL;
            }
        }
    }
    *slot = made;
    return e;
}

err_t names_handle(coreid_t core, cptr_t slot)
{
    cptr_t of;
    err_t e = service(&of);

    return err_ok(e) ? cap_handle(of, core, slot) : e;
}

/* A Handle that is answered with `reply`, which copies it. */
static err_t give(struct rpc_request *request, coreid_t core,
                  err_t (*reply)(struct rpc_request *request, cptr_t handle))
{
    cptr_t slot;
    err_t e = slot_alloc(&slot);

    if (!err_ok(e)) {
        return e;
    }
    e = names_handle(core, slot);
    if (err_ok(e)) {
        e = reply(request, slot);
    }
    slot_delete(slot);
    return e;
}

err_t names_for(struct rpc_request *request, coreid_t core)
{
    return give(request, core, peer_names_reply);
}

/* ---- of another core ---- */

struct ask {
    struct later later;
    coreid_t core;
};

static void run(struct later *later)
{
    struct ask *a = CONTAINER_OF(later, struct ask, later);
    struct rpc_channel channel;
    cptr_t handle;
    err_t e = peers_channel(a->core, &channel);

    if (err_ok(e)) {
        e = peer_names(&channel, &handle);
    }
    if (err_ok(e)) {
        e = core_names_of_reply(later->request, handle);
        slot_delete(handle);
    } else {
        rpc_fail(later->request, e);
    }
    (void)e; /* who asked was told */
    later_free(later);
}

err_t serve_names_of(void *context, struct rpc_request *request, uint32_t core)
{
    bool other = false;
    struct ask *a;
    err_t e = caller_may(request, MAY_SERVE_NAMES) ? is_other(core, &other) : refused();

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    if (!other) {
        return give(request, (coreid_t)core, core_names_of_reply);
    }
    a = later_make(sizeof(*a));
    if (a == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*a));
    }
    a->core = (coreid_t)core;
    return later_start(&a->later, request, run);
}
