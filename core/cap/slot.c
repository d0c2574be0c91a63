/* SPDX-License-Identifier: MIT */
/* Slots: what all operations ask of them and do with them. */
#include "priv.h"

err_t dest_check(const struct cap_ref *dest, unsigned type)
{
    const struct cap_slot *s = dest->slot;

    if (s->type != CAP_TYPE_NULL) {
        return err_make(s->flags & CAP_FLAG_IN_DELETION ? ERR_CAP_IN_DELETION : ERR_CAP_SLOT_IN_USE,
                        dest->address);
    }
    if (dest->level == CAP_LEVEL_CNODE && type != CAP_TYPE_L2_CNODE) {
        return err_make(ERR_CAP_L1_HOLDS_CNODES, dest->address);
    }
    return OK;
}

err_t alone_check(const struct cap_core *core, const struct cap_slot *s)
{
    if (!cap_type_has(s->type, CAP_TRAIT_CROSSES)) {
        return OK;
    }
    if (s->owner != core->id) {
        return err_make(ERR_CAP_FOREIGN, s->owner);
    }
    return mdb_first_copy(&core->db, s)->sharers == 0 ? OK : err_make(ERR_CAP_SHARED, s->base);
}

/* `to` stands where `from` stood in the ring. */
static void ring_replace(struct cap_slot *from, struct cap_slot *to)
{
    if (from->vnode.ring_next == from) {
        ring_start(to);
        return;
    }
    to->vnode.ring_next = from->vnode.ring_next;
    to->vnode.ring_prev = from->vnode.ring_prev;
    to->vnode.ring_next->vnode.ring_prev = to;
    to->vnode.ring_prev->vnode.ring_next = to;
}

void slot_move(struct cap_core *core, struct cap_slot *from, struct cap_slot *to)
{
    slot_copy(to, from);
    to->flags = from->flags;
    to->operation = from->operation;
    to->level = from->level;
    to->memory = from->memory;
    to->sharers = from->sharers;
    to->crossed = from->crossed;
    to->word[3] = from->word[3];
    to->word[4] = from->word[4];
    if (in_ring(from)) {
        ring_replace(from, to);
    }
    mdb_replace(&core->db, from, to);
    slot_clear(from);
}

void cap_create_act(struct cap_core *core, struct cap_slot *slot, const struct cap_origin *origin)
{
    slot->type = (uint8_t)origin->type;
    slot->rights = (uint8_t)origin->rights;
    slot->flags = 0;
    slot->owner = (uint8_t)(origin->foreign ? origin->owner : core->id);
    slot->generation = origin->generation;
    slot->base = origin->base;
    slot->size = origin->size;
    slot->word[0] = origin->word0;
    slot->word[1] = origin->word1;
    slot->sharers = origin->sharers;
    slot->crossed = origin->foreign || origin->sharers != 0 ? (uint8_t)origin->rights : 0;
    mdb_insert(&core->db, slot);
}
