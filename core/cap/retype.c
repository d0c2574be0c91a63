/* SPDX-License-Identifier: MIT */
/* Retype: descendants of a part of a capability's range, made as one consecutive run of objects into
 * consecutive slots.
 *
 * A retype that takes long leaves a placeholder in its first slot: a capability of the new type, not usable
 * yet, whose range is what is still to be made. It keeps others out of the memory being cleared, and says
 * where to go on. Objects are made from the last to the first, memory is cleared from the top down, so the
 * placeholder at last becomes the first object.
 *
 *    source   ├───────────────────────────────────────────────────────────────┤
 *                   object 0    object 1    object 2    object 3
 *    slots          ├───placeholder──────────────┤├──────────┤ made
 *                                        ░░░░░░░░ clear from `zeroed` on
 *
 * Whoever deletes the placeholder ends the retype; objects already made stay. */
#include "priv.h"

/* Objects that one step of a retype makes at most, after the first. */
#define STEP_OBJECTS 16u

static bool shares_range(unsigned type)
{
    return cap_types[type].sizes == CAP_SIZES_SOURCE;
}

/* Numbers that a Kernel capability covers: process numbers below, notification channels above. */
static err_t check_kernel_number(const struct cap_retype *r)
{
    bool notify = r->offset >= CAP_KERNEL_NOTIFY;
    uint64_t end = notify ? CAP_KERNEL_NOTIFY + CAP_NOTIFY_CHANNELS : CAP_KERNEL_NOTIFY;

    if (r->source.slot->type != CAP_TYPE_KERNEL) {
        return OK;
    }
    if (notify != (r->type == CAP_TYPE_NOTIFY) || r->offset > end || r->count > end - r->offset) {
        return err_make(ERR_CAP_RETYPE_OFFSET, r->offset);
    }
    return OK;
}

static err_t check_memory(const struct cap_core *core, const struct cap_retype *r)
{
    enum cap_memory wanted = r->type == CAP_TYPE_DEV_FRAME ? CAP_MEMORY_DEVICE : CAP_MEMORY_RAM;
    paddr_t base = r->source.slot->base + r->offset;

    /* Below the boot set's PhysAddr all memory has been looked at once. */
    if (r->source.slot->type != CAP_TYPE_PHYS_ADDR || r->type == CAP_TYPE_PHYS_ADDR) {
        return OK;
    }
    if (core->ops->memory(core->context, base, r->size * r->count) != wanted) {
        return err_make(ERR_CAP_WRONG_MEMORY, base);
    }
    return OK;
}

static err_t check_range(const struct cap_core *core, const struct cap_retype *r)
{
    const struct cap_slot *from = r->source.slot;
    uint64_t alignment = cap_type_has(r->type, CAP_TRAIT_MEMORY) ? PAGE_MASK : 0;
    err_t e;

    if (!cap_type_size_ok(r->type, r->size)) {
        return err_make(ERR_CAP_RETYPE_SIZE, r->size);
    }
    if (r->offset >= from->size || (r->offset & alignment) != 0) {
        return err_make(ERR_CAP_RETYPE_OFFSET, r->offset);
    }
    if (r->count == 0 || r->count > (from->size - r->offset) / r->size) {
        return err_make(ERR_CAP_RETYPE_COUNT, r->count);
    }
    e = check_kernel_number(r);
    if (!err_ok(e)) {
        return e;
    }
    if (r->type == from->type && r->size == from->size && from->generation == UINT32_MAX) {
        return err_make(ERR_LIMIT, UINT32_MAX);
    }
    return check_memory(core, r);
}

/* The first slot behind the new capabilities in the order; NULL: the end. */
static struct cap_slot *place_of(const struct cap_core *core, const struct cap_retype *r)
{
    return mdb_next_reaching(mdb_last_own(&core->db, r->source.slot), r->source.slot->base + r->offset);
}

static err_t check_overlap(const struct cap_core *core, struct cap_retype *r)
{
    paddr_t base = r->source.slot->base + r->offset;
    const struct cap_slot *next = place_of(core, r);

    r->next = (struct cap_slot *)next;
    if (next != NULL && next->base < base + r->size * r->count) {
        return err_make(next->flags & CAP_FLAG_IN_DELETION ? ERR_CAP_IN_DELETION : ERR_CAP_REVOKE_FIRST,
                        next->base);
    }
    return OK;
}

