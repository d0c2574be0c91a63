/* SPDX-License-Identifier: MIT */
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/cap.h>
#include "lmp_part.h"

/* ---- the port: handles are slots of Reply capabilities
 * ----------------------------------------------------------- */

static const struct rpc_slots *slots_of(const struct rpc_lmp_server *lmp)
{
    return lmp->server.slots;
}

static void give(const struct rpc_lmp_server *lmp, cptr_t slot)
{
    if (slot != CPTR_NULL) {
        slots_of(lmp)->give(slots_of(lmp)->context, slot);
    }
}

static err_t answer(void *context, uint64_t handle, const struct rpc_part *part)
{
    struct rt_message m;
    err_t e;

    message_of_part(&m, part);
    if (handle == 0) {
        return rt_reply(&m);
    }
    e = rt_reply_to((cptr_t)handle, &m);
    if (err_ok(e) || err_is(e, ERR_MSG_NO_REPLY)) {
        give(context, (cptr_t)handle);
    }
    return e;
}

static err_t keep(void *context, uint64_t *handle)
{
    const struct rpc_slots *slots = slots_of(context);
    cptr_t slot = slots->take(slots->context);
    err_t e;

    if (slot == CPTR_NULL) {
        return err_make(ERR_CAP_SLOTS_EXHAUSTED, 0);
    }
    e = rt_keep_reply(slot);
    if (!err_ok(e)) {
        give(context, slot);
        return e;
    }
    *handle = slot;
    return OK;
}

static void lock(void *mutex)
{
    mutex_lock(mutex);
}

static void unlock(void *mutex)
{
    mutex_unlock(mutex);
}

void rpc_lmp_take_turns(struct rpc_lmp_server *lmp)
{
    mutex_init(&lmp->turn);
    lmp->turns = (struct rpc_lock){.lock = lock, .unlock = unlock, .context = &lmp->turn};
    lmp->server.turns = &lmp->turns;
}

void rpc_lmp_server_init(struct rpc_lmp_server *lmp, const struct rpc_memory *memory,
                         const struct rpc_slots *slots)
{
    *lmp = (struct rpc_lmp_server){.port = {.answer = answer, .keep = keep, .context = lmp},
                                   .lock = {.lock = lock, .unlock = unlock, .context = &lmp->mutex}};
    mutex_init(&lmp->mutex);
    rpc_server_init(&lmp->server, &lmp->lock, memory, slots);
}

/* ---- the loop
 * -------------------------------------------------------------------------------------------------------- */

/* One serving thread. */
struct loop {
    struct rpc_lmp_server *lmp;
    struct rt_message message; /* what came, then what is answered */
    cptr_t slot;               /* an empty one for a capability, or CPTR_NULL: none is left */
    bool answer_due;
};

/* Sends the answer, if one is due, and waits for a message. A caller that is gone needs no answer. */
static err_t next(struct loop *l, nanos_t deadline)
{
    err_t e;

    if (l->slot == CPTR_NULL) {
        l->slot = slots_of(l->lmp)->take(slots_of(l->lmp)->context);
    }
    if (l->answer_due) {
        l->answer_due = false;
        e = rt_reply_receive(&l->message, l->slot, deadline);
        if (err_ok(e) || err_is(e, ERR_TIMEOUT)) {
            return e;
        }
    }
    return rt_receive(&l->message, l->slot, deadline);
}

/* l->message has come. */
static void serve(struct loop *l)
{
    struct rt_message *m = &l->message;
    struct rpc_part part;
    struct rpc_part reply;

    if (m->flags & SYS_CAME_EXIT) {
        if (l->lmp->other != NULL) {
            l->lmp->other(l->lmp->other_context, m);
        }
        return;
    }
    part_of_message(&part, m);
    part.cap_error = l->slot == CPTR_NULL ? err_make(ERR_MSG_NO_RECEIVE_SLOT, 0) : OK;
    if (part.cap != CPTR_NULL) {
        l->slot = CPTR_NULL; /* the server's now */
    }
    l->answer_due = rpc_server_take(&l->lmp->server, &l->lmp->port, m->badge, (m->flags & SYS_CAME_CALL) != 0,
                                    &part, &reply);
    if (l->answer_due) {
        message_of_part(m, &reply);
    }
}

err_t rpc_lmp_serve(struct rpc_lmp_server *lmp, nanos_t deadline)
{
    struct loop l = {.lmp = lmp, .slot = CPTR_NULL};
    err_t e;

    do {
        e = next(&l, deadline);
        if (err_ok(e)) {
            serve(&l);
        }
    } while (err_ok(e) && !lmp->stop);
    if (l.answer_due) {
        err_t answered = rt_reply(&l.message);

        (void)answered; /* a caller that is gone needs none */
    }
    give(lmp, l.slot);
    return e;
}

void rpc_lmp_stop(struct rpc_lmp_server *lmp)
{
    lmp->stop = true;
}

err_t rpc_lmp_offer(const struct rpc_service *service, uint32_t client, cptr_t slot)
{
    return cap_badge(SLOT_ENDPOINT, slot, RPC_BADGE(service->number, client));
}
