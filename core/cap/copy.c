/* SPDX-License-Identifier: MIT */
/* Copy, mint, move: one capability becomes two, or stands elsewhere. */
#include "priv.h"

static err_t check_pair(const struct cap_ref *source, const struct cap_ref *dest)
{
    if (source->slot == dest->slot) {
        return err_make(ERR_CAP_SELF, source->address);
    }
    return dest_check(dest, source->slot->type);
}

err_t cap_copy_check(const struct cap_core *core, const struct cap_copy *c)
{
    (void)core;
    if (cap_type_has(c->source.slot->type, CAP_TRAIT_UNIQUE)) {
        return err_make(ERR_CAP_UNIQUE, c->source.address);
    }
    return check_pair(&c->source, &c->dest);
}

void cap_copy_act(struct cap_core *core, const struct cap_copy *c)
{
    struct cap_slot *from = c->source.slot;
    struct cap_slot *to = c->dest.slot;

    slot_copy(to, from);
    if (cap_type_has(from->type, CAP_TRAIT_TABLE)) {
        ring_insert(from, to);
    }
    mdb_insert_beside(&core->db, from, to);
}

err_t cap_move_check(const struct cap_core *core, const struct cap_copy *c)
{
    (void)core;
    return check_pair(&c->source, &c->dest);
}

void cap_move_act(struct cap_core *core, const struct cap_copy *c)
{
    slot_move(core, c->source.slot, c->dest.slot);
    if (cap_type_has(c->dest.slot->type, CAP_TRAIT_PLACED)) {
        core->ops->placed(core->context, c->dest.slot);
    }
}

static struct cap_retype part_of(const struct cap_mint *m)
{
    return (struct cap_retype){
        .source = m->source,
        .dest = m->dest,
        .type = m->source.slot->type,
        .rights = m->rights,
        .offset = m->offset,
        .size = m->bytes,
        .count = 1,
    };
}

err_t cap_mint_check(const struct cap_core *core, struct cap_mint *m)
{
    const struct cap_slot *from = m->source.slot;

    if (cap_type_has(from->type, CAP_TRAIT_UNIQUE)) {
        return err_make(ERR_CAP_UNIQUE, m->source.address);
    }
    if ((m->rights & ~(unsigned)from->rights) != 0) {
        return err_make(ERR_CAP_NARROW, m->rights);
    }
    if (m->badge != 0 && from->type != CAP_TYPE_ENDPOINT_LMP) {
        return err_make(ERR_CAP_WRONG_TYPE, m->source.address);
    }
    if (m->badge != 0 && is_sender(from)) {
        return err_make(ERR_CAP_BADGE_SET, m->source.address);
    }
    if (m->bytes != 0) {
        struct cap_retype r = part_of(m);
        err_t e = cap_retype_check(core, &r);

        m->next = r.next;
        return e;
    }
    if (m->offset != 0) {
        return err_make(ERR_CAP_RETYPE_OFFSET, m->offset);
    }
    return check_pair(&m->source, &m->dest);
}

void cap_mint_act(struct cap_core *core, const struct cap_mint *m)
{
    struct cap_slot *to = m->dest.slot;

    if (m->bytes != 0) {
        struct cap_retype r = part_of(m);
        int budget = CAP_STEP_BUDGET; /* one capability, nothing to clear: never used up */

        r.next = m->next;
        (void)cap_retype_act(core, &r, &budget);
        return;
    }
    if (m->badge != 0) {
        slot_copy(to, m->source.slot);
        to->endpoint.badge = m->badge;
        to->endpoint.credits = m->credits;
        mdb_insert_near(&core->db, m->source.slot, to);
    } else {
        cap_copy_act(core, &(struct cap_copy){m->source, m->dest});
    }
    to->rights = (uint8_t)m->rights;
}
