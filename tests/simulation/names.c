/* SPDX-License-Identifier: MIT */
/* Names of this process itself: whoever offered one holds it, and everybody finds it, unless a nameserver was
 * killed: then it may be forgotten, or, when it was killed between, known although its holder was not told.
 */
#include "simulation.h"
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/rt/slot.h>

static struct rpc_service services[WORKERS][NAMES];

static void name_of(const struct worker *w, unsigned which, char name[40])
{
    format_to(name, 40, "app.sim.own.%u.%u", w->number, which);
}

/* Init starts none anew that ends more than 5 times in 10 s. */
#define BETWEEN ((nanos_t)3 * 1000 * 1000 * 1000)

/* Its number; 0: none runs now. */
static uint32_t nameserver_of(struct worker *w, coreid_t core)
{
    static struct core_process some[CORE_PROCESSES_OF_FOUND_MAX]; /* worker 0's */
    uint32_t from = 0;
    size_t count;
    bool more;

    do {
        if (!DONE(w, core_processes_of(&simulation.core_server, core, from, some, ARRAY_LENGTH(some), &count,
                                       &more))) {
            return 0;
        }
        for (size_t i = 0; i < count; i++) {
            if (str_equal(some[i].name, "names")) {
                return some[i].number;
            }
            from = some[i].number + 1;
        }
    } while (more);
    return 0;
}

void nameserver_kill(struct worker *w)
{
    static nanos_t next;
    uint32_t process;

    if (!simulation.may_forget || w->number != 0 || rt_now() < next) {
        return;
    }
    process = nameserver_of(w, (coreid_t)below(w, simulation.cores));
    if (process != 0) {
        err_t e = core_kill(&simulation.core_server, process);

        next = rt_now() + BETWEEN;
        (void)(err_is(e, ERR_PROC_NOT_FOUND) || DONE(w, e));
    }
}

static void offer(struct worker *w, unsigned which, const char *name)
{
    struct rpc_service *s = &services[w->number][which];
    struct name_offer o = {.name = name, .attributes = "from=simulation", .service = s, .mode = NS_REFUSE};
    err_t e;

    s->number = 1 + w->number * NAMES + which; /* nobody calls it */
    e = name_register(&simulation.host.names, &o, NULL);
    if (is_forgotten(e) || (simulation.may_forget && err_is(e, ERR_NAME_TAKEN))) {
        w->forgot++;
        return;
    }
    w->offered[which] = DONE(w, e);
}

static void take_back(struct worker *w, unsigned which, const char *name)
{
    err_t e = name_deregister(&simulation.host.names, name);

    if (is_forgotten(e) || (simulation.may_forget && err_is(e, ERR_NOT_FOUND))) {
        w->forgot++;
        w->offered[which] = err_is(e, ERR_PEER_GONE); /* then ask again */
    } else if (DONE(w, e) || is_cut_off(w, e)) {
        w->offered[which] = false;
    }
}

void name_offer_or_take_back(struct worker *w)
{
    unsigned which = (unsigned)below(w, NAMES);
    char name[40];

    name_of(w, which, name);
    if (w->offered[which]) {
        take_back(w, which, name);
    } else {
        offer(w, which, name);
    }
}

void name_look_up(struct worker *w)
{
    unsigned which = (unsigned)below(w, NAMES);
    struct name_found found;
    char name[40];
    err_t e;

    name_of(w, which, name);
    e = name_lookup(&simulation.host.names, name, &found);
    if (!w->offered[which] && err_is(e, ERR_NAME_UNKNOWN)) {
        return;
    }
    if (is_forgotten(e)) {
        w->forgot++;
        return;
    }
    if (DONE(w, e)) {
        MUST(w, (w->offered[which] || simulation.may_forget) && found.process == rt_self()->process);
        slot_delete(found.handle);
    }
}

void names_end(struct worker *w)
{
    nanos_t until = patience();

    for (unsigned i = 0; i < NAMES; i++) {
        char name[40];

        name_of(w, i, name);
        w->offered[i] = w->offered[i] || simulation.may_forget;
        while (w->offered[i]) { /* memory that is short comes back, and a nameserver, too */
            MUST(w, rt_now() < until);
            take_back(w, i, name);
            thread_sleep_until(rt_now() + (nanos_t)1000 * 1000);
        }
    }
}