/* Is the first slot the placeholder of this very retype? */
static bool is_begun(const struct cap_retype *r)
{
    const struct cap_slot *d = r->dest.slot;

    return (d->flags & CAP_FLAG_CREATING) != 0 && d->type == r->type &&
           d->base == r->source.slot->base + r->offset && d->creating.object_size == r->size &&
           d->size <= r->size * r->count;
}

static err_t check_slot(const struct cap_retype *r, uint32_t i)
{
    uint32_t step = r->dest.level == CAP_LEVEL_CNODE ? CPTR_L2_SLOTS : 1;
    struct cap_ref dest = {r->dest.slot + i, r->dest.address + i * step, r->dest.level, r->dest.room - i};

    return dest_check(&dest, r->type);
}

/* The first slot from `s` on that is not empty, or `end`. Four at a time: whole CNodes are looked at. */
static const struct cap_slot *first_full(const struct cap_slot *s, const struct cap_slot *end)
{
    while (end - s >= 4 && (s[0].type | s[1].type | s[2].type | s[3].type) == CAP_TYPE_NULL) {
        s += 4;
    }
    while (s < end && s->type == CAP_TYPE_NULL) {
        s++;
    }
    return s;
}

/* Slots number `from` up to `to`: number 0 by all its rules, which are the same for the others while they are
 * empty. */
static err_t check_slots(const struct cap_retype *r, uint64_t from, uint64_t to)
{
    const struct cap_slot *end = r->dest.slot + to;
    const struct cap_slot *full = first_full(r->dest.slot + from, end);
    err_t e = from == 0 ? check_slot(r, 0) : OK;

    for (; err_ok(e) && full < end; full = first_full(full + 1, end)) {
        e = check_slot(r, (uint32_t)(full - r->dest.slot));
    }
    return e;
}

/* A retype that goes on makes its objects from the last down to this one, and looks at their slots anew: all
 * were empty when it began. Slot 0 holds the placeholder. */
static uint64_t first_of_step(const struct cap_retype *r)
{
    uint64_t left = r->dest.slot->size / r->size;

    return left > STEP_OBJECTS ? left - STEP_OBJECTS : 1;
}

/* A Service on an endpoint, or a Handle of a Service. */
static err_t check_numbered(const struct cap_retype *r)
{
    if (r->size != 0) {
        return err_make(ERR_CAP_RETYPE_SIZE, r->size);
    }
    if (r->offset != 0) {
        return err_make(ERR_CAP_RETYPE_OFFSET, r->offset);
    }
    if (r->count != 1) {
        return err_make(ERR_CAP_RETYPE_COUNT, r->count);
    }
    if (is_sender(r->source.slot)) {
        return err_make(ERR_CAP_BADGE_SET, r->source.address);
    }
    return dest_check(&r->dest, r->type);
}

err_t cap_retype_check(const struct cap_core *core, struct cap_retype *r)
{
    const struct cap_slot *from = r->source.slot;
    uint64_t count = r->count;
    err_t e;

    if (r->type == CAP_TYPE_MAPPING) {
        return err_make(ERR_CAP_MAPPING_EXPLICIT, r->source.address);
    }
    if (r->type >= CAP_TYPE_COUNT || !cap_type_made_from(r->type, from->type)) {
        return err_make(ERR_CAP_RETYPE_PAIR, r->source.address);
    }
    if (r->source.slot == r->dest.slot) {
        return err_make(ERR_CAP_SELF, r->source.address);
    }
    e = alone_check(core, from);
    if (!err_ok(e)) {
        return e;
    }
    if (shares_range(r->type)) {
        return check_numbered(r);
    }
    e = check_range(core, r);
    if (!err_ok(e)) {
        return e;
    }
    if (count > r->dest.room) {
        return err_make(ERR_CAP_SLOTS_EXHAUSTED, r->dest.address);
    }
    if (is_begun(r)) {
        return check_slots(r, first_of_step(r), r->dest.slot->size / r->size);
    }
    e = check_slots(r, 0, count);
    return err_ok(e) ? check_overlap(core, r) : e;
}

