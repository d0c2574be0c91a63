/* SPDX-License-Identifier: MIT */
/* Looking up, enumerating, watching: nothing here changes the table. */
#include "internal.h"

void ns_view_entry(const struct entry *e, struct ns_view *view)
{
    const struct offer *o = e->holder;

    *view = (struct ns_view){.name = ns_entry_name(e), .generation = e->generation, .revision = e->revision};
    if (o) {
        view->attributes = (struct text){o->attributes, o->length};
        view->service = o->service;
        view->grant = o->grant->id;
        view->owner = o->who;
        view->queued = e->queued;
    }
}

err_t ns_lookup(const struct ns_table *t, struct text name, struct ns_view *view)
{
    err_t e = ns_name_check(name);
    if (!err_ok(e)) {
        return e;
    }
    const struct entry *entry = ns_entry_find(t, name);
    if (!entry || !entry->holder) {
        return err_make(ERR_NAME_UNKNOWN, 0);
    }
    ns_view_entry(entry, view);
    return OK;
}

err_t ns_lookup_same(const struct ns_table *t, struct text name, uint64_t generation, struct ns_view *view)
{
    struct ns_view found;
    err_t e = ns_lookup(t, name, &found);
    if (!err_ok(e)) {
        return e;
    }
    if (found.generation != generation) {
        return err_make(ERR_STALE, found.generation);
    }
    *view = found;
    return OK;
}

bool ns_service_find(const struct ns_table *t, uint64_t service, struct ns_view *view)
{
    const struct offer *o = ns_offer_find(t, service);
    bool holds = o && o->entry->holder == o;

    if (holds) {
        ns_view_entry(o->entry, view);
    }
    return holds;
}

static const struct entry *next_entry(const struct entry *e)
{
    struct tree_node *n = tree_next(&e->by_name);
    return n ? CONTAINER_OF(n, const struct entry, by_name) : NULL;
}

/* The first entry at or below the prefix that the cursor has not passed, if the prefix has any. */
static const struct entry *first_entry(const struct ns_table *t, struct text prefix, struct text after)
{
    if (after.length == 0 || ns_name_compare(after, prefix) < 0) {
        return ns_entry_from(t, prefix);
    }
    const struct entry *e = ns_entry_from(t, after);
    return e && ns_name_compare(ns_entry_name(e), after) == 0 ? next_entry(e) : e;
}

static void keep_cursor(struct ns_cursor *cursor, struct text name)
{
    cursor->length = (uint8_t)name.length;
    mem_copy(cursor->name, name.start, name.length);
}

size_t ns_enumerate(const struct ns_table *t, struct text prefix, const struct ns_query *query,
                    struct ns_cursor *cursor, struct ns_view *views, size_t room)
{
    const struct entry *e = first_entry(t, prefix, (struct text){cursor->name, cursor->length});
    size_t count = 0;

    for (; e && count < room && ns_name_below(prefix, ns_entry_name(e)); e = next_entry(e)) {
        const struct offer *o = e->holder;
        if (o && (!query || ns_query_matches(query, (struct text){o->attributes, o->length}))) {
            ns_view_entry(e, &views[count++]);
        }
    }
    if (count > 0) {
        keep_cursor(cursor, views[count - 1].name);
    }
    return count;
}

static const struct entry *next_change(const struct entry *e)
{
    struct tree_node *n = tree_next(&e->by_revision);
    return n ? CONTAINER_OF(n, const struct entry, by_revision) : NULL;
}

enum ns_change ns_watch(const struct ns_table *t, struct text prefix, uint64_t *revision,
                        struct ns_view *view)
{
    uint64_t from = *revision;

    *revision = t->revision;
    if (from < t->forgotten || from > t->revision) {
        return NS_LOST;
    }
    if (from == t->revision) {
        return NS_NONE;
    }
    for (const struct entry *e = ns_change_from(t, from + 1); e; e = next_change(e)) {
        if (ns_name_below(prefix, ns_entry_name(e))) {
            ns_view_entry(e, view);
            *revision = e->revision;
            return e->holder ? NS_PUT : NS_DELETE;
        }
    }
    return NS_NONE;
}

void ns_stats(const struct ns_table *t, struct ns_stats *stats)
{
    *stats = (struct ns_stats){
        .held = t->name_count - t->vacant_count,
        .vacant = t->vacant_count,
        .queued = t->queued_count,
        .ended = t->ended_count,
        .waiting = t->waiter_count,
        .owners = t->owner_count,
        .grants = t->grant_count,
        .revision = t->revision,
        .forgotten = t->forgotten,
        .bytes = t->bytes,
    };
}
