/* SPDX-License-Identifier: MIT */
/* Look-ups that wait for a name. */
#include "internal.h"

static void begin_waiting(struct ns_table *t, struct waiter *w)
{
    w->state = WAITING;
    tree_insert(&t->waiters, &w->by_name, ns_by_waited_name);
    tree_insert(&t->deadlines, &w->by_deadline, ns_by_deadline);
}

static void end_waiting(struct ns_table *t, struct waiter *w, enum waiter_state state)
{
    tree_remove(&t->waiters, &w->by_name);
    tree_remove(&t->deadlines, &w->by_deadline);
    w->state = state;
    list_push_back(&t->woken, &w->in_woken);
}

void ns_wake_name(struct ns_table *t, struct text name)
{
    struct waiter *w;

    while ((w = ns_waiter_of_name(t, name))) {
        end_waiting(t, w, WOKEN);
    }
}

static bool is_held(const struct ns_table *t, struct text name)
{
    const struct entry *e = ns_entry_find(t, name);
    return e && e->holder;
}

static struct waiter *new_waiter(struct ns_table *t, struct text name)
{
    struct waiter *w = ns_take(t, sizeof(*w) + name.length);

    if (w) {
        w->length = (uint8_t)name.length;
        mem_copy(w->name, name.start, name.length);
    }
    return w;
}

err_t ns_wait(struct ns_table *t, struct ns_owner owner, struct text name, nanos_t deadline, uint64_t cookie,
              uint64_t *waiter)
{
    err_t e = ns_name_check(name);
    if (!err_ok(e)) {
        return e;
    }
    struct waiter *w = new_waiter(t, name);
    struct owner *o = w ? ns_owner_record(t, owner) : NULL;
    if (!o) {
        ns_give(t, w, sizeof(*w) + name.length);
        return err_make(ERR_NO_MEMORY, 0);
    }
    w->owner = o;
    w->deadline = deadline;
    w->cookie = cookie;
    w->id = t->next_waiter++;
    tree_insert(&t->waiter_ids, &w->by_id, ns_by_waiter);
    list_push_back(&o->waiters, &w->of_owner);
    t->waiter_count++;
    begin_waiting(t, w);
    if (is_held(t, name)) {
        end_waiting(t, w, WOKEN);
    }
    *waiter = w->id;
    return OK;
}

static void drop(struct ns_table *t, struct waiter *w)
{
    struct owner *o = w->owner;

    ns_waiter_free(t, w);
    ns_owner_release(t, o);
}

err_t ns_wait_cancel(struct ns_table *t, struct ns_owner owner, uint64_t waiter)
{
    struct waiter *w = ns_waiter_find(t, waiter);

    if (!w || !ns_same_owner(w->owner->who, owner)) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    drop(t, w);
    return OK;
}

static struct waiter *earliest(const struct ns_table *t)
{
    struct tree_node *n = tree_first(&t->deadlines);
    return n ? CONTAINER_OF(n, struct waiter, by_deadline) : NULL;
}

void ns_expire(struct ns_table *t, nanos_t now)
{
    struct waiter *w;

    while ((w = earliest(t)) && w->deadline <= now && w->deadline != NANOS_NEVER) {
        end_waiting(t, w, EXPIRED);
    }
}

nanos_t ns_deadline(const struct ns_table *t)
{
    const struct waiter *w = earliest(t);
    return w ? w->deadline : NANOS_NEVER;
}

bool ns_woken(struct ns_table *t, struct ns_woken *woken)
{
    struct list_node *n;

    while ((n = list_pop_front(&t->woken))) {
        struct waiter *w = CONTAINER_OF(n, struct waiter, in_woken);
        const struct entry *e = ns_entry_find(t, ns_waiter_name(w));
        if (w->state == WOKEN && (!e || !e->holder)) {
            begin_waiting(t, w);
            continue;
        }
        *woken = (struct ns_woken){.waiter = w->id, .cookie = w->cookie, .owner = w->owner->who};
        if (w->state == EXPIRED) {
            woken->error = err_make(ERR_TIMEOUT, 0);
        } else {
            ns_view_entry(e, &woken->view);
        }
        drop(t, w);
        return true;
    }
    return false;
}
