/* SPDX-License-Identifier: MIT */
#include "ends.h"
#include "core_rpc.h"
#include "processes.h"

static void (*finish)(struct process *p);
static struct rpc_request *asking; /* the nameserver's call, kept */
static uint32_t told;              /* whose end it is dealing with; PROCESS_NONE */

void ends_init(void (*then)(struct process *p))
{
    finish = then;
}

static struct process *first_unfinished(void)
{
    struct process *p = processes_from(0);

    while (p != NULL && !(p->taken_back && !p->finished)) {
        p = p->next;
    }
    return p;
}

static bool nameserver_lives(void)
{
    const struct process *p = processes_from(0);

    while (p != NULL && !(p->rights & MAY_SERVE_NAMES && !p->ended)) {
        p = p->next;
    }
    return p != NULL;
}

static void finish_all(void)
{
    struct process *p;

    told = PROCESS_NONE;
    while ((p = first_unfinished()) != NULL) {
        p->finished = true;
        finish(p);
    }
}

/* Tells the next one. An answer that does not arrive is asked for again. */
static void go_on(void)
{
    struct process *p = told == PROCESS_NONE && asking != NULL ? first_unfinished() : NULL;
    struct rpc_request *request = asking;

    if (p != NULL) {
        err_t e;

        asking = NULL;
        told = p->number;
        e = core_ended_reply(request, told);
        (void)e;
    }
}

void ends_tell(struct process *p)
{
    if (p->rights & MAY_SERVE_NAMES && asking != NULL) {
        rpc_fail(asking, err_make(ERR_CANCELLED, 0));
        asking = NULL;
    }
    if (nameserver_lives()) {
        go_on();
    } else {
        finish_all();
    }
}

err_t ends_next(struct rpc_request *request, uint32_t done)
{
    struct process *p = done != PROCESS_NONE && done == told ? processes_find(done) : NULL;
    err_t e;

    if (asking != NULL) {
        return err_make(ERR_BUSY, 0);
    }
    e = rpc_keep(request, &asking);
    if (!err_ok(e)) {
        asking = NULL;
        return e;
    }
    told = PROCESS_NONE;
    if (p != NULL) {
        p->finished = true;
        finish(p);
    }
    go_on();
    return OK;
}
