/* SPDX-License-Identifier: MIT */
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rpc/parts.h>
#include "lmp_part.h"

static cptr_t target_of(const struct rpc_link *link)
{
    return CONTAINER_OF(link, struct rpc_lmp_link, link)->target;
}

/* The kernel's words for a server that is not there any more: its endpoint is bound to nobody, or the
 * capability to it was revoked. */
static err_t translate(err_t e)
{
    bool target_gone = err_is(e, ERR_CAP_EMPTY_SLOT) && e.code[1] == 0;

    return target_gone || err_is(e, ERR_MSG_NO_TARGET) ? err_make(ERR_PEER_GONE, 0) : e;
}

static err_t exchange(struct rpc_link *link, struct rpc_part *part, cptr_t slot, nanos_t deadline)
{
    struct rt_message m;
    err_t e;

    message_of_part(&m, part);
    e = rt_call(target_of(link), &m, slot, deadline);
    if (err_ok(e)) {
        part_of_message(part, &m);
    }
    return translate(e);
}

static void post(struct rpc_link *link, const struct rpc_part *part)
{
    struct rt_message m;
    err_t e;

    message_of_part(&m, part);
    e = rt_send(target_of(link), &m);
    (void)e;
}

static err_t call(struct rpc_link *link, struct rpc_call *call, nanos_t deadline)
{
    static const struct rpc_exchange by_lmp = {.exchange = exchange, .post = post};

    return rpc_parts_call(link, &by_lmp, call, deadline);
}

void rpc_lmp_link_init(struct rpc_lmp_link *link, cptr_t target, const struct rpc_memory *memory,
                       const struct rpc_slots *slots)
{
    static const struct rpc_transport lmp = {.call = call};

    rpc_link_init(&link->link, &lmp, memory, slots);
    link->target = target;
}
