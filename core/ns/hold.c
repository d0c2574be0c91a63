/* SPDX-License-Identifier: MIT */
/* Who holds a name: registering. */
#include "internal.h"

static void revise(struct ns_table *t, struct entry *e)
{
    if (tree_linked(&e->by_revision)) {
        tree_remove(&t->changes, &e->by_revision);
    }
    e->revision = ++t->revision;
    tree_insert(&t->changes, &e->by_revision, ns_by_revision);
}

void ns_hold(struct ns_table *t, struct entry *e, struct offer *o)
{
    if (list_linked(&e->in_vacant)) {
        list_remove(&e->in_vacant);
        t->vacant_count--;
    }
    e->holder = o;
    e->generation++;
    o->generation = e->generation;
    revise(t, e);
    ns_wake_name(t, ns_entry_name(e));
}

/* The vacant names beyond those that are to be remembered, oldest first. */
static void forget(struct ns_table *t)
{
    while (t->vacant_count > t->remember) {
        struct entry *e = CONTAINER_OF(list_pop_front(&t->vacant), struct entry, in_vacant);
        t->vacant_count--;
        t->forgotten = e->revision;
        t->floor = e->generation > t->floor ? e->generation : t->floor;
        ns_entry_free(t, e);
    }
}

void ns_vacate(struct ns_table *t, struct entry *e)
{
    struct list_node *next = list_pop_front(&e->queue);

    e->holder = NULL;
    if (next) {
        e->queued--;
        t->queued_count--;
        ns_hold(t, e, CONTAINER_OF(next, struct offer, in_queue));
        return;
    }
    revise(t, e);
    list_push_back(&t->vacant, &e->in_vacant);
    t->vacant_count++;
    forget(t);
}

/* What a registration needs, found or made before anything changes. */
struct place {
    struct grant *grant;
    struct owner *owner;
    struct entry *entry;
    bool new_entry;
    struct offer *offer;
};

static err_t check(const struct ns_table *t, const struct ns_request *r, struct place *p)
{
    err_t e = ns_name_check(r->name);
    if (err_ok(e)) {
        e = ns_attributes_check(r->attributes);
    }
    if (err_ok(e) && r->mode != NS_REFUSE && r->mode != NS_QUEUE && r->mode != NS_REPLACE) {
        e = err_make(ERR_BAD_ARGUMENT, 6);
    }
    if (err_ok(e)) {
        e = ns_grant_check(t, r->grant, r->name);
    }
    if (!err_ok(e)) {
        return e;
    }
    if (ns_offer_find(t, r->service)) {
        return err_make(ERR_EXISTS, 0);
    }
    p->grant = ns_grant_find(t, r->grant);
    p->entry = ns_entry_find(t, r->name);
    const struct offer *holder = p->entry ? p->entry->holder : NULL;
    bool may =
        !holder || r->mode == NS_QUEUE || (r->mode == NS_REPLACE && ns_grant_covers(p->grant, holder->grant));
    return may ? OK : err_make(ERR_NAME_TAKEN, 0);
}

static struct entry *new_entry(struct ns_table *t, struct text name)
{
    struct entry *e = ns_take(t, sizeof(*e) + name.length);

    if (e) {
        list_init(&e->queue);
        e->generation = t->floor;
        e->length = (uint8_t)name.length;
        mem_copy(e->name, name.start, name.length);
    }
    return e;
}

static struct offer *new_offer(struct ns_table *t, const struct ns_request *r)
{
    struct offer *o = ns_take(t, sizeof(*o) + r->attributes.length);

    if (o) {
        o->who = r->owner;
        o->service = r->service;
        o->length = r->attributes.length;
        mem_copy(o->attributes, r->attributes.start, r->attributes.length);
    }
    return o;
}

/* All the memory, or none. */
static err_t prepare(struct ns_table *t, const struct ns_request *r, struct place *p)
{
    p->new_entry = !p->entry;
    if (p->new_entry) {
        p->entry = new_entry(t, r->name);
    }
    p->offer = new_offer(t, r);
    p->owner = p->entry && p->offer ? ns_owner_record(t, r->owner) : NULL;
    if (p->owner) {
        return OK;
    }
    if (p->offer) {
        ns_offer_free(t, p->offer);
    }
    if (p->new_entry && p->entry) {
        ns_give(t, p->entry, sizeof(*p->entry) + p->entry->length);
    }
    return err_make(ERR_NO_MEMORY, 0);
}

/* Into all indexes; whether it holds or queues comes after. */
static void enter(struct ns_table *t, const struct place *p)
{
    struct offer *o = p->offer;

    if (p->new_entry) {
        tree_insert(&t->names, &p->entry->by_name, ns_by_name);
        t->name_count++;
    }
    o->entry = p->entry;
    o->owner = p->owner;
    o->grant = p->grant;
    tree_insert(&t->services, &o->by_service, ns_by_service);
    list_push_back(&p->owner->offers, &o->of_owner);
    list_push_back(&p->grant->offers, &o->of_grant);
    p->grant->offer_count++;
}

static void replace(struct ns_table *t, struct entry *e, struct offer *o)
{
    struct list doomed = LIST_INITIAL(doomed);
    struct offer *old = e->holder;

    e->holder = NULL;
    old->entry = NULL; /* so that nobody in the queue takes over */
    ns_hold(t, e, o);
    ns_doom(&doomed, old);
    ns_end_all(t, &doomed);
}

err_t ns_register(struct ns_table *t, const struct ns_request *r, struct ns_registered *result)
{
    struct place p = {0};
    err_t e = check(t, r, &p);
    if (err_ok(e)) {
        e = prepare(t, r, &p);
    }
    if (!err_ok(e)) {
        return e;
    }
    enter(t, &p);
    if (!p.entry->holder) {
        ns_hold(t, p.entry, p.offer);
    } else if (r->mode == NS_QUEUE) {
        list_push_back(&p.entry->queue, &p.offer->in_queue);
        p.entry->queued++;
        t->queued_count++;
        *result = (struct ns_registered){.queued = true};
        return OK;
    } else {
        replace(t, p.entry, p.offer);
    }
    *result = (struct ns_registered){false, p.entry->generation, p.entry->revision};
    return OK;
}
