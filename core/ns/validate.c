/* SPDX-License-Identifier: MIT */
/* The walker N1 (and the table's part of N4), and the dump. */
#include <mudskipper/pure/walker.h>
#include "internal.h"

struct check {
    const struct ns_table *t;
    struct walker walker;
    size_t held, vacant, queued, offers_of_owners, offers_of_grants, waiters_of_owners, owners, grants,
        waiters;
    uint64_t bytes;
};

static void expect(struct check *c, bool holds, const char *what, struct text name, uint64_t number)
{
    (void)WALKER_EXPECT(&c->walker, holds, "ns: N1 %s: %.*s %llu\n", what, (int)name.length,
                        name.length ? name.start : "", (unsigned long long)number);
}

static const struct text none = {NULL, 0};

static void check_trees(struct check *c)
{
    const struct ns_table *t = c->t;
    const struct {
        const char *what;
        const struct tree *tree;
        tree_compare_t order;
    } all[] = {
        {"the index of names is broken", &t->names, ns_by_name},
        {"the index of changes is broken", &t->changes, ns_by_revision},
        {"the index of services is broken", &t->services, ns_by_service},
        {"the index of owners is broken", &t->owners, ns_by_owner},
        {"the index of grants is broken", &t->grants, ns_by_grant},
        {"the index of waited names is broken", &t->waiters, ns_by_waited_name},
        {"the index of deadlines is broken", &t->deadlines, ns_by_deadline},
        {"the index of waiters is broken", &t->waiter_ids, ns_by_waiter},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(all); i++) {
        const struct tree_node *before = NULL;
        expect(c, tree_check(all[i].tree, all[i].order), all[i].what, none, 0);
        TREE_FOREACH(n, all[i].tree)
        {
            expect(c, !before || all[i].order(before, n) < 0, all[i].what, none, 1);
            before = n;
        }
    }
}

static size_t count(const struct tree *t)
{
    size_t nodes = 0;

    TREE_FOREACH(n, t)
    {
        nodes++;
    }
    return nodes;
}

static void check_offer(struct check *c, const struct entry *e, const struct offer *o)
{
    struct text name = ns_entry_name(e);

    c->bytes += sizeof(*o) + o->length;
    expect(c, o->entry == e, "a service points at another name", name, o->service);
    expect(c, ns_offer_find(c->t, o->service) == o, "a service is not in its index", name, o->service);
    expect(c, o->owner && ns_same_owner(o->owner->who, o->who), "a service has the wrong owner", name,
           o->service);
    expect(c, o->grant && ns_name_below(ns_grant_prefix(o->grant), name),
           "N4 a service is not below its grant", name, o->service);
    expect(c, list_linked(&o->of_owner) && list_linked(&o->of_grant) && !list_linked(&o->ending),
           "a service is in the wrong lists", name, o->service);
    expect(c, err_ok(ns_attributes_check((struct text){o->attributes, o->length})),
           "attributes are malformed", name, o->service);
}

static void check_queue(struct check *c, const struct entry *e)
{
    size_t length = 0;

    expect(c, list_check(&e->queue), "a queue is broken", ns_entry_name(e), 0);
    LIST_FOREACH(n, &e->queue)
    {
        const struct offer *o = CONTAINER_OF(n, const struct offer, in_queue);
        check_offer(c, e, o);
        expect(c, o->generation == 0, "a queued service has a generation", ns_entry_name(e), o->service);
        length++;
    }
    expect(c, length == e->queued, "a queue is counted wrong", ns_entry_name(e), length);
    c->queued += length;
}

static void check_entry(struct check *c, const struct entry *e)
{
    struct text name = ns_entry_name(e);
    const struct offer *o = e->holder;

    c->bytes += sizeof(*e) + e->length;
    c->held += o != NULL;
    c->vacant += o == NULL;
    expect(c, err_ok(ns_name_check(name)), "a name is malformed", name, 0);
    expect(c, ns_change_from(c->t, e->revision) == e, "a name is not in the index of changes", name,
           e->revision);
    expect(c, e->revision <= c->t->revision, "a revision is still to come", name, e->revision);
    expect(c, e->generation > 0, "a name was never held", name, 0);
    expect(c, list_linked(&e->in_vacant) == !o, "held or vacant", name, 0);
    expect(c, o || list_empty(&e->queue), "somebody queues for a vacant name", name, 0);
    expect(c, !o || !ns_waiter_of_name(c->t, name), "somebody waits for a held name", name, 0);
    if (o) {
        check_offer(c, e, o);
        expect(c, o->generation == e->generation && !list_linked(&o->in_queue), "the holder does not hold",
               name, o->service);
    }
    check_queue(c, e);
}

static void check_owner(struct check *c, const struct owner *o)
{
    c->owners++;
    c->bytes += sizeof(*o);
    expect(c, list_check(&o->offers) && list_check(&o->waiters), "an owner's list is broken", none,
           o->who.process);
    expect(c, !list_empty(&o->offers) || !list_empty(&o->waiters), "an owner of nothing", none,
           o->who.process);
    LIST_FOREACH(n, &o->offers)
    {
        const struct offer *offer = CONTAINER_OF(n, const struct offer, of_owner);
        expect(c, offer->owner == o, "a service is in another's list", none, offer->service);
        c->offers_of_owners++;
    }
    LIST_FOREACH(n, &o->waiters)
    {
        const struct waiter *w = CONTAINER_OF(n, const struct waiter, of_owner);
        expect(c, w->owner == o, "a waiter is in another's list", none, w->id);
        c->waiters_of_owners++;
    }
}

