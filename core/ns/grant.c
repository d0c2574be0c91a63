/* SPDX-License-Identifier: MIT */
/* Who may register what: a tree of prefixes. */
#include "internal.h"

bool ns_grant_covers(const struct grant *grant, const struct grant *g)
{
    while (g && g != grant) {
        g = g->parent;
    }
    return g != NULL;
}

/* `parent` is NULL for the root only. */
static struct grant *make(struct ns_table *t, struct grant *parent, struct text prefix)
{
    struct grant *g = ns_take(t, sizeof(*g) + prefix.length);

    if (!g) {
        return NULL;
    }
    list_init(&g->children);
    list_init(&g->offers);
    g->parent = parent;
    g->id = t->next_grant++;
    g->length = (uint8_t)prefix.length;
    mem_copy(g->prefix, prefix.start, prefix.length);
    tree_insert(&t->grants, &g->node, ns_by_grant);
    if (parent) {
        list_push_back(&parent->children, &g->sibling);
    }
    t->grant_count++;
    return g;
}

err_t ns_table_init(struct ns_table *t, const struct ns_memory *memory, size_t remember)
{
    *t = (struct ns_table){
        .memory = *memory, .remember = remember, .next_grant = NS_GRANT_ROOT, .next_waiter = 1};
    list_init(&t->vacant);
    list_init(&t->ended);
    list_init(&t->woken);
    return make(t, NULL, (struct text){NULL, 0}) ? OK : err_make(ERR_NO_MEMORY, 0);
}

err_t ns_grant_make(struct ns_table *t, uint64_t parent, struct text prefix, uint64_t *grant)
{
    err_t e = ns_prefix_check(prefix);
    if (!err_ok(e)) {
        return e;
    }
    struct grant *p = ns_grant_find(t, parent);
    if (!p) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    if (!ns_name_below(ns_grant_prefix(p), prefix)) {
        return err_make(ERR_NAME_PREFIX, 0);
    }
    struct grant *g = make(t, p, prefix);
    if (!g) {
        return err_make(ERR_NO_MEMORY, 0);
    }
    *grant = g->id;
    return OK;
}

static struct grant *first_leaf(struct grant *g)
{
    while (!list_empty(&g->children)) {
        g = CONTAINER_OF(list_first(&g->children), struct grant, sibling);
    }
    return g;
}

static void doom_offers(struct list *doomed, struct grant *g)
{
    struct list_node *n;

    while ((n = list_pop_front(&g->offers))) {
        struct offer *o = CONTAINER_OF(n, struct offer, of_grant);
        o->grant = NULL;
        g->offer_count--;
        ns_doom(doomed, o);
    }
}

err_t ns_grant_revoke(struct ns_table *t, uint64_t grant)
{
    struct grant *top = ns_grant_find(t, grant);
    struct grant *g;
    struct list doomed = LIST_INITIAL(doomed);

    if (grant == NS_GRANT_ROOT) {
        return err_make(ERR_BAD_ARGUMENT, 1);
    }
    if (!top) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    /* Leaves first: no recursion, however long a chain somebody has made. */
    for (g = first_leaf(top); g != top;) {
        struct grant *parent = g->parent;
        doom_offers(&doomed, g);
        ns_grant_free(t, g);
        g = first_leaf(parent);
    }
    doom_offers(&doomed, top);
    ns_grant_free(t, top);
    ns_end_all(t, &doomed);
    return OK;
}

bool ns_grant_next(const struct ns_table *t, uint64_t from, struct ns_grant_view *view)
{
    struct grant *g = ns_grant_from(t, from);

    if (g) {
        *view =
            (struct ns_grant_view){g->id, g->parent ? g->parent->id : 0, ns_grant_prefix(g), g->offer_count};
    }
    return g != NULL;
}

err_t ns_grant_check(const struct ns_table *t, uint64_t grant, struct text name)
{
    err_t e = ns_name_check(name);
    if (!err_ok(e)) {
        return e;
    }
    struct grant *g = ns_grant_find(t, grant);
    return g && ns_name_below(ns_grant_prefix(g), name) ? OK : err_make(ERR_NAME_PREFIX, 0);
}
