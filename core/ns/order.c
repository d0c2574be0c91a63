/* SPDX-License-Identifier: MIT */
/* The orders of the table's trees, and finding things in them. */
#include "internal.h"

#define AT(type, member, n) CONTAINER_OF(n, const struct type, member)

static int by_number(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_owner(struct ns_owner a, struct ns_owner b)
{
    int order = by_number(a.core, b.core);

    order = order ? order : by_number(a.epoch, b.epoch);
    return order ? order : by_number(a.process, b.process);
}

bool ns_same_owner(struct ns_owner a, struct ns_owner b)
{
    return by_owner(a, b) == 0;
}

int ns_by_name(const struct tree_node *a, const struct tree_node *b)
{
    return ns_name_compare(ns_entry_name(AT(entry, by_name, a)), ns_entry_name(AT(entry, by_name, b)));
}

int ns_by_revision(const struct tree_node *a, const struct tree_node *b)
{
    return by_number(AT(entry, by_revision, a)->revision, AT(entry, by_revision, b)->revision);
}

int ns_by_service(const struct tree_node *a, const struct tree_node *b)
{
    return by_number(AT(offer, by_service, a)->service, AT(offer, by_service, b)->service);
}

int ns_by_owner(const struct tree_node *a, const struct tree_node *b)
{
    return by_owner(AT(owner, node, a)->who, AT(owner, node, b)->who);
}

int ns_by_grant(const struct tree_node *a, const struct tree_node *b)
{
    return by_number(AT(grant, node, a)->id, AT(grant, node, b)->id);
}

int ns_by_waited_name(const struct tree_node *a, const struct tree_node *b)
{
    const struct waiter *x = AT(waiter, by_name, a);
    const struct waiter *y = AT(waiter, by_name, b);
    int order = ns_name_compare(ns_waiter_name(x), ns_waiter_name(y));

    return order ? order : by_number(x->id, y->id);
}

int ns_by_deadline(const struct tree_node *a, const struct tree_node *b)
{
    const struct waiter *x = AT(waiter, by_deadline, a);
    const struct waiter *y = AT(waiter, by_deadline, b);
    int order = by_number(x->deadline, y->deadline);

    return order ? order : by_number(x->id, y->id);
}

int ns_by_waiter(const struct tree_node *a, const struct tree_node *b)
{
    return by_number(AT(waiter, by_id, a)->id, AT(waiter, by_id, b)->id);
}

static int name_to_entry(const void *key, const struct tree_node *n)
{
    return ns_name_compare(*(const struct text *)key, ns_entry_name(AT(entry, by_name, n)));
}

static int revision_to_entry(const void *key, const struct tree_node *n)
{
    return by_number(*(const uint64_t *)key, AT(entry, by_revision, n)->revision);
}

static int service_to_offer(const void *key, const struct tree_node *n)
{
    return by_number(*(const uint64_t *)key, AT(offer, by_service, n)->service);
}

static int who_to_owner(const void *key, const struct tree_node *n)
{
    return by_owner(*(const struct ns_owner *)key, AT(owner, node, n)->who);
}

static int id_to_grant(const void *key, const struct tree_node *n)
{
    return by_number(*(const uint64_t *)key, AT(grant, node, n)->id);
}

static int name_to_waiter(const void *key, const struct tree_node *n)
{
    return ns_name_compare(*(const struct text *)key, ns_waiter_name(AT(waiter, by_name, n)));
}

static int id_to_waiter(const void *key, const struct tree_node *n)
{
    return by_number(*(const uint64_t *)key, AT(waiter, by_id, n)->id);
}

#define OBJECT(type, member, n) (found = (n), found ? CONTAINER_OF(found, struct type, member) : NULL)

struct entry *ns_entry_find(const struct ns_table *t, struct text name)
{
    struct tree_node *found;
    return OBJECT(entry, by_name, tree_find(&t->names, &name, name_to_entry));
}

struct entry *ns_entry_from(const struct ns_table *t, struct text name)
{
    struct tree_node *found;
    return OBJECT(entry, by_name, tree_at_least(&t->names, &name, name_to_entry));
}

struct entry *ns_change_from(const struct ns_table *t, uint64_t revision)
{
    struct tree_node *found;
    return OBJECT(entry, by_revision, tree_at_least(&t->changes, &revision, revision_to_entry));
}

struct offer *ns_offer_find(const struct ns_table *t, uint64_t service)
{
    struct tree_node *found;
    return OBJECT(offer, by_service, tree_find(&t->services, &service, service_to_offer));
}

struct owner *ns_owner_find(const struct ns_table *t, struct ns_owner who)
{
    struct tree_node *found;
    return OBJECT(owner, node, tree_find(&t->owners, &who, who_to_owner));
}

struct owner *ns_owner_from(const struct ns_table *t, struct ns_owner who)
{
    struct tree_node *found;
    return OBJECT(owner, node, tree_at_least(&t->owners, &who, who_to_owner));
}

struct grant *ns_grant_find(const struct ns_table *t, uint64_t id)
{
    struct tree_node *found;
    return OBJECT(grant, node, tree_find(&t->grants, &id, id_to_grant));
}

struct grant *ns_grant_from(const struct ns_table *t, uint64_t id)
{
    struct tree_node *found;
    return OBJECT(grant, node, tree_at_least(&t->grants, &id, id_to_grant));
}

struct waiter *ns_waiter_find(const struct ns_table *t, uint64_t id)
{
    struct tree_node *found;
    return OBJECT(waiter, by_id, tree_find(&t->waiter_ids, &id, id_to_waiter));
}

struct waiter *ns_waiter_of_name(const struct ns_table *t, struct text name)
{
    struct tree_node *found;
    return OBJECT(waiter, by_name, tree_find(&t->waiters, &name, name_to_waiter));
}
