/* SPDX-License-Identifier: MIT */
/* Deletion. A copy just goes. With the last copy goes what depends on it, first: the Mappings of a frame, the
 * contents and the link of a table, the badged senders, Services and Handles of an endpoint, the Replies of a
 * dispatcher. Each goes by itself, so that the state between two steps is a sound one in which merely less
 * exists. Only objects that hold slots need more: work.c. */
#include <mudskipper/cap/map.h>
#include "priv.h"

/* Something that has to go before `s`, the last of its copies, may. */
static struct cap_slot *dependant(const struct cap_slot *s)
{
    unsigned traits = cap_types[s->type].traits;
    struct cap_slot *n = s->next;

    if (s->flags & CAP_FLAG_CREATING) {
        return NULL;
    }
    if (s->type == CAP_TYPE_MAPPING) {
        return s->flags & CAP_FLAG_LINK ? table_content(s->prev) : NULL;
    }
    if (n != NULL && cap_same_range(s, n)) {
#ifndef MUDSKIPPER_PLANT_ORPHAN_MAPPING
        if ((traits & CAP_TRAIT_MAPPED) && n->type == CAP_TYPE_MAPPING && n->generation == s->generation) {
            return n;
        }
#endif
        if ((traits & (CAP_TRAIT_ENCLOSES | CAP_TRAIT_NUMBERED)) && mdb_is_descendant(s, n)) {
            return n;
        }
    }
    return traits & CAP_TRAIT_TABLE ? table_content(s) : NULL;
}

/* The last capability to a range goes. Unless something of the same range descends from it, (some of) the
 * memory is now its nearest ancestor's. */
static void tell_reclaim(struct cap_core *core, const struct cap_slot *s)
{
    bool known = core->revoking != NULL && s->base >= core->revoking_from && cap_end(s) <= core->revoking_to;
    struct cap_slot *above;

    if (s->next != NULL && cap_same_range(s, s->next)) {
        return;
    }
    /* What lies between it and the capability that is being revoked will be revoked too. */
    if (known && s->size < core->revoking_to - core->revoking_from) {
        return;
    }
    above = mdb_parent(&core->db, s);
    if (above == NULL || !cap_type_has(above->type, CAP_TRAIT_NESTS) ||
        (known && mdb_is_copy(core->revoking, above))) {
        return;
    }
    above->flags |= CAP_FLAG_RECLAIM;
    core->ops->reclaim(core->context, above, s->base, s->size);
}

/* Takes a slot out of everything it is in. */
static void slot_remove(struct cap_core *core, struct cap_slot *s)
{
    if (in_ring(s)) {
        ring_remove(s);
    }
    mdb_remove(&core->db, s);
    slot_clear(s);
}

/* Follows the dependants down, to one that has a *copy or nothing that depends on it. They are of other types
 * at every step, or tables one level lower: a handful of steps. */
static struct cap_slot *deepest(struct cap_slot *s, struct cap_slot **copy)
{
    while ((*copy = other_copy(s)) == NULL) {
        struct cap_slot *d = dependant(s);

        if (d == NULL) {
            break;
        }
        s = d;
    }
    return s;
}

void slot_finish(struct cap_core *core, struct cap_slot *s)
{
    if (cap_type_has(s->type, CAP_TRAIT_MEMORY)) {
        tell_reclaim(core, s);
    }
    slot_remove(core, s);
}

static void finish_last(struct cap_core *core, struct cap_slot *s, int *budget)
{
    unsigned traits = cap_types[s->type].traits;

    if (s->type == CAP_TYPE_MAPPING && !mapping_clear(core, s, budget)) {
        return;
    }
    if (!(s->flags & CAP_FLAG_CREATING)) {
        if ((traits & CAP_TRAIT_CROSSES) && (s->owner != core->id || s->sharers != 0)) {
            core->ops->last_here(core->context, s);
        }
        if (traits & CAP_TRAIT_TOLD) {
            core->ops->ended(core->context, s);
        }
        if ((traits & (CAP_TRAIT_CNODE | CAP_TRAIT_HOLDER)) && !is_sender(s) && work_add(core, s)) {
            return;
        }
    }
    slot_finish(core, s);
}

void delete_step(struct cap_core *core, struct cap_slot *s, int *budget)
{
    struct cap_slot *copy = NULL;

    *budget -= CAP_COST_SLOT;
    s = deepest(s, &copy);
    if (copy != NULL) {
#ifndef MUDSKIPPER_PLANT_MARK_LOST
        copy->flags |= s->flags & CAP_FLAG_RECLAIM;
#endif
        slot_remove(core, s);
    } else if (!(s->flags & CAP_FLAG_IN_DELETION)) {
        finish_last(core, s, budget);
    }
}

err_t cap_delete_check(const struct cap_core *core, const struct cap_ref *slot)
{
    const struct cap_slot *s = slot->slot;

    if (s->type == CAP_TYPE_NULL) {
        return err_make(ERR_CAP_EMPTY_SLOT, slot->address);
    }
    if (s->flags & CAP_FLAG_IN_DELETION) {
        return err_make(ERR_CAP_IN_DELETION, slot->address);
    }
    if (s->flags & (CAP_FLAG_LOCKED | CAP_FLAG_QUARANTINED)) {
        return err_make(ERR_CAP_LOCKED, slot->address);
    }
    /* The last one here: other cores may have a say. */
    err_t e = alone_check(core, s);
    return err_ok(e) || mdb_has_copies(s) ? OK : e;
}

enum cap_progress cap_delete_act(struct cap_core *core, struct cap_slot *slot, int *budget)
{
    while (slot->type != CAP_TYPE_NULL && !(slot->flags & CAP_FLAG_IN_DELETION)) {
        if (*budget <= 0) {
            return CAP_AGAIN;
        }
        delete_step(core, slot, budget);
    }
    if (cap_work_pending(core)) {
        (void)cap_work_step(core, budget);
    }
    return CAP_DONE;
}