static void check_grant(struct check *c, const struct grant *g)
{
    size_t offers = 0;

    c->grants++;
    c->bytes += sizeof(*g) + g->length;
    expect(c, (g->id == NS_GRANT_ROOT) == !g->parent, "a grant without parent", ns_grant_prefix(g), g->id);
    expect(c, !g->parent || (list_linked(&g->sibling) && g->parent->id < g->id),
           "a grant older than its parent", ns_grant_prefix(g), g->id);
    expect(c, !g->parent || ns_name_below(ns_grant_prefix(g->parent), ns_grant_prefix(g)),
           "N4 a grant is not below its parent", ns_grant_prefix(g), g->id);
    expect(c, list_check(&g->children) && list_check(&g->offers), "a grant's list is broken",
           ns_grant_prefix(g), g->id);
    LIST_FOREACH(n, &g->offers)
    {
        offers += CONTAINER_OF(n, const struct offer, of_grant)->grant == g;
        c->offers_of_grants++;
    }
    expect(c, offers == g->offer_count, "a grant's services are counted wrong", ns_grant_prefix(g), g->id);
}

static void check_waiter(struct check *c, const struct waiter *w)
{
    bool waits = w->state == WAITING;

    c->waiters++;
    c->bytes += sizeof(*w) + w->length;
    expect(c, list_linked(&w->in_woken) == !waits, "a waiter waits and is woken, or neither",
           ns_waiter_name(w), w->id);
    expect(c, tree_linked(&w->by_name) == waits && tree_linked(&w->by_deadline) == waits,
           "a waiter is in the wrong index", ns_waiter_name(w), w->id);
}

static void check_vacant(struct check *c)
{
    uint64_t last = c->t->forgotten;
    size_t length = 0;

    expect(c, list_check(&c->t->vacant), "the list of vacant names is broken", none, 0);
    LIST_FOREACH(n, &c->t->vacant)
    {
        const struct entry *e = CONTAINER_OF(n, const struct entry, in_vacant);
        expect(c, e->revision > last, "vacant names are out of order", ns_entry_name(e), e->revision);
        last = e->revision;
        length++;
    }
    expect(c, length == c->t->vacant_count && length == c->vacant && length <= c->t->remember,
           "vacant names are counted wrong", none, length);
}

static void check_ended(struct check *c)
{
    size_t length = 0;

    expect(c, list_check(&c->t->ended) && list_check(&c->t->woken), "a list of news is broken", none, 0);
    LIST_FOREACH(n, &c->t->ended)
    {
        const struct offer *o = CONTAINER_OF(n, const struct offer, ending);
        expect(c, !o->entry && !o->owner && !o->grant && ns_offer_find(c->t, o->service) != o,
               "an ended service belongs to something", none, o->service);
        c->bytes += sizeof(*o) + o->length;
        length++;
    }
    expect(c, length == c->t->ended_count, "ended services are counted wrong", none, length);
}

static void check_counts(struct check *c)
{
    const struct ns_table *t = c->t;
    size_t services = c->held + c->queued;
    size_t woken = list_length(&t->woken);

    expect(c, t->name_count == c->held + c->vacant, "names are counted wrong", none, t->name_count);
    expect(c, count(&t->changes) == t->name_count, "names and changes differ", none, count(&t->changes));
    expect(c, t->queued_count == c->queued, "queued services are counted wrong", none, c->queued);
    expect(c, count(&t->services) == services, "services are counted wrong", none, services);
    expect(c, c->offers_of_owners == services, "owners' services are counted wrong", none, services);
    expect(c, c->offers_of_grants == services, "grants' services are counted wrong", none, services);
    expect(c, t->owner_count == c->owners, "owners are counted wrong", none, c->owners);
    expect(c, t->grant_count == c->grants, "grants are counted wrong", none, c->grants);
    expect(c, t->waiter_count == c->waiters && c->waiters_of_owners == c->waiters,
           "waiters are counted wrong", none, c->waiters);
    expect(c, count(&t->waiters) + woken == c->waiters && count(&t->deadlines) + woken == c->waiters,
           "waiting and woken are counted wrong", none, woken);
    expect(c, t->bytes == c->bytes, "memory is counted wrong", none, c->bytes);
}

size_t ns_validate(const struct ns_table *t, format_sink_t sink, void *context)
{
    struct check c = {.t = t, .walker = {sink, context, 0}};

    check_trees(&c);
    if (c.walker.faults > 0) {
        return c.walker.faults; /* what follows walks the trees */
    }
    TREE_FOREACH(n, &t->names)
    {
        check_entry(&c, CONTAINER_OF(n, const struct entry, by_name));
    }
    TREE_FOREACH(n, &t->owners)
    {
        check_owner(&c, CONTAINER_OF(n, const struct owner, node));
    }
    TREE_FOREACH(n, &t->grants)
    {
        check_grant(&c, CONTAINER_OF(n, const struct grant, node));
    }
    TREE_FOREACH(n, &t->waiter_ids)
    {
        check_waiter(&c, CONTAINER_OF(n, const struct waiter, by_id));
    }
    check_vacant(&c);
    check_ended(&c);
    check_counts(&c);
    return c.walker.faults;
}
