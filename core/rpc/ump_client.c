/* SPDX-License-Identifier: MIT */
/* Threads that call. At an end without a server one of them reads the ring for all, and sleeps for all, until
 * its own answer has come; then another does. */
#include <mudskipper/rpc/parts.h>
#include "ump_end.h"

static int compare(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

int end_compare_parts(const struct tree_node *a, const struct tree_node *b)
{
    return compare(open_part_of(a)->call, open_part_of(b)->call);
}

static int compare_id(const void *call, const struct tree_node *n)
{
    return compare(*(const uint32_t *)call, open_part_of(n)->call);
}

static struct rpc_ump *end_of(struct rpc_link *link)
{
    return CONTAINER_OF(link, struct rpc_ump, link);
}

static void discard(struct rpc_ump *end, const struct rpc_ump_cap *cap)
{
    err_t e = end->ops->take_cap(end->context, cap, CPTR_NULL);

    (void)e; /* nobody wanted it */
}

void end_deliver(struct rpc_ump *end, const struct incoming *in)
{
    uint32_t call = (uint32_t)in->part.words[0];
    struct tree_node *n = tree_find(&end->calls, &call, compare_id);
    struct open_part *p = n != NULL ? open_part_of(n) : NULL;

    if (p != NULL && !p->done) {
        *p->answer = in->part;
        p->cap = in->cap;
        p->done = true;
        end->ops->signal(end->context, &p->waiter);
        return;
    }
    end->figures.late++;
    if (in->cap.count > 0) {
        end->ops->unlock(end->context);
        discard(end, &in->cap);
        end->ops->lock(end->context);
    }
}

/* An end without a server: deals with the next part. False: there is none. */
static bool read_one(struct rpc_ump *end)
{
    struct incoming in;

    if (!end_get(end, &in)) {
        return false;
    }
    if (in.credit) {
        end_settle(end);
    }
    if (in.part.length == 0) {
        return true;
    }
    switch ((enum rpc_kind)(in.part.words[0] >> 56)) {
    case RPC_CONTINUE:
    case RPC_REPLY:
    case RPC_ERROR:
        end_deliver(end, &in);
        return true;
    default:
        end_lie(end); /* nobody here serves */
        return true;
    }
}

/* Until something has happened that may concern `p`. TIMEOUT: the deadline came; PEER_GONE. */
static err_t wait_a_while(struct rpc_ump *end, struct open_part *p, nanos_t deadline)
{
    err_t e = OK;

    if (end->server != NULL || end->reading) {
        return end->ops->wait(end->context, &p->waiter, deadline);
    }
    end->reading = true;
    if (!read_one(end) && end_prepare_sleep(end)) {
        /* The rings may have gone a moment ago, when they were touched; later we are woken for it. */
        if (!end_is_over(end)) {
            e = end->ops->sleep(end->context, deadline);
        }
        ump_awake(&end->in);
    }
    end->reading = false;
    return e;
}

/* Whoever leaves: another reads from now on, if there is one. */
static void hand_over(struct rpc_ump *end)
{
    struct list_node *first = list_first(&end->want_credit);

    if (end->server != NULL || end->reading) {
        return;
    }
    TREE_FOREACH(n, &end->calls)
    {
        if (open_part_of(n)->waiter.object != NULL) {
            end->ops->signal(end->context, &open_part_of(n)->waiter);
            return;
        }
    }
    if (first != NULL) {
        end->ops->signal(end->context, &CONTAINER_OF(first, struct open_part, in_line)->waiter);
    }
}

/* In the order of asking. */
static err_t get_credit(struct rpc_ump *end, struct open_part *p, nanos_t deadline)
{
    err_t e = OK;
    bool got;

    list_push_back(&end->want_credit, &p->in_line);
    while (!end_is_over(end) && err_ok(e) &&
           (end->parts_out == end->parts_max || list_first(&end->want_credit) != &p->in_line)) {
        e = wait_a_while(end, p, deadline);
    }
    got =
        !end_is_over(end) && end->parts_out < end->parts_max && list_first(&end->want_credit) == &p->in_line;
    list_remove(&p->in_line);
    end->parts_out += got;
    if (end->parts_out < end->parts_max && !list_empty(&end->want_credit)) {
        struct list_node *next = list_first(&end->want_credit);

        end->ops->signal(end->context, &CONTAINER_OF(next, struct open_part, in_line)->waiter);
    }
    return got ? OK : end_is_over(end) ? err_make(ERR_PEER_GONE, 0) : e;
}

/* The part goes out with a credit, and comes back as its answer. */
static err_t send_and_await(struct rpc_ump *end, struct open_part *p, const struct rpc_ump_cap *cap,
                            nanos_t deadline)
{
    err_t e = OK;

    if (end_is_over(end)) {
        return err_make(ERR_PEER_GONE, 0);
    }
    tree_insert(&end->calls, &p->node, end_compare_parts);
    end_put(end, p->answer, cap, false);
    while (!p->done && err_ok(e) && !end_is_over(end)) {
        e = wait_a_while(end, p, deadline);
    }
    tree_remove(&end->calls, &p->node);
    return p->done ? OK : end_is_over(end) ? err_make(ERR_PEER_GONE, 0) : e;
}

/* The capability of an answer, into the slot that is there for it. */
static err_t take_cap(struct rpc_ump *end, struct open_part *p, cptr_t slot)
{
    err_t e;

    p->answer->cap = CPTR_NULL;
    if (p->cap.count == 0) {
        return OK;
    }
    if (slot == CPTR_NULL) {
        discard(end, &p->cap);
        return OK;
    }
    e = end->ops->take_cap(end->context, &p->cap, slot);
    if (err_ok(e)) {
        p->answer->cap = slot;
    }
    return e;
}

static err_t exchange(struct rpc_link *link, struct rpc_part *part, cptr_t slot, nanos_t deadline)
{
    struct rpc_ump *end = end_of(link);
    struct open_part p = {.call = (uint32_t)part->words[0], .answer = part};
    struct rpc_ump_cap cap = {.count = 0};
    err_t e;

    end->ops->lock(end->context);
    e = get_credit(end, &p, deadline);
    if (err_ok(e) && part->cap != CPTR_NULL) {
        end->ops->unlock(end->context);
        e = end->ops->send_cap(end->context, part->cap, &cap);
        end->ops->lock(end->context);
        if (!err_ok(e)) {
            end_settle(end); /* not used */
        }
    }
    if (err_ok(e)) {
        e = send_and_await(end, &p, &cap, deadline);
    }
    hand_over(end);
    end->ops->unlock(end->context);
    return err_ok(e) ? take_cap(end, &p, slot) : e;
}

static void post(struct rpc_link *link, const struct rpc_part *part)
{
    struct rpc_ump *end = end_of(link);

    end->ops->lock(end->context);
    if (!end_is_over(end) && end_has_spare_room(end)) {
        end_put(end, part, NULL, false);
    }
    end->ops->unlock(end->context);
}

static err_t call(struct rpc_link *link, struct rpc_call *call, nanos_t deadline)
{
    static const struct rpc_exchange by_ump = {.exchange = exchange, .post = post};

    return rpc_parts_call(link, &by_ump, call, deadline);
}

const struct rpc_transport rpc_ump_transport = {.call = call};