/* What the new capability is, but for its range. */
static void fill(struct cap_core *core, const struct cap_retype *r, struct cap_slot *to)
{
    const struct cap_slot *from = r->source.slot;

    to->type = (uint8_t)r->type;
    to->rights = (uint8_t)(r->rights & from->rights);
    to->flags = 0;
    to->owner = (uint8_t)core->id;
    to->generation = 0;
    if (r->type == from->type && r->size == from->size) {
        to->generation = from->generation + 1;
    } else if (from->type == CAP_TYPE_KERNEL) {
        to->generation = ++core->generation;
    }
}

/* Memory that its holder could read or write all along is not cleared. */
static bool is_cleared(const struct cap_retype *r)
{
    return cap_type_has(r->type, CAP_TRAIT_ZEROED) && r->type != r->source.slot->type;
}

static void made(struct cap_core *core, const struct cap_retype *r, struct cap_slot *s)
{
    if (cap_type_has(s->type, CAP_TRAIT_TABLE)) {
        ring_start(s);
    }
    if (is_cleared(r)) {
        core->ops->created(core->context, s);
    }
}

static void make_numbered(struct cap_core *core, const struct cap_retype *r)
{
    const struct cap_slot *from = r->source.slot;
    struct cap_slot *to = r->dest.slot;

    fill(core, r, to);
    to->base = from->base;
    to->size = from->size;
    if (r->type == CAP_TYPE_SERVICE) {
        to->generation = ++core->generation;
        to->service.id = r->id;
    } else {
        to->generation = from->generation;
        to->service.id = from->service.id;
        to->service.badge = r->id;
    }
    mdb_insert_near(&core->db, r->source.slot, to);
}

static void begin(struct cap_core *core, const struct cap_retype *r)
{
    struct cap_slot *to = r->dest.slot;

    fill(core, r, to);
    to->flags = CAP_FLAG_CREATING;
    to->base = r->source.slot->base + r->offset;
    to->size = r->size * r->count;
    to->creating.object_size = r->size;
    to->creating.zeroed = is_cleared(r) ? cap_end(to) : to->base;
    mdb_insert_before(&core->db, r->next, to);
}

/* Splits the last object off the placeholder. */
static void make_last(struct cap_core *core, const struct cap_retype *r, uint64_t index)
{
    struct cap_slot *place = r->dest.slot;
    struct cap_slot *to = place + index;

    place->size -= r->size;
    mdb_shrunk(place);
    fill(core, r, to);
    to->base = cap_end(place);
    to->size = r->size;
    mdb_insert_beside(&core->db, place, to);
    made(core, r, to);
}

enum cap_progress cap_retype_act(struct cap_core *core, const struct cap_retype *r, int *budget)
{
    struct cap_slot *place = r->dest.slot;
    uint64_t least = 1; /* slots have been looked at from this one on */

    if (shares_range(r->type)) {
        make_numbered(core, r);
        return CAP_DONE;
    }
    if (place->type == CAP_TYPE_NULL) {
        begin(core, r);
        *budget -= (int)(r->count / 2) * CAP_COST_SCAN; /* all have been looked at */
    } else {
        least = first_of_step(r);
    }
    for (uint64_t left = place->size / r->size; left > 0; left--) {
        paddr_t base = place->base + (left - 1) * r->size;

        while (place->creating.zeroed > base) {
            if (*budget <= 0) {
                return CAP_AGAIN;
            }
            *budget -= CAP_COST_PAGE;
            place->creating.zeroed -= PAGE_SIZE;
            core->ops->zero(core->context, place->creating.zeroed);
        }
        if (left > 1) {
            if (*budget <= 0 || left - 1 < least) {
                return CAP_AGAIN;
            }
            *budget -= CAP_COST_SLOT;
            make_last(core, r, left - 1);
        }
    }
    place->flags = 0;
    place->creating.object_size = 0;
    place->creating.zeroed = 0;
    made(core, r, place);
    return CAP_DONE;
}
