/* SPDX-License-Identifier: MIT */
/* The table's own memory and the ends of its objects' lives. */
#include "internal.h"

void *ns_take(struct ns_table *t, size_t bytes)
{
    void *at = t->memory.take(t->memory.context, bytes);

    if (at) {
        mem_set(at, 0, bytes);
        t->bytes += bytes;
    }
    return at;
}

void ns_give(struct ns_table *t, void *at, size_t bytes)
{
    if (at) {
        t->bytes -= bytes;
        t->memory.give(t->memory.context, at, bytes);
    }
}

void ns_entry_free(struct ns_table *t, struct entry *e)
{
    tree_remove(&t->names, &e->by_name);
    tree_remove(&t->changes, &e->by_revision);
    t->name_count--;
    ns_give(t, e, sizeof(*e) + e->length);
}

void ns_grant_free(struct ns_table *t, struct grant *g)
{
    tree_remove(&t->grants, &g->node);
    list_remove(&g->sibling);
    t->grant_count--;
    ns_give(t, g, sizeof(*g) + g->length);
}

void ns_offer_free(struct ns_table *t, struct offer *o)
{
    ns_give(t, o, sizeof(*o) + o->length);
}

void ns_waiter_free(struct ns_table *t, struct waiter *w)
{
    if (w->state == WAITING) {
        tree_remove(&t->waiters, &w->by_name);
        tree_remove(&t->deadlines, &w->by_deadline);
    }
    tree_remove(&t->waiter_ids, &w->by_id);
    list_remove(&w->of_owner);
    list_remove(&w->in_woken);
    t->waiter_count--;
    ns_give(t, w, sizeof(*w) + w->length);
}

struct owner *ns_owner_record(struct ns_table *t, struct ns_owner who)
{
    struct owner *o = ns_owner_find(t, who);

    if (o) {
        return o;
    }
    o = ns_take(t, sizeof(*o));
    if (!o) {
        return NULL;
    }
    o->who = who;
    list_init(&o->offers);
    list_init(&o->waiters);
    tree_insert(&t->owners, &o->node, ns_by_owner);
    t->owner_count++;
    return o;
}

void ns_owner_release(struct ns_table *t, struct owner *o)
{
    if (list_empty(&o->offers) && list_empty(&o->waiters)) {
        tree_remove(&t->owners, &o->node);
        t->owner_count--;
        ns_give(t, o, sizeof(*o));
    }
}
