/* SPDX-License-Identifier: MIT */
#include "offers.h"
#include <mudskipper/pure/walker.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include "server.h"

static struct tree by_id;
static struct tree by_process;
static uint64_t
    last; /* id, without the core; begins with the time, so that none comes again after a restart */

/* ---- orders ---- */

static struct held_offer *by_id_of(const struct tree_node *n)
{
    return CONTAINER_OF(n, struct held_offer, by_id);
}

static struct held_offer *by_process_of(const struct tree_node *n)
{
    return CONTAINER_OF(n, struct held_offer, by_process);
}

static int compare_id(const void *key, const struct tree_node *n)
{
    uint64_t id = *(const uint64_t *)key;
    uint64_t other = by_id_of(n)->id;

    return id < other ? -1 : id > other;
}

static int order_id(const struct tree_node *a, const struct tree_node *b)
{
    return compare_id(&by_id_of(a)->id, b);
}

struct place {
    uint32_t process;
    const char *name;
};

static int compare_place(const void *key, const struct tree_node *n)
{
    const struct place *p = key;
    const struct held_offer *o = by_process_of(n);

    if (p->process != o->process) {
        return p->process < o->process ? -1 : 1;
    }
    return ns_name_compare(text_of(p->name), text_of(o->name));
}

static int order_place(const struct tree_node *a, const struct tree_node *b)
{
    return compare_place(&(struct place){by_process_of(a)->process, by_process_of(a)->name}, b);
}

/* ---- life ---- */

err_t offers_add(uint32_t process, const char *name, cptr_t service, struct held_offer **made)
{
    struct held_offer *o;

    if (offers_of(process, name) != NULL) {
        return err_make(ERR_NAME_TAKEN, 0);
    }
    o = names.memory.allocate(names.memory.context, sizeof(*o));
    if (o == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*o));
    }
    if (last == 0) {
        last = rt_now();
    }
    *o = (struct held_offer){
        .id = (uint64_t)names.core << 56 | ++last, .process = process, .claims = 1, .service = service};
    str_copy(o->name, sizeof(o->name), name);
    tree_insert(&by_id, &o->by_id, order_id);
    tree_insert(&by_process, &o->by_process, order_place);
    *made = o;
    return OK;
}

struct held_offer *offers_find(uint64_t id)
{
    struct tree_node *n = tree_find(&by_id, &id, compare_id);

    return n != NULL ? by_id_of(n) : NULL;
}

struct held_offer *offers_of(uint32_t process, const char *name)
{
    struct tree_node *n = tree_find(&by_process, &(struct place){process, name}, compare_place);

    return n != NULL ? by_process_of(n) : NULL;
}

struct held_offer *offers_first_of(uint32_t process)
{
    struct tree_node *n = tree_at_least(&by_process, &(struct place){process, ""}, compare_place);

    return n != NULL && by_process_of(n)->process == process ? by_process_of(n) : NULL;
}

static void forget(struct held_offer *o)
{
    names.memory.release(names.memory.context, o, sizeof(*o));
}

cptr_t offers_take(struct held_offer *o)
{
    cptr_t service = o->service;

    tree_remove(&by_id, &o->by_id);
    tree_remove(&by_process, &o->by_process);
    o->ended = true;
    if (o->claims == 0) {
        forget(o);
    }
    return service;
}

bool offers_claimed(struct held_offer *o)
{
    bool ended = o->ended;

    o->claims--;
    if (ended && o->claims == 0) {
        forget(o);
    }
    return ended;
}

/* ---- use ---- */

err_t offers_handle(uint64_t id, uint32_t client, cptr_t *handle)
{
    const struct held_offer *o = offers_find(id);
    err_t e;

    if (o == NULL) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    e = slot_alloc(handle);
    if (!err_ok(e)) {
        return e;
    }
    e = cap_handle(o->service, client, *handle);
    if (!err_ok(e)) {
        slot_free(*handle);
        return err_is(e, ERR_CAP_EMPTY_SLOT) ? err_make(ERR_NOT_FOUND, 0) : e;
    }
    return OK;
}

static void expect(struct walker *w, bool holds, const char *what, uint64_t id)
{
    (void)WALKER_EXPECT(w, holds, "names: %s: 0x%lx\n", what, id);
}

size_t offers_check(format_sink_t sink, void *context)
{
    struct walker w = {sink, context, 0};

    expect(&w, tree_check(&by_id, order_id), "services are out of order", last);
    expect(&w, tree_check(&by_process, order_place), "services of processes are out of order", last);
    TREE_FOREACH(n, &by_id)
    {
        const struct held_offer *o = by_id_of(n);

        expect(&w, !o->ended, "a service that has ended can be found", o->id);
        expect(&w, offers_of(o->process, o->name) == o, "a service is in one index only", o->id);
        expect(&w, err_ok(ns_name_check(text_of(o->name))), "a service has no proper name", o->id);
    }
    return w.faults;
}
