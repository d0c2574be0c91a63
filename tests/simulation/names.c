/* SPDX-License-Identifier: MIT */
/* Names of this process itself: whoever offered one holds it, and everybody finds it. */
#include "simulation.h"
#include <mudskipper/pure/format.h>
#include <mudskipper/rt/slot.h>

static struct rpc_service services[WORKERS][NAMES];

static void name_of(const struct worker *w, unsigned which, char name[40])
{
    format_to(name, 40, "app.sim.own.%u.%u", w->number, which);
}

static void offer(struct worker *w, unsigned which, const char *name)
{
    struct rpc_service *s = &services[w->number][which];
    struct name_offer o = {.name = name, .attributes = "from=simulation", .service = s, .mode = NS_REFUSE};

    s->number = 1 + w->number * NAMES + which; /* nobody calls it */
    w->offered[which] = DONE(w, name_register(&simulation.host.names, &o, NULL));
}

static void take_back(struct worker *w, unsigned which, const char *name)
{
    if (DONE(w, name_deregister(&simulation.host.names, name))) {
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
    if (DONE(w, e)) {
        MUST(w, w->offered[which] && found.process == rt_self()->process);
        slot_delete(found.handle);
    }
}

void names_end(struct worker *w)
{
    for (unsigned i = 0; i < NAMES; i++) {
        char name[40];

        name_of(w, i, name);
        for (unsigned tries = 0; w->offered[i] && tries < 100; tries++) {
            take_back(w, i, name); /* memory that is short comes back */
        }
        MUST(w, !w->offered[i]);
    }
}
