/* SPDX-License-Identifier: MIT */
/* Capabilities of several cores. A capability that crosses has one owner. On the owner's core the first of
 * its copies keeps which other cores have copies (`sharers`: may name too many, never too few) and under
 * which rights it has left (`crossed`); on another core the first of the foreign copies keeps under which
 * rights it came. So nothing has to be written into each of many copies, and who deletes the first hands on
 * what it keeps.
 *
 *      owner                                    another core
 *   share(slot, core) ── identity ──────────▶ adopt(identity)          a foreign copy
 *   find(identity)  ◀─── identity ─────────── share says CAP_FOREIGN   what comes home is found, not made
 *   revoke: CAP_SHARED ─ please ────────────▶ revoke_foreign
 *   unshare(slot, core) ◀─ done ─────────────
 *   revoke
 *
 * An identity is made from slots only and names nothing that its receiver's CPU driver does not check: the
 * range must be the owner's by the division of the machine. That it is true is what core servers trust each
 * other for. */
#include <mudskipper/abi/objects.h>
#include "priv.h"

static err_t check_own(const struct cap_core *core, const struct cap_slot *s)
{
    if (!cap_type_has(s->type, CAP_TRAIT_CROSSES)) {
        return err_make(ERR_CAP_MAY_NOT_CROSS, s->type);
    }
    return s->owner == core->id ? OK : err_make(ERR_CAP_FOREIGN, s->owner);
}

/* ---- share, unshare ---- */

static uint64_t bit_of(const struct cap_share *s)
{
    return (uint64_t)1 << s->core;
}

err_t cap_share_check(const struct cap_core *core, const struct cap_share *s)
{
    err_t e = check_own(core, s->slot.slot);

    if (!err_ok(e)) {
        return e;
    }
    if (!(s->slot.slot->rights & CAP_GRANT)) {
        return err_make(ERR_CAP_MISSING_RIGHT, CAP_GRANT);
    }
    return s->core < core->cores && s->core != core->id ? OK : err_make(ERR_OUT_OF_RANGE, s->core);
}

void cap_share_act(struct cap_core *core, const struct cap_share *s, struct cap_identity *what)
{
    const struct cap_slot *slot = s->slot.slot;
    struct cap_slot *first = mdb_first_copy(&core->db, slot);

    first->sharers |= bit_of(s);
    first->crossed |= slot->rights;
    *what = (struct cap_identity){.type = slot->type,
                                  .rights = slot->rights,
                                  .owner = slot->owner,
                                  .generation = slot->generation,
                                  .base = slot->base,
                                  .size = slot->size,
                                  .word = {slot->word[0], slot->word[1]}};
}

err_t cap_unshare_check(const struct cap_core *core, const struct cap_share *s)
{
    err_t e = check_own(core, s->slot.slot);

    if (err_ok(e) &&
        (s->core >= core->cores || !(mdb_first_copy(&core->db, s->slot.slot)->sharers & bit_of(s)))) {
        e = err_make(ERR_NOT_FOUND, s->core);
    }
    return e;
}

void cap_unshare_act(struct cap_core *core, const struct cap_share *s)
{
    struct cap_slot *first = mdb_first_copy(&core->db, s->slot.slot);

    first->sharers &= ~bit_of(s);
    if (first->sharers == 0) {
        first->crossed = 0;
        work_resume(core);
    }
}

/* ---- adopt ---- */

static enum cap_space space_of(unsigned type)
{
    switch (type) {
    case CAP_TYPE_IRQ:
        return CAP_SPACE_IRQ;
    case CAP_TYPE_NAME_PREFIX:
        return CAP_SPACE_NAME;
    case CAP_TYPE_NOTIFY:
    case CAP_TYPE_PROCESS:
        return CAP_SPACE_KERNEL;
    default:
        return CAP_SPACE_MEMORY; /* of memory, or of the endpoint behind it */
    }
}

static bool is_range(const struct cap_identity *w)
{
    bool numbered = cap_types[w->type].sizes == CAP_SIZES_SOURCE;
    uint64_t last = w->base + w->size - 1;
    uint64_t space = space_of(w->type);

    if (!cap_type_size_ok(numbered ? CAP_TYPE_ENDPOINT_LMP : w->type, w->size) || last < w->base ||
        w->base >> 56 != space || last >> 56 != space) {
        return false;
    }
    return space != CAP_SPACE_MEMORY || (w->base & PAGE_MASK) == 0;
}

