/* SPDX-License-Identifier: MIT */
/* Who waits for whom: for people in front of a machine that does not get on. */
#include <mudskipper/hal/kernel.h>
#include <mudskipper/hal/time.h>
#include <mudskipper/pure/format.h>
#include "core.h"
#include "dispatcher.h"
#include "message.h"

#define LINE_BYTES 160u
#define FAR_OFF    (NANOS_NEVER / 2) /* what nobody waits for */

struct tale {
    const struct core *core;
    void (*line)(const char *text, size_t count);
    nanos_t now;
};

/* A dispatcher has one capability at least, in the order of the database; copies stand side by side. */
static const struct dispatcher *next_dispatcher(const struct cap_slot **at)
{
    for (const struct cap_slot *s = *at; s != NULL; s = s->next) {
        bool again = s->prev != NULL && mdb_is_copy(s, s->prev);

        if (s->type == CAP_TYPE_DISPATCHER && !again && !(s->flags & CAP_FLAG_CREATING)) {
            *at = s->next;
            return dispatcher_of(s);
        }
    }
    return NULL;
}

/* "?" for a process of another core, or none. */
static const char *name_of(const struct core *core, uint32_t process)
{
    const struct cap_slot *at = mdb_first(&core->caps.db);
    const struct dispatcher *d;

    while ((d = next_dispatcher(&at)) != NULL) {
        if (d->process == process && d->state != DISPATCHER_DEAD) {
            return d->name;
        }
    }
    return "?";
}

static void tell(const struct tale *t, const struct dispatcher *d, const char *does, const char *whom,
                 uint32_t number)
{
    nanos_t still = t->now - d->stopped_at;
    char text[LINE_BYTES];
    size_t count =
        format_to(text, sizeof(text), "core %u: %s (%u) %s", t->core->id, d->name, d->process, does);

    if (whom != NULL) {
        count += format_to(text + count, sizeof(text) - count, " %s (%u)", whom, number);
    }
    if (d != t->core->current && d->stopped_at != 0) {
        count += format_to(text + count, sizeof(text) - count, ", has not run for %lu.%03lu s",
                           still / 1000000000, still / 1000000 % 1000);
    }
    if (d->state == DISPATCHER_WAITING && d->deadline.when < FAR_OFF) {
        nanos_t left = d->deadline.when > t->now ? d->deadline.when - t->now : 0;

        count += format_to(text + count, sizeof(text) - count, ", waits %lu.%03lu s more", left / 1000000000,
                           left / 1000000 % 1000);
    }
    t->line(text, count);
}

static const char *state_of(const struct core *core, const struct dispatcher *d)
{
    if (d->suspended) {
        return "is suspended";
    }
    switch (d->state) {
    case DISPATCHER_STOPPED:
        return "has not begun";
    case DISPATCHER_READY:
        return d == core->current ? "runs" : "is ready";
    default:
        return d->closed ? "waits for a notification or an answer" : "waits for a message";
    }
}

/* Each of its open calls; it may have several, of as many threads. What it waits for without one is not known
 * here. */
static void tell_all(const struct tale *t, const struct dispatcher *d)
{
    const struct message *m;
    uint64_t n;

    for (n = 0; (m = message_open_call(d, n)) != NULL; n++) {
        tell(t, d,
             m->state == MESSAGE_QUEUED ? "has called, and was not heard yet by" : "waits for an answer of",
             name_of(t->core, m->server), m->server);
    }
    if (n == 0 || d->state != DISPATCHER_WAITING) {
        tell(t, d, state_of(t->core, d), NULL, 0);
    }
}

void kernel_tell_waits(const void *core, void (*line)(const char *text, size_t count))
{
    struct tale t = {.core = core, .line = line};
    const struct cap_slot *at;
    const struct dispatcher *d;

    if (core == NULL) {
        return; /* it has not come up */
    }
    t.now = hal_now();
    at = mdb_first(&t.core->caps.db);
    while ((d = next_dispatcher(&at)) != NULL) {
        if (d->state != DISPATCHER_DEAD) {
            tell_all(&t, d);
        }
    }
}
