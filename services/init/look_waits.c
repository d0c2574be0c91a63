/* SPDX-License-Identifier: MIT */
/* Who waits for whom on this core. The kernel knows the open calls of each process; what a call to this
 * server waits for is known here. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/process.h>
#include "core_look.h"
#include "core_rpc.h"
#include "processes.h"
#include "waits.h"

enum on { ON_MESSAGE, ON_CALL, ON_END };

struct answer {
    struct core_waiting found[CORE_WAITS_FOUND_MAX];
    size_t count;
};

/* False: there is no room. */
static bool add(struct answer *l, const struct process *p, enum on on, uint32_t whom)
{
    const struct process *other = processes_find(whom);
    struct core_waiting *w = &l->found[l->count];

    if (l->count == ARRAY_LENGTH(l->found)) {
        return false;
    }
    *w = (struct core_waiting){.process = p->number, .on = (uint8_t)on, .whom = whom};
    str_copy(w->name, sizeof(w->name), p->name);
    str_copy(w->whom_name, sizeof(w->whom_name),
             whom == rt_self()->process ? "init"
             : other != NULL            ? other->name
                                        : "");
    l->count++;
    return true;
}

/* The process whose end the n-th call of `client` waits for, counted from 0; NULL: there are not so many
 * here. */
static const struct process *awaited_by(uint32_t client, unsigned n)
{
    for (const struct process *p = processes_from(0); p != NULL; p = p->next) {
        if (waits_has(p->waits, client, &n)) {
            return p;
        }
    }
    return NULL;
}

static bool add_call(struct answer *l, const struct process *p, uint32_t server, unsigned *to_us)
{
    const struct process *awaited = server == rt_self()->process ? awaited_by(p->number, (*to_us)++) : NULL;

    return awaited != NULL ? add(l, p, ON_END, awaited->number) : add(l, p, ON_CALL, server);
}

/* False: not all of it found room. */
static bool add_process(struct answer *l, const struct process *p)
{
    struct dispatcher_info info;
    uint32_t server;
    uint64_t badge;
    unsigned to_us = 0;
    unsigned calls = 0;

    while (err_ok(cap_dispatcher_call(p->dispatcher, calls, &server, &badge))) {
        if (!add_call(l, p, server, &to_us)) {
            return false;
        }
        calls++;
    }
    if (calls == 0 && err_ok(cap_dispatcher_info(p->dispatcher, &info)) && info.status == STATUS_WAITING) {
        return add(l, p, ON_MESSAGE, PROCESS_NONE);
    }
    return true;
}

/* A process with more calls than one answer holds is shown with those. */
err_t look_waits(struct rpc_request *request, uint32_t from)
{
    static struct answer list; /* under init's lock */
    const struct process *p;
    uint32_t next = 0;

    list.count = 0;
    for (p = processes_from(from); p != NULL && next == 0; p = p->next) {
        size_t before = list.count;

        if (!p->ended && p->number != rpc_client(request) && !add_process(&list, p)) {
            next = before > 0 ? p->number : p->number + 1;
            list.count = before > 0 ? before : list.count;
        }
    }
    return core_waits_reply(request, list.found, list.count, next);
}
