/* SPDX-License-Identifier: MIT */
/* Revoke, and what is unused. */
#include "priv.h"

/* Of a range: it, its ends and what is in it have been looked for in the whole tree. */
#define COST_RANGE (2 * CAP_COST_SLOT)

/* The next slot that has to go for nothing but `s` to be left: copies first, so that they do not go on making
 * descendants. */
static struct cap_slot *revoke_victim(const struct cap_slot *s)
{
    struct cap_slot *copy = other_copy(s);

    if (copy != NULL) {
        return copy;
    }
    return s->next != NULL && mdb_is_descendant(s, s->next) ? s->next : NULL;
}

/* Is it still there? It may have been emptied, and an object that ends may have gone home to its place. */
static bool still_holds(const struct cap_slot *slot, const struct cap_slot *before)
{
    return slot->type == before->type && mdb_is_copy(slot, before) && !(slot->flags & CAP_FLAG_IN_DELETION);
}

/* Why the revoke cannot go on with this one; `victim` is the first of its copies, or a copy of what is
 * revoked, which is not shared. */
static err_t check_victim(const struct cap_core *core, const struct cap_slot *victim)
{
    const struct cap_slot *obstacle = victim;

    if (victim == NULL) {
        return OK;
    }
    if (victim->flags & CAP_FLAG_IN_DELETION) {
        obstacle = victim->flags & CAP_FLAG_QUARANTINED ? victim : NULL;
    } else if (!is_shared(core, victim)) {
        obstacle = delete_obstacle(core, victim);
    }
    return obstacle == NULL ? OK : err_make(ERR_CAP_SHARED, obstacle->base);
}

/* A copy that was lent must not take away what it was copied from. */
static err_t check_right(const struct cap_slot *s)
{
    return s->rights & CAP_REVOKE ? OK : err_make(ERR_CAP_MISSING_RIGHT, CAP_REVOKE);
}

err_t cap_revoke_check(const struct cap_core *core, const struct cap_ref *slot)
{
    err_t e = alone_check(core, slot->slot);

    if (err_ok(e)) {
        e = check_right(slot->slot);
    }
    return err_ok(e) ? check_victim(core, revoke_victim(slot->slot)) : e;
}

err_t cap_revoke_foreign_check(const struct cap_core *core, const struct cap_ref *slot)
{
    if (slot->slot->owner == core->id) {
        return err_make(ERR_BAD_ARGUMENT, 1);
    }
    return check_victim(core, revoke_victim(slot->slot));
}

/* One step towards the end of `victim`, because [from, to) below `s` is revoked. False: it cannot be done,
 * and the next check says why. */
static bool end_step(struct cap_core *core, const struct cap_slot *s, uint64_t from, uint64_t to,
                     struct cap_slot *victim, int *budget)
{
    bool done = true;

    core->revoking = s;
    core->revoking_from = from;
    core->revoking_to = to;
    if (!(victim->flags & CAP_FLAG_IN_DELETION)) {
        done = !is_shared(core, victim) && delete_step(core, victim, budget);
    } else if (victim->flags & CAP_FLAG_QUARANTINED) {
        done = false;
    } else {
        (void)cap_work_step(core, budget);
    }
    core->revoking = NULL;
    return done;
}

/* A revoke whose own slot goes cannot go on: the next attempt says so. */
enum cap_progress cap_revoke_act(struct cap_core *core, struct cap_slot *slot, int *budget)
{
    struct cap_slot before = {.type = CAP_TYPE_NULL};
    struct cap_slot *victim = revoke_victim(slot);

    slot_copy(&before, slot);
    while (victim != NULL) {
        if (*budget <= 0 || !end_step(core, &before, before.base, cap_end(&before), victim, budget) ||
            !still_holds(slot, &before)) {
            return CAP_AGAIN;
        }
        victim = revoke_victim(slot);
    }
    return CAP_DONE;
}