/* Numbers of a Kernel capability: the type tells on which side they lie. */
static bool is_number(const struct cap_identity *w)
{
    uint64_t number = w->base & (CAP_KERNEL_SIZE - 1);

    if (w->type == CAP_TYPE_NOTIFY) {
        return number >= CAP_KERNEL_NOTIFY && number - CAP_KERNEL_NOTIFY < CAP_NOTIFY_CHANNELS;
    }
    return w->type != CAP_TYPE_PROCESS || number < CAP_KERNEL_NOTIFY;
}

/* Words that make no difference must not be able to. */
static bool has_words(const struct cap_identity *w)
{
    unsigned equality = cap_types[w->type].equality;

    return (w->word[0] == 0 || (equality & CAP_EQUAL_W0)) && (w->word[1] == 0 || (equality & CAP_EQUAL_W1));
}

static err_t check_identity(const struct cap_identity *w)
{
    if (w->type >= CAP_TYPE_COUNT || !cap_type_has(w->type, CAP_TRAIT_CROSSES)) {
        return err_make(ERR_CAP_MAY_NOT_CROSS, w->type);
    }
    if (w->rights == 0 || w->rights > CAP_ALL_RIGHTS) {
        return err_make(ERR_BAD_ARGUMENT, CAP_ACROSS_FIRST);
    }
    if (!is_range(w) || !is_number(w)) {
        return err_make(ERR_BAD_ARGUMENT, CAP_ACROSS_FIRST + 1);
    }
    return has_words(w) ? OK : err_make(ERR_BAD_ARGUMENT, CAP_ACROSS_FIRST + 3);
}

static err_t check_owner(const struct cap_core *core, const struct cap_identity *w)
{
    coreid_t owner = core->ops->owner(core->context, w->base, w->size);

    if (w->owner == core->id) {
        return err_make(ERR_BAD_ARGUMENT, CAP_ACROSS_FIRST);
    }
    if (owner == CAP_OWNED_BY_NOBODY) {
        return err_make(ERR_BAD_ARGUMENT, CAP_ACROSS_FIRST + 1);
    }
    return owner == w->owner ? OK : err_make(ERR_CAP_FOREIGN, owner);
}

err_t cap_adopt_check(const struct cap_core *core, const struct cap_adopt *a)
{
    const struct cap_slot *crossing;
    err_t e = check_identity(&a->what);

    if (err_ok(e)) {
        e = check_owner(core, &a->what);
    }
    if (!err_ok(e)) {
        return e;
    }
    crossing = mdb_find_crossing(&core->db, a->what.base, a->what.size);
    if (crossing != NULL) {
        return err_make(ERR_CAP_STRADDLES, crossing->base);
    }
    return err_push(dest_check(&a->dest, a->what.type), ERR_WHILE_DEST);
}

static void fill(struct cap_slot *to, const struct cap_identity *w)
{
    to->type = (uint8_t)w->type;
    to->rights = (uint8_t)w->rights;
    to->owner = (uint8_t)w->owner;
    to->generation = w->generation;
    to->base = w->base;
    to->size = w->size;
    to->word[0] = w->word[0];
    to->word[1] = w->word[1];
}

void cap_adopt_act(struct cap_core *core, const struct cap_adopt *a)
{
    fill(a->dest.slot, &a->what);
    mdb_insert(&core->db, a->dest.slot);
    mdb_first_copy(&core->db, a->dest.slot)->crossed |= (uint8_t)a->what.rights;
}

/* ---- find ---- */

err_t cap_find_check(const struct cap_core *core, struct cap_adopt *a)
{
    const struct cap_identity *w = &a->what;
    struct cap_slot like = {.type = CAP_TYPE_NULL};
    err_t e = check_identity(w);

    if (!err_ok(e)) {
        return e;
    }
    fill(&like, w);
    a->found = mdb_find_copy(&core->db, &like);
    if (a->found != NULL) {
        a->found = mdb_first_copy(&core->db, a->found);
    }
    if (a->found == NULL || a->found->owner != w->owner || (w->rights & a->found->crossed) == 0 ||
        !cap_is_usable(a->found)) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    return err_push(dest_check(&a->dest, w->type), ERR_WHILE_DEST);
}

void cap_find_act(struct cap_core *core, const struct cap_adopt *a)
{
    slot_copy(a->dest.slot, a->found);
    a->dest.slot->rights = (uint8_t)(a->what.rights & a->found->crossed);
    mdb_insert_beside(&core->db, a->found, a->dest.slot);
    work_resume(core); /* what was the last one may not be so any more */
}
