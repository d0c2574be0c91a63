/* SPDX-License-Identifier: MIT */
/* Who waits for whom on this core. The kernel knows the open calls of each process; what a call to this
 * server waits for is known here. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/process.h>
#include "abroad.h"
#include "core_look.h"
#include "core_rpc.h"
#include "processes.h"
#include "waits.h"

enum on { ON_MESSAGE, ON_CALL, ON_END };

struct answer {
    struct core_waiting *found;
    size_t count;
    size_t room;
};

/* Of a process of this core; "" of others. */
static const char *name_of(uint32_t process)
{
    const struct process *p = processes_find(process);

    return process == rt_self()->process ? "init" : p != NULL ? p->name : "";
}

/* False: there is no room. */
static bool add(struct answer *l, const struct process *p, nanos_t since, enum on on, uint32_t whom)
{
    struct core_waiting *w = &l->found[l->count];

    if (l->count == l->room) {
        return false;
    }
    *w = (struct core_waiting){.process = p->number, .on = (uint8_t)on, .whom = whom, .since = since};
    str_copy(w->name, sizeof(w->name), p->name);
    str_copy(w->whom_name, sizeof(w->whom_name), name_of(whom));
    l->count++;
    return true;
}

/* The process whose end the n-th call of `client` waits for, counted from 0; PROCESS_NONE: there are not so
 * many here. */
static uint32_t awaited_by(uint32_t client, unsigned n)
{
    for (const struct process *p = processes_from(0); p != NULL; p = p->next) {
        if (waits_has(p->waits, client, &n)) {
            return p->number;
        }
    }
    return abroad_awaited_by(client, n);
}

static bool add_call(struct answer *l, const struct process *p, nanos_t since, uint32_t server,
                     unsigned *to_us)
{
    uint32_t awaited = server == rt_self()->process ? awaited_by(p->number, (*to_us)++) : PROCESS_NONE;

    return awaited != PROCESS_NONE ? add(l, p, since, ON_END, awaited) : add(l, p, since, ON_CALL, server);
}

/* False: not all of it found room. */
static bool add_process(struct answer *l, const struct process *p)
{
    struct dispatcher_info info;
    uint32_t server;
    uint64_t badge;
    unsigned to_us = 0;
    unsigned calls = 0;

    if (!err_ok(cap_dispatcher_info(p->dispatcher, &info))) {
        return true; /* it has just ended */
    }
    while (err_ok(cap_dispatcher_call(p->dispatcher, calls, &server, &badge))) {
        if (!add_call(l, p, info.ran, server, &to_us)) {
            return false;
        }
        calls++;
    }
    return calls > 0 || info.status != STATUS_WAITING || add(l, p, info.ran, ON_MESSAGE, PROCESS_NONE);
}

/* A process with more calls than one answer holds is shown with those. */
size_t look_at_waits(uint32_t from, uint32_t but, struct core_waiting *found, size_t room, uint32_t *next)
{
    struct answer list = {.found = found, .room = room};

    *next = 0;
    for (const struct process *p = processes_from(from); p != NULL && *next == 0; p = p->next) {
        size_t before = list.count;

        if (!p->ended && p->number != but && !add_process(&list, p)) {
            *next = before > 0 ? p->number : p->number + 1;
            list.count = before > 0 ? before : list.count;
        }
    }
    return list.count;
}