/* `found` is the first behind the range's owner that reaches beyond `point`. */
static err_t check_straddler(const struct cap_slot *found, uint64_t point)
{
    if (found == NULL || found->base >= point) {
        return OK;
    }
    return err_make(found->flags & CAP_FLAG_IN_DELETION ? ERR_CAP_IN_DELETION : ERR_CAP_STRADDLES,
                    found->base);
}

err_t cap_revoke_range_check(const struct cap_core *core, const struct cap_range *r)
{
    const struct cap_slot *s = r->slot.slot;
    uint64_t first = s->base + r->offset;
    const struct cap_slot *own;
    const struct cap_slot *victim;
    err_t e;

    if (!cap_type_has(s->type, CAP_TRAIT_NESTS)) {
        return err_make(ERR_CAP_WRONG_TYPE, r->slot.address);
    }
    if (r->offset >= s->size) {
        return err_make(ERR_CAP_RETYPE_OFFSET, r->offset);
    }
    if (r->bytes == 0 || r->bytes > s->size - r->offset) {
        return err_make(ERR_CAP_RETYPE_SIZE, r->bytes);
    }
    e = alone_check(core, s);
    if (err_ok(e)) {
        e = check_right(s);
    }
    if (!err_ok(e)) {
        return e;
    }
    own = mdb_last_own(&core->db, s);
    e = check_straddler(mdb_next_reaching(own, first), first);
    if (!err_ok(e)) {
        return e;
    }
    e = check_straddler(mdb_next_reaching(own, first + r->bytes), first + r->bytes);
    victim = mdb_next_reaching(own, first);
    return err_ok(e) && victim != NULL && victim->base < first + r->bytes ? check_victim(core, victim) : e;
}

enum cap_progress cap_revoke_range_act(struct cap_core *core, const struct cap_range *r, int *budget)
{
    struct cap_slot *s = r->slot.slot;
    uint64_t first = s->base + r->offset;
    struct cap_slot before = {.type = CAP_TYPE_NULL};

    slot_copy(&before, s);
    for (;;) {
        struct cap_slot *victim = mdb_next_reaching(mdb_last_own(&core->db, s), first);

        if (victim == NULL || victim->base >= first + r->bytes) {
            return CAP_DONE;
        }
        if (*budget <= 0) {
            return CAP_AGAIN;
        }
        *budget = *budget > COST_RANGE ? *budget - COST_RANGE : 1; /* at least one thing is done */
        if (!end_step(core, &before, first, first + r->bytes, victim, budget) || !still_holds(s, &before)) {
            return CAP_AGAIN;
        }
    }
}

err_t cap_unused_check(const struct cap_core *core, const struct cap_ref *slot)
{
    if (!cap_type_has(slot->slot->type, CAP_TRAIT_NESTS)) {
        return err_make(ERR_CAP_WRONG_TYPE, slot->address);
    }
    return slot->slot->owner == core->id ? OK : err_make(ERR_CAP_FOREIGN, slot->slot->owner);
}

void cap_unused_act(struct cap_core *core, struct cap_slot *slot, uint64_t from, uint64_t *offset,
                    uint64_t *bytes, int *budget)
{
    const struct cap_slot *own = mdb_last_own(&core->db, slot);
    uint64_t end = cap_end(slot);
    uint64_t at = from < slot->size ? slot->base + from : end;

    *bytes = 0;
    if (from >= slot->size) { /* not at the end of a scan: what was marked meanwhile lies behind it */
        slot->flags &= (uint8_t)~CAP_FLAG_RECLAIM;
    }
    while (at<end && * budget> 0) {
        const struct cap_slot *next = mdb_next_reaching(own, at);
        uint64_t used = next != NULL && next->base < end ? next->base : end;

        *budget -= CAP_COST_SLOT;
        if (used > at) {
            *bytes = used - at;
            break;
        }
        at = cap_end(next);
    }
    *offset = at - slot->base;
}
