/* SPDX-License-Identifier: MIT */
#include "ump_end.h"

/* ---- the port: a handle is a struct late_answer, made when the call is kept */

static struct late_answer *allocate(struct rpc_ump *end)
{
    const struct rpc_memory *memory = end->server->memory;

    return memory->allocate(memory->context, sizeof(struct late_answer));
}

static void release(struct rpc_ump *end, struct late_answer *late)
{
    const struct rpc_memory *memory = end->server->memory;

    list_remove(&late->node);
    memory->release(memory->context, late, sizeof(*late));
}

/* Sends what has waited, as far as there is room. */
static void flush(struct rpc_ump *end)
{
    struct list_node *first;

    while ((first = list_first(&end->late_answers)) != NULL && !end_is_over(end) && end_has_spare_room(end)) {
        struct late_answer *late = CONTAINER_OF(first, struct late_answer, node);

        end_put(end, &late->part, &late->cap, false);
        release(end, late);
    }
}

/* The reader's progress wakes us when there is no room now; then the serving thread sends it. */
static void answer_late(struct rpc_ump *end, struct late_answer *late, const struct rpc_part *part,
                        const struct rpc_ump_cap *cap)
{
    late->part = *part;
    late->cap = *cap;
    list_remove(&late->node);
    list_push_back(&end->late_answers, &late->node);
    flush(end);
    if (!list_empty(&end->late_answers)) {
        end->figures.waiting++;
        while (!list_empty(&end->late_answers) && !end_is_over(end) &&
               !ump_prepare_wait(&end->out, end_spare_lines(end))) {
            flush(end); /* there was room, so this sends at least one */
        }
    }
}

static err_t answer(void *context, uint64_t handle, const struct rpc_part *part)
{
    struct rpc_ump *end = context;
    struct late_answer *late = (struct late_answer *)(uintptr_t)handle;
    struct rpc_ump_cap cap = {.count = 0};
    err_t e = OK;

    if (part->cap != CPTR_NULL) {
        e = end->ops->send_cap(end->context, part->cap, &cap);
    }
    if (!err_ok(e)) {
        return e;
    }
    end->ops->lock(end->context);
    if (end_is_over(end)) {
        e = err_make(ERR_MSG_NO_REPLY, 0);
        if (late != NULL) {
            release(end, late);
        }
    } else if (late != NULL) {
        answer_late(end, late, part, &cap);
    } else {
        end_put(end, part, &cap, true);
    }
    end->ops->unlock(end->context);
    return e;
}

static err_t keep(void *context, uint64_t *handle)
{
    struct rpc_ump *end = context;
    struct late_answer *late = allocate(end);

    if (late == NULL) {
        return err_make(ERR_NO_MEMORY, 0);
    }
    end->ops->lock(end->context);
    list_push_back(&end->kept, &late->node);
    if (!end_is_over(end)) {
        end_put(end, NULL, NULL, true);
    }
    end->ops->unlock(end->context);
    *handle = (uintptr_t)late;
    return OK;
}

const struct rpc_server_port rpc_ump_port = {.answer = answer, .keep = keep};

void end_free_answers(struct rpc_ump *end)
{
    list_append_list(&end->kept, &end->late_answers);
    while (!list_empty(&end->kept)) {
        release(end, CONTAINER_OF(list_first(&end->kept), struct late_answer, node));
    }
}

/* ---- serving */

/* What the other end, or the owner, has taken back is gone; what was short here is said so. */
static err_t why_none(err_t e)
{
    return err_is(e, ERR_PEER_GONE) || err_is(e, ERR_NOT_FOUND) ? OK : e;
}

/* Where the capability of a request goes; a part without the one it announces is refused by the server. */
static void take_cap(struct rpc_ump *end, struct incoming *in)
{
    const struct rpc_slots *slots = end->server->slots;
    cptr_t slot;
    err_t e;

    if (in->cap.count == 0) {
        return;
    }
    slot = slots->take(slots->context);
    e = end->ops->take_cap(end->context, &in->cap, slot);
    if (slot == CPTR_NULL) {
        in->part.cap_error = err_make(ERR_MSG_NO_RECEIVE_SLOT, 0);
    } else if (err_ok(e)) {
        in->part.cap = slot;
    } else {
        in->part.cap_error = why_none(e);
        slots->give(slots->context, slot);
    }
}

/* Without the lock. */
static void serve(struct rpc_ump *end, struct incoming *in, enum rpc_kind kind)
{
    struct rpc_part answer;

    take_cap(end, in);
    if (rpc_server_take(end->server, &end->port, end->badge, kind != RPC_CANCEL, &in->part, &answer)) {
        end->ops->lock(end->context);
        if (!end_is_over(end)) {
            end_put(end, &answer, NULL, true);
        }
        end->ops->unlock(end->context);
    }
}

/* Nothing has come. */
static enum rpc_ump_state rest(struct rpc_ump *end)
{
    bool sleeps = !end_is_over(end) && end_prepare_sleep(end);

    if (end_is_over(end)) { /* perhaps it was touching the rings that showed they are gone */
        return RPC_UMP_ENDED;
    }
    if (!sleeps) {
        return RPC_UMP_AGAIN;
    }
    if (!list_empty(&end->late_answers) && !ump_prepare_wait(&end->out, end_spare_lines(end))) {
        ump_awake(&end->in);
        return RPC_UMP_AGAIN;
    }
    end->asleep = true;
    return RPC_UMP_IDLE;
}

/* Other threads are to serve what is there, or comes, while this one runs a handler. */
static void call_others(struct rpc_ump *end)
{
    if (end_prepare_sleep(end)) {
        end->asleep = true;
    } else {
        end->ops->rouse(end->context);
    }
}

enum rpc_ump_state rpc_ump_serve(struct rpc_ump *end)
{
    enum rpc_ump_state state = RPC_UMP_AGAIN;
    enum rpc_kind kind;
    struct incoming in;

    end->ops->lock(end->context);
    if (end->asleep) {
        end->asleep = false;
        ump_awake(&end->in);
    }
    flush(end);
    if (end_is_over(end) || !end_get(end, &in)) {
        state = rest(end);
        end->ops->unlock(end->context);
        return state;
    }
    if (in.credit) {
        end_settle(end);
    }
    if (end->side_by_side) {
        call_others(end);
    }
    kind = in.part.length > 0 ? (enum rpc_kind)(in.part.words[0] >> 56) : RPC_CONTINUE;
    if (in.part.length > 0 && (kind == RPC_CONTINUE || kind == RPC_REPLY || kind == RPC_ERROR)) {
        end_deliver(end, &in);
    }
    end->ops->unlock(end->context);
    if (kind != RPC_CONTINUE && kind != RPC_REPLY && kind != RPC_ERROR) {
        serve(end, &in, kind);
    }
    return state;
}
