/* SPDX-License-Identifier: MIT */
/* Deletion. A copy just goes. With the last copy goes what depends on it, first: the Mappings of a frame, the
 * contents and the link of a table, the badged senders, Services and Handles of an endpoint, the Replies of a
 * dispatcher. Each goes by itself, so that the state between two steps is a sound one in which merely less
 * exists. Only objects that hold slots need more: work.c. */
#include <mudskipper/cap/map.h>
#include "priv.h"

/* Something that has to go before `s`, the last of its copies, may. What another core owns does not end with
 * its last copy here, only what was mapped through that. */
static struct cap_slot *dependant(const struct cap_core *core, const struct cap_slot *s)
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
        if ((traits & CAP_TRAIT_MAPPED) && n->type == CAP_TYPE_MAPPING && n->generation == s->generation) {
            return n;
        }
        if ((traits & (CAP_TRAIT_ENCLOSES | CAP_TRAIT_NUMBERED)) && s->owner == core->id &&
            mdb_is_descendant(s, n)) {
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

/* The last capability to an object goes: whether nothing else gives access to (some of) its memory. */
static bool leaves_unused(const struct cap_core *core, const struct cap_slot *s)
{
    const struct cap_slot *above = mdb_parent(&core->db, s);

    return cap_type_has(s->type, CAP_TRAIT_ZEROED) && s->owner == core->id &&
           (s->next == NULL || s->next->base >= cap_end(s)) &&
           (above == NULL || !cap_type_has(above->type, CAP_TRAIT_ZEROED));
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

/* Follows the dependants down, to one that has a *copy or nothing that depends on it, or that other cores
 * have copies of. They are of other types at every step, or tables one level lower: a handful of steps. */
static struct cap_slot *deepest(const struct cap_core *core, struct cap_slot *s, struct cap_slot **copy)
{
    while ((*copy = other_copy(s)) == NULL && !is_shared(core, s)) {
        struct cap_slot *d = dependant(core, s);

        if (d == NULL) {
            break;
        }
        s = d;
        if (is_shared(core, s)) {
            break; /* whether it has copies here or not: all would go */
        }
    }
    return s;
}

const struct cap_slot *delete_obstacle(const struct cap_core *core, const struct cap_slot *s)
{
    struct cap_slot *copy;
    const struct cap_slot *found = deepest(core, (struct cap_slot *)s, &copy);

    return copy == NULL && is_shared(core, found) ? found : NULL;
}

void slot_finish(struct cap_core *core, struct cap_slot *s)
{
    bool unused = leaves_unused(core, s);
    paddr_t base = s->base;
    uint64_t bytes = s->size;

    if (cap_type_has(s->type, CAP_TRAIT_MEMORY) && s->owner == core->id) {
        tell_reclaim(core, s);
    }
    slot_remove(core, s);
    if (unused) {
        core->ops->unused(core->context, base, bytes);
    }
}

static void finish_last(struct cap_core *core, struct cap_slot *s, int *budget)
{
    unsigned traits = cap_types[s->type].traits;

    if (s->type == CAP_TYPE_MAPPING) {
        *budget -= CAP_COST_SLOT; /* the TLB is told */
        if (!mapping_clear(core, s, budget)) {
            return;
        }
    }
    if (!(s->flags & CAP_FLAG_CREATING)) {
        if ((traits & CAP_TRAIT_TOLD) && s->owner == core->id) {
            core->ops->ended(core->context, s);
        }
        if ((traits & (CAP_TRAIT_CNODE | CAP_TRAIT_HOLDER)) && !is_sender(s) && work_add(core, s)) {
            return;
        }
    }
    slot_finish(core, s);
}

/* `s` goes, one of several copies; another `copy` keeps what the object as a whole is marked with. */
static void drop_copy(struct cap_core *core, struct cap_slot *s, struct cap_slot *copy)
{
    copy->flags |= s->flags & CAP_FLAG_RECLAIM;
    if (s->crossed != 0) { /* the first: `copy` is the next one, and becomes it */
        copy->sharers = s->sharers;
        copy->crossed = s->crossed;
    }
    slot_remove(core, s);
}

bool delete_step(struct cap_core *core, struct cap_slot *s, int *budget)
{
    struct cap_slot *copy;

    *budget -= CAP_COST_END;
    s = deepest(core, s, &copy);
    if (copy != NULL) {
        drop_copy(core, s, copy);
    } else if (is_shared(core, s)) {
        return false;
    } else if (!(s->flags & CAP_FLAG_IN_DELETION)) {
        finish_last(core, s, budget);
    }
    return true;
}

err_t cap_delete_check(const struct cap_core *core, const struct cap_ref *slot)
{
    const struct cap_slot *s = slot->slot;
    const struct cap_slot *obstacle;

    if (s->type == CAP_TYPE_NULL) {
        return err_make(ERR_CAP_EMPTY_SLOT, slot->address);
    }
    if (s->flags & CAP_FLAG_IN_DELETION) {
        return err_make(ERR_CAP_IN_DELETION, slot->address);
    }
    if (s->flags & (CAP_FLAG_LOCKED | CAP_FLAG_QUARANTINED)) {
        return err_make(ERR_CAP_LOCKED, slot->address);
    }
    obstacle = delete_obstacle(core, s);
    return obstacle == NULL ? OK : err_make(ERR_CAP_SHARED, obstacle->base);
}

enum cap_progress cap_delete_act(struct cap_core *core, struct cap_slot *slot, int *budget)
{
    while (slot->type != CAP_TYPE_NULL && !(slot->flags & CAP_FLAG_IN_DELETION)) {
        if (*budget <= 0) {
            return CAP_AGAIN;
        }
        if (!delete_step(core, slot, budget)) {
            return CAP_AGAIN; /* the next check says why */
        }
    }
    if (cap_work_pending(core)) {
        (void)cap_work_step(core, budget);
    }
    return CAP_DONE;
}
