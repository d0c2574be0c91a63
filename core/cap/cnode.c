/* SPDX-License-Identifier: MIT */
/* Making an L1CNode larger.
 *
 * The capabilities in it are copied into the larger one, then every capability to the smaller one is made one
 * to the larger, the one named by the caller last; the caller's second capability gets the smaller one. At
 * every step all addresses mean what they meant before, so that the caller can be interrupted and find its
 * way back. How far it has come is kept in the two named slots (MOVING), which know each other; a resize that
 * nobody goes on with leaves two sound CNodes. */
#include "priv.h"

err_t cap_resize_check(const struct cap_core *core, const struct cap_resize *r)
{
    const struct cap_slot *old = r->cnode.slot;
    const struct cap_slot *with = r->with.slot;

    (void)core;
    if (old->type != CAP_TYPE_L1_CNODE) {
        return err_make(ERR_CAP_WRONG_TYPE, r->cnode.address);
    }
    if (with->type != CAP_TYPE_L1_CNODE) {
        return err_make(ERR_CAP_WRONG_TYPE, r->with.address);
    }
    return with->size > old->size ? OK : err_make(ERR_CAP_RESIZE, with->size);
}

static bool is_begun(const struct cap_slot *old, const struct cap_slot *with)
{
    return (old->flags & with->flags & CAP_FLAG_MOVING) && old->container.peer == with->base &&
           with->container.peer == old->base;
}

static void begin(struct cap_slot *old, struct cap_slot *with)
{
    old->flags |= CAP_FLAG_MOVING;
    with->flags |= CAP_FLAG_MOVING;
    old->container.cursor = 0;
    old->container.peer = with->base;
    with->container.peer = old->base;
}

/* What is in the larger one already stays. */
static void copy_slot(struct cap_core *core, struct cap_slot *from, struct cap_slot *to)
{
    if (from->type != CAP_TYPE_NULL && to->type == CAP_TYPE_NULL && !(from->flags & CAP_FLAG_IN_DELETION)) {
        slot_copy(to, from);
        mdb_insert_beside(&core->db, from, to);
    }
}

/* `s` becomes a capability to another CNode. */
static void rename_cnode(struct cap_core *core, struct cap_slot *s, uint64_t base, uint64_t size)
{
    mdb_remove(&core->db, s);
    s->base = base;
    s->size = size;
    mdb_insert(&core->db, s);
}

static void finish(struct cap_core *core, struct cap_slot *old, struct cap_slot *with)
{
    uint64_t base = old->base;
    uint64_t size = old->size;

    old->flags &= (uint8_t)~CAP_FLAG_MOVING;
    with->flags &= (uint8_t)~CAP_FLAG_MOVING;
    rename_cnode(core, old, with->base, with->size);
    rename_cnode(core, with, base, size);
}

enum cap_progress cap_resize_act(struct cap_core *core, const struct cap_resize *r, int *budget)
{
    struct cap_slot *old = r->cnode.slot;
    struct cap_slot *with = r->with.slot;
    struct cap_slot *from = cap_memory_at(core, old->base);
    struct cap_slot *to = cap_memory_at(core, with->base);
    uint64_t count = old->size / CAP_SLOT_BYTES;
    struct cap_slot *copy;

    if (!is_begun(old, with)) {
        begin(old, with);
    }
    for (; old->container.cursor < count; old->container.cursor++) {
        if (*budget <= 0) {
            return CAP_AGAIN;
        }
        *budget -= CAP_COST_SLOT;
        copy_slot(core, &from[old->container.cursor], &to[old->container.cursor]);
    }
    while ((copy = other_copy(old)) != NULL) {
        if (*budget <= 0) {
            return CAP_AGAIN;
        }
        *budget -= CAP_COST_SLOT;
        rename_cnode(core, copy, with->base, with->size);
    }
    finish(core, old, with);
    return CAP_DONE;
}
