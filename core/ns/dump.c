/* SPDX-License-Identifier: MIT */
#include "internal.h"

struct out {
    format_sink_t sink;
    void *context;
};

#define PRINT(out, ...) format((out).sink, (out).context, __VA_ARGS__)

static void dump_offer(struct out out, const struct offer *o, const char *how)
{
    PRINT(out, "  %s service %llu core %u epoch %u process %llu grant %llu %.*s\n", how,
          (unsigned long long)o->service, o->who.core, o->who.epoch, (unsigned long long)o->who.process,
          (unsigned long long)o->grant->id, (int)o->length, o->attributes);
}

static void dump_entry(struct out out, const struct entry *e)
{
    PRINT(out, "name %.*s generation %llu revision %llu%s\n", e->length, e->name,
          (unsigned long long)e->generation, (unsigned long long)e->revision, e->holder ? "" : " vacant");
    if (e->holder) {
        dump_offer(out, e->holder, "held by");
    }
    LIST_FOREACH(n, &e->queue)
    {
        dump_offer(out, CONTAINER_OF(n, const struct offer, in_queue), "queued ");
    }
}

static void dump_waiter(struct out out, const struct waiter *w)
{
    static const char *const state[] = {"waits", "woken", "expired"};

    PRINT(out, "waiter %llu core %u epoch %u process %llu %s %.*s\n", (unsigned long long)w->id,
          w->owner->who.core, w->owner->who.epoch, (unsigned long long)w->owner->who.process, state[w->state],
          w->length, w->name);
}

void ns_dump(const struct ns_table *t, format_sink_t sink, void *context)
{
    struct out out = {sink, context};

    PRINT(out, "revision %llu forgotten %llu floor %llu ended %zu bytes %llu\n",
          (unsigned long long)t->revision, (unsigned long long)t->forgotten, (unsigned long long)t->floor,
          t->ended_count, (unsigned long long)t->bytes);
    TREE_FOREACH(n, &t->grants)
    {
        const struct grant *g = CONTAINER_OF(n, const struct grant, node);
        PRINT(out, "grant %llu parent %llu prefix \"%.*s\" services %zu\n", (unsigned long long)g->id,
              g->parent ? (unsigned long long)g->parent->id : 0ull, g->length, g->prefix, g->offer_count);
    }
    TREE_FOREACH(n, &t->names)
    {
        dump_entry(out, CONTAINER_OF(n, const struct entry, by_name));
    }
    TREE_FOREACH(n, &t->waiter_ids)
    {
        dump_waiter(out, CONTAINER_OF(n, const struct waiter, by_id));
    }
}
