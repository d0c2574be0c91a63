/* SPDX-License-Identifier: MIT */
/* How services end. Nothing here needs memory or can fail. */
#include "internal.h"

void ns_doom(struct list *doomed, struct offer *o)
{
    list_push_back(doomed, &o->ending);
}

/* Out of the queue, so that it does not take over from somebody who ends with it. */
static void leave_queue(struct ns_table *t, struct offer *o)
{
    if (list_linked(&o->in_queue)) {
        list_remove(&o->in_queue);
        o->entry->queued--;
        o->entry = NULL;
        t->queued_count--;
    }
}

static void end(struct ns_table *t, struct offer *o)
{
    tree_remove(&t->services, &o->by_service);
    if (o->grant) {
        list_remove(&o->of_grant);
        o->grant->offer_count--;
    }
    list_remove(&o->of_owner);
    ns_owner_release(t, o->owner);
    if (o->entry) {
        ns_vacate(t, o->entry);
    }
    o->entry = NULL;
    o->owner = NULL;
    o->grant = NULL;
    list_push_back(&t->ended, &o->ending);
    t->ended_count++;
}

size_t ns_end_all(struct ns_table *t, struct list *doomed)
{
    size_t count = 0;
    struct list_node *n;

    LIST_FOREACH(node, doomed)
    {
        leave_queue(t, CONTAINER_OF(node, struct offer, ending));
    }
    while ((n = list_pop_front(doomed))) {
        end(t, CONTAINER_OF(n, struct offer, ending));
        count++;
    }
    return count;
}

err_t ns_deregister(struct ns_table *t, struct ns_owner owner, uint64_t service)
{
    struct list doomed = LIST_INITIAL(doomed);
    struct offer *o = ns_offer_find(t, service);

    if (!o || !ns_same_owner(o->who, owner)) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    ns_doom(&doomed, o);
    ns_end_all(t, &doomed);
    return OK;
}

/* Its services are collected, its waiters end here; it ends itself, now or with its last service. */
static void doom_owner(struct ns_table *t, struct list *doomed, struct owner *o)
{
    struct list_node *n;

    LIST_FOREACH(node, &o->offers)
    {
        ns_doom(doomed, CONTAINER_OF(node, struct offer, of_owner));
    }
    while ((n = list_first(&o->waiters))) {
        ns_waiter_free(t, CONTAINER_OF(n, struct waiter, of_owner));
    }
    ns_owner_release(t, o);
}

size_t ns_owner_gone(struct ns_table *t, struct ns_owner owner)
{
    struct list doomed = LIST_INITIAL(doomed);
    struct owner *o = ns_owner_find(t, owner);

    if (o) {
        doom_owner(t, &doomed, o);
    }
    return ns_end_all(t, &doomed);
}

size_t ns_core_gone(struct ns_table *t, coreid_t core, uint32_t epoch)
{
    struct list doomed = LIST_INITIAL(doomed);
    struct owner *o = ns_owner_from(t, (struct ns_owner){core, 0, 0});

    while (o && o->who.core == core && o->who.epoch <= epoch) {
        struct tree_node *next = tree_next(&o->node);
        doom_owner(t, &doomed, o);
        o = next ? CONTAINER_OF(next, struct owner, node) : NULL;
    }
    return ns_end_all(t, &doomed);
}

bool ns_ended(struct ns_table *t, struct ns_ended *ended)
{
    struct list_node *n = list_pop_front(&t->ended);

    if (!n) {
        return false;
    }
    struct offer *o = CONTAINER_OF(n, struct offer, ending);
    *ended = (struct ns_ended){o->service, o->generation, o->who};
    t->ended_count--;
    ns_offer_free(t, o);
    return true;
}

void ns_table_end(struct ns_table *t)
{
    struct tree_node *n;
    struct ns_ended ended;

    t->remember = 0; /* every name is forgotten as it becomes vacant */
    while ((n = tree_first(&t->owners))) {
        ns_owner_gone(t, CONTAINER_OF(n, struct owner, node)->who);
    }
    while (ns_ended(t, &ended)) {
    }
    while ((n = tree_first(&t->names))) {
        ns_entry_free(t, CONTAINER_OF(n, struct entry, by_name));
    }
    while ((n = tree_last(&t->grants))) { /* the youngest: nothing was made from it */
        ns_grant_free(t, CONTAINER_OF(n, struct grant, node));
    }
}
