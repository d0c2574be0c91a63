/* SPDX-License-Identifier: MIT */
#include "spec_priv.h"
#include <stdlib.h>
#include <string.h>

struct spec_cap *next_cap(const struct spec *s, struct spec_cap *c)
{
    while (c < s->caps + s->count && c->place == 0) {
        c++;
    }
    return c < s->caps + s->count ? c : NULL;
}

/* ---- the array ---- */

struct spec_cap *spec_add(struct spec *s, const struct spec_cap *cap)
{
    unsigned i = 0;

    while (i < s->count && s->caps[i].place != 0) {
        i++;
    }
    if (i == s->room) {
        s->room = 2 * s->room + 64;
        s->caps = realloc(s->caps, s->room * sizeof(*s->caps));
    }
    s->count += i == s->count;
    s->caps[i] = *cap;
    return &s->caps[i];
}

static void drop(struct spec_cap *c)
{
    free(c->entry_rights);
    c->entry_rights = NULL;
    c->place = 0;
}

void spec_free(struct spec *s)
{
    for (EACH(c, s)) {
        drop(c);
    }
    free(s->caps);
    *s = (struct spec){.machine = s->machine};
}

struct spec_cap *spec_at(const struct spec *s, uint64_t place)
{
    for (EACH(c, s)) {
        if (c->place == place) {
            return c;
        }
    }
    return NULL;
}

/* ---- kinship ---- */

static uint64_t end_of(const struct spec_cap *c)
{
    return c->base + c->size;
}

bool spec_copy_of(const struct spec_cap *a, const struct spec_cap *b)
{
    if (a->type != b->type || !same_range(a, b) || has(a, CAP_TRAIT_UNIQUE)) {
        return false;
    }
    switch (a->type) {
    case CAP_TYPE_ENDPOINT_LMP:
        return a->number == b->number;
    case CAP_TYPE_SERVICE:
        return a->generation == b->generation && a->number == b->number;
    case CAP_TYPE_HANDLE:
        return a->generation == b->generation && a->number == b->number && a->badge == b->badge;
    default:
        return a->generation == b->generation;
    }
}

static bool is_endpoint(const struct spec_cap *c)
{
    return c->type == CAP_TYPE_ENDPOINT_LMP && c->number == 0;
}

bool spec_descends(const struct spec_cap *a, const struct spec_cap *b)
{
    if (b->base < a->base || end_of(b) > end_of(a)) {
        return false;
    }
    if (!same_range(a, b)) {
        return has(a, CAP_TRAIT_NESTS);
    }
    if (a->type == b->type && has(a, CAP_TRAIT_NESTS)) {
        return b->generation > a->generation;
    }
    switch (a->type) {
    case CAP_TYPE_PHYS_ADDR:
        return true;
    case CAP_TYPE_RAM:
        return b->type != CAP_TYPE_PHYS_ADDR;
    case CAP_TYPE_FRAME:
    case CAP_TYPE_DEV_FRAME:
        return b->type == CAP_TYPE_MAPPING && b->generation >= a->generation;
    case CAP_TYPE_VNODE_L1:
    case CAP_TYPE_VNODE_L2:
    case CAP_TYPE_VNODE_L3:
        return b->type == CAP_TYPE_MAPPING;
    case CAP_TYPE_DISPATCHER:
        return b->type == CAP_TYPE_REPLY;
    case CAP_TYPE_ENDPOINT_LMP:
        return is_endpoint(a) && (b->type == CAP_TYPE_SERVICE || b->type == CAP_TYPE_HANDLE ||
                                  (b->type == a->type && b->number != 0));
    case CAP_TYPE_SERVICE:
        return b->type == CAP_TYPE_HANDLE && b->generation == a->generation && b->number == a->number;
    default:
        return false;
    }
}

bool has_copies(const struct spec *s, const struct spec_cap *c)
{
    bool found = false;

    for (EACH(d, s)) {
        found = found || (d != c && spec_copy_of(c, d));
    }
    return found;
}

/* The nearest one: no other ancestor descends from it. */
static struct spec_cap *parent_of(const struct spec *s, const struct spec_cap *c)
{
    struct spec_cap *nearest = NULL;

    for (EACH(d, s)) {
        if (d != c && spec_descends(d, c) && (nearest == NULL || spec_descends(nearest, d))) {
            nearest = d;
        }
    }
    return nearest;
}

static void mark(const struct spec *s, const struct spec_cap *c, bool sure)
{
    for (EACH(d, s)) {
        d->reclaim = d->reclaim || spec_copy_of(c, d);
        d->reclaim_sure = d->reclaim_sure || (sure && spec_copy_of(c, d));
    }
}

/* ---- names ---- */

/* A place, as in abi/invocation.h. */
static err_t lookup(const struct spec *s, uint64_t root, uint64_t place, unsigned rights, struct ref *out)
{
    const struct spec_cap *l1 = spec_at(s, root);
    uint64_t level = place >> 32 > 2 ? 3 : place >> 32;
    cptr_t address = (cptr_t)place;
    uint64_t index = address >> 8;
    const struct spec_cap *l2;

    REFUSE(l1->type != CAP_TYPE_L1_CNODE, CAP_ROOT_NOT_CNODE, address);
    if (level == 0 && address == 0) {
        *out = (struct ref){root, 0, 2, 1};
        return OK;
    }
    REFUSE(level == 0 || level > 2 || (level == 1 && address % 256 != 0), CAP_BAD_LEVEL, level);
    REFUSE(rights & ~l1->rights, CAP_MISSING_RIGHT, address);
    REFUSE(index >= l1->size / CAP_SLOT_BYTES, CAP_L1_RANGE, address);
    if (level == 1) {
        *out = (struct ref){l1->base + index * CAP_SLOT_BYTES, address, 1, l1->size / CAP_SLOT_BYTES - index};
        return OK;
    }
    l2 = spec_at(s, l1->base + index * CAP_SLOT_BYTES);
    REFUSE(l2 == NULL, CAP_EMPTY_SLOT, index << 8);
    REFUSE(l2->type != CAP_TYPE_L2_CNODE, CAP_WRONG_TYPE, index << 8);
    REFUSE(rights & ~l2->rights, CAP_MISSING_RIGHT, index << 8);
    *out = (struct ref){l2->base + address % 256 * CAP_SLOT_BYTES, address, 2, 256 - address % 256};
    return OK;
}

err_t source(const struct spec *s, uint64_t root, uint64_t operand, struct ref *out)
{
    TRY(lookup(s, root, operand, CAP_READ, out));
    REFUSE(spec_at(s, out->place) == NULL, CAP_EMPTY_SLOT, out->address);
    return OK;
}

err_t named_root(const struct spec *s, uint64_t own, uint64_t operand, uint64_t *root)
{
    struct ref ref;

    REFUSE(operand > UINT32_MAX, CAP_BAD_LEVEL, operand >> 32 > 2 ? 3 : operand >> 32);
    TRY(source(s, own, CAP_PLACE_SLOT(operand), &ref));
    *root = ref.place;
    return OK;
}

err_t destination(const struct spec *s, uint64_t own, const uint64_t *args, struct ref *out)
{
    uint64_t root;

    TRY(named_root(s, own, args[0], &root));
    REFUSE(spec_at(s, root)->type != CAP_TYPE_L1_CNODE, CAP_DEST_NOT_CNODE, args[0]);
    return lookup(s, root, args[1], CAP_WRITE, out);
}

err_t empty_place(const struct spec *s, uint64_t root, uint64_t operand, struct ref *out)
{
    return lookup(s, root, operand, CAP_WRITE, out);
}

err_t can_take(const struct spec *s, const struct ref *to, unsigned type)
{
    REFUSE(spec_at(s, to->place) != NULL, CAP_SLOT_IN_USE, to->address);
    REFUSE(to->level == 1 && type != CAP_TYPE_L2_CNODE, CAP_L1_HOLDS_CNODES, to->address);
    return OK;
}

/* ---- retype ---- */

struct retype {
    struct ref from;
    struct ref to;
    uint64_t type;
    unsigned rights;
    uint64_t offset;
    uint64_t size;
    uint64_t count;
    uint64_t id;
};

static bool kind_is(const struct spec *s, unsigned type, uint64_t base, uint64_t bytes)
{
    const struct spec_machine *m = &s->machine;

    return type == CAP_TYPE_DEV_FRAME ? base >= m->device && base + bytes <= m->device + m->device_bytes
                                      : base >= m->ram && base + bytes <= m->ram + m->ram_bytes;
}

/* A Mapping of c itself does not stand in the way of retyping c. */
static bool in_the_way(const struct spec_cap *c, const struct spec_cap *d, uint64_t base, uint64_t bytes)
{
    bool own = d->type == CAP_TYPE_MAPPING && same_range(c, d) && c->generation == d->generation;

    return spec_descends(c, d) && !own && d->base < base + bytes && end_of(d) > base;
}

/* Which one is told: the first one by address, the outermost of those. */
static const struct spec_cap *first_in_the_way(const struct spec *s, const struct spec_cap *c, uint64_t base,
                                               uint64_t bytes)
{
    const struct spec_cap *first = NULL;

    for (EACH(d, s)) {
        if (in_the_way(c, d, base, bytes) && (first == NULL || d->base < first->base)) {
            first = d;
        }
    }
    return first;
}

static err_t check_range(const struct spec *s, const struct spec_cap *c, const struct retype *r)
{
    bool memory = cap_type_has((unsigned)r->type, CAP_TRAIT_MEMORY);
    bool notify = r->offset >= CAP_KERNEL_NOTIFY;

    REFUSE(!cap_type_size_ok((unsigned)r->type, r->size), CAP_RETYPE_SIZE, r->size);
    REFUSE(r->offset >= c->size || (memory && r->offset % PAGE_SIZE != 0), CAP_RETYPE_OFFSET, r->offset);
    REFUSE(r->count == 0 || r->count > (c->size - r->offset) / r->size, CAP_RETYPE_COUNT, r->count);
    REFUSE(c->type == CAP_TYPE_KERNEL &&
               (notify != (r->type == CAP_TYPE_NOTIFY) ||
                r->offset + r->count > CAP_KERNEL_NOTIFY + (notify ? CAP_NOTIFY_CHANNELS : 0)),
           CAP_RETYPE_OFFSET, r->offset);
    REFUSE(c->type == CAP_TYPE_PHYS_ADDR && r->type != CAP_TYPE_PHYS_ADDR &&
               !kind_is(s, (unsigned)r->type, c->base + r->offset, r->size * r->count),
           CAP_WRONG_MEMORY, c->base + r->offset);
    return OK;
}

static err_t check_retype(const struct spec *s, const struct retype *r)
{
    const struct spec_cap *c = spec_at(s, r->from.place);
    const struct spec_cap *d;

    REFUSE(r->type == CAP_TYPE_MAPPING, CAP_MAPPING_EXPLICIT, r->from.address);
    REFUSE(r->type >= CAP_TYPE_COUNT || !cap_type_made_from((unsigned)r->type, c->type), CAP_RETYPE_PAIR,
           r->from.address);
    REFUSE(r->from.place == r->to.place, CAP_SELF, r->from.address);
    TRY(alone(c));
    if (r->type == CAP_TYPE_SERVICE || r->type == CAP_TYPE_HANDLE) {
        REFUSE(r->size != 0, CAP_RETYPE_SIZE, r->size);
        REFUSE(r->offset != 0, CAP_RETYPE_OFFSET, r->offset);
        REFUSE(r->count != 1, CAP_RETYPE_COUNT, r->count);
        REFUSE(c->type == CAP_TYPE_ENDPOINT_LMP && c->number != 0, CAP_BADGE_SET, r->from.address);
        return can_take(s, &r->to, (unsigned)r->type);
    }
    TRY(check_range(s, c, r));
    REFUSE(r->count > r->to.room, CAP_SLOTS_EXHAUSTED, r->to.address);
    for (uint64_t i = 0; i < r->count; i++) {
        struct ref to = {r->to.place + i * CAP_SLOT_BYTES,
                         r->to.address + (cptr_t)i * (r->to.level == 1 ? 256 : 1), r->to.level, 0};

        TRY(can_take(s, &to, (unsigned)r->type));
    }
    d = first_in_the_way(s, c, c->base + r->offset, r->size * r->count);
    REFUSE(d != NULL, CAP_REVOKE_FIRST, d->base);
    return OK;
}

static err_t retype(struct spec *s, const struct retype *r)
{
    struct spec_cap c = *spec_at(s, r->from.place);
    struct spec_cap n = {
        .type = (unsigned)r->type, .rights = c.rights & r->rights, .base = c.base, .size = c.size};

    TRY(check_retype(s, r));
    if (r->type == CAP_TYPE_SERVICE || r->type == CAP_TYPE_HANDLE) {
        n.place = r->to.place;
        n.generation = r->type == CAP_TYPE_SERVICE ? ++s->generation : c.generation;
        n.number = r->type == CAP_TYPE_SERVICE ? r->id : c.number;
        n.badge = r->type == CAP_TYPE_SERVICE ? 0 : r->id;
        spec_add(s, &n);
        return OK;
    }
    for (uint64_t i = 0; i < r->count; i++) {
        uint64_t index = i == 0 ? 0 : r->count - i; /* as numbers are given out */

        n.place = r->to.place + index * CAP_SLOT_BYTES;
        n.base = c.base + r->offset + index * r->size;
        n.size = r->size;
        n.generation = r->type == c.type && r->size == c.size ? c.generation + 1 : 0;
        if (c.type == CAP_TYPE_KERNEL) {
            n.generation = ++s->generation;
        }
        spec_add(s, &n);
    }
    return OK;
}

/* ---- copy, mint, move ---- */

static err_t check_copy(const struct spec *s, const struct ref *from, const struct ref *to, bool unique_too)
{
    const struct spec_cap *c = spec_at(s, from->place);

    REFUSE(has(c, CAP_TRAIT_UNIQUE) && !unique_too, CAP_UNIQUE, from->address);
    REFUSE(from->place == to->place, CAP_SELF, from->address);
    return can_take(s, to, c->type);
}

static err_t invoke_copy(struct spec *s, const struct ref *from, const struct ref *to, bool move)
{
    struct spec_cap n = *spec_at(s, from->place);

    TRY(check_copy(s, from, to, move));
    if (move) {
        spec_at(s, from->place)->place = 0;
    }
    n.place = to->place;
    spec_add(s, &n);
    return OK;
}

static err_t invoke_mint(struct spec *s, const struct ref *from, const struct ref *to, const uint64_t *args)
{
    struct spec_cap c = *spec_at(s, from->place);
    struct retype part = {*from, *to, c.type, (unsigned)args[4], args[5], args[6], 1, 0};

    REFUSE(has(&c, CAP_TRAIT_UNIQUE), CAP_UNIQUE, from->address);
    REFUSE((args[4] & ~(uint64_t)c.rights) != 0, CAP_NARROW, args[4] > CAP_ALL_RIGHTS ? UINT32_MAX : args[4]);
    REFUSE(args[7] != 0 && c.type != CAP_TYPE_ENDPOINT_LMP, CAP_WRONG_TYPE, from->address);
    REFUSE(args[7] != 0 && c.number != 0, CAP_BADGE_SET, from->address);
    if (args[6] != 0) {
        return retype(s, &part);
    }
    REFUSE(args[5] != 0, CAP_RETYPE_OFFSET, args[5]);
    TRY(check_copy(s, from, to, false));
    c.place = to->place;
    c.rights = (unsigned)args[4];
    if (args[7] != 0) {
        c.number = args[7];
        c.badge = args[8];
    }
    spec_add(s, &c);
    return OK;
}

/* ---- delete, revoke ---- */

/* Does d end when the last copy of c does? */
static bool ends_with(const struct spec_cap *c, const struct spec_cap *d)
{
    if (d->type == CAP_TYPE_MAPPING) {
        bool link = c->type == CAP_TYPE_MAPPING && c->entry_rights == NULL;
        bool mapped = has(c, CAP_TRAIT_MAPPED) && c->generation == d->generation;

        return (has(c, CAP_TRAIT_TABLE) && (same_range(c, d) || d->table == c->base)) ||
               (mapped && same_range(c, d)) || (link && d->table == c->base);
    }
    return (is_endpoint(c) || c->type == CAP_TYPE_SERVICE || c->type == CAP_TYPE_DISPATCHER) &&
           c->owner == 0 && spec_descends(c, d);
}

bool held_elsewhere(const struct spec *s, const struct spec_cap *c)
{
    bool found = c->sharers != 0;

    if (has_copies(s, c)) {
        return false;
    }
    for (EACH(d, s)) {
        found = found || (d != c && ends_with(c, d) && d->sharers != 0);
    }
    return found;
}

static bool lies_in(const struct spec *s, const struct spec_cap *c, uint64_t place)
{
    uint64_t held = c->type == CAP_TYPE_DISPATCHER ? s->machine.held_slots * CAP_SLOT_BYTES : 0;
    uint64_t bytes = has(c, CAP_TRAIT_CNODE) ? c->size : held;

    return place >= c->base && place < c->base + bytes;
}

/* Who revokes a range knows that it becomes unused. */
static bool known_to_revoker(const struct spec *s, const struct spec_cap *parent, const struct spec_cap *c)
{
    return s->revoking != NULL && spec_copy_of(s->revoking, parent) && c->base >= s->revoking_from &&
           end_of(c) <= s->revoking_to;
}

static void delete_cap(struct spec *s, struct spec_cap *c)
{
    struct spec_cap *parent;
    bool same = false;

    if (has_copies(s, c)) {
        if (c->reclaim) {
            mark(s, c, false);
        }
        drop(c);
        return;
    }
    for (EACH(d, s)) {
        if (d != c && ends_with(c, d)) {
            delete_cap(s, d);
        }
    }
    c->dying = true;
    for (EACH(d, s)) {
        if (!d->dying && lies_in(s, c, d->place)) {
            delete_cap(s, d);
        }
    }
    for (EACH(d, s)) {
        same = same || (d != c && same_range(c, d) && spec_descends(c, d));
    }
    parent = has(c, CAP_TRAIT_MEMORY) && !same && c->owner == 0 ? parent_of(s, c) : NULL;
    if (parent != NULL && has(parent, CAP_TRAIT_NESTS) && !known_to_revoker(s, parent, c)) {
        mark(s, parent, true);
    }
    drop(c);
}

/* What has to go, as far as other cores let it. */
static bool is_revoked(const struct spec_cap *self, const struct spec_cap *d, uint64_t base, uint64_t bytes,
                       bool whole)
{
    return whole ? spec_descends(self, d) || spec_copy_of(self, d) : in_the_way(self, d, base, bytes);
}

static err_t revoke(struct spec *s, uint64_t place, uint64_t base, uint64_t bytes, bool whole)
{
    struct spec_cap self = *spec_at(s, place);
    bool again = true;

    for (EACH(d, s)) {
        REFUSE(d->place != place && d->sharers != 0 && is_revoked(&self, d, base, bytes, whole), CAP_SHARED,
               d->base);
    }

    s->revoking = &self;
    s->revoking_from = whole ? self.base : base;
    s->revoking_to = whole ? end_of(&self) : base + bytes;
    while (again && spec_at(s, place) != NULL) {
        again = false;
        for (EACH(d, s)) {
            if (d->place != place && is_revoked(&self, d, base, bytes, whole)) {
                delete_cap(s, d);
                again = true;
                break;
            }
        }
    }
    s->revoking = NULL;
    return OK;
}

err_t revoke_all(struct spec *s, uint64_t place)
{
    return revoke(s, place, 0, 0, true);
}

static err_t invoke_revoke_range(struct spec *s, const struct ref *slot, uint64_t offset, uint64_t bytes)
{
    const struct spec_cap *c = spec_at(s, slot->place);
    const struct spec_cap *left = NULL;
    const struct spec_cap *right = NULL;
    uint64_t base = c->base + offset;

    REFUSE(!has(c, CAP_TRAIT_NESTS), CAP_WRONG_TYPE, slot->address);
    REFUSE(offset >= c->size, CAP_RETYPE_OFFSET, offset);
    REFUSE(bytes == 0 || bytes > c->size - offset, CAP_RETYPE_SIZE, bytes);
    TRY(alone(c));
    REFUSE(!(c->rights & CAP_REVOKE), CAP_MISSING_RIGHT, CAP_REVOKE);
    for (EACH(d, s)) {
        if (in_the_way(c, d, base, bytes)) {
            if (d->base < base && (left == NULL || d->base < left->base)) {
                left = d;
            }
            if (end_of(d) > base + bytes && (right == NULL || d->base < right->base)) {
                right = d;
            }
        }
    }
    REFUSE(left != NULL || right != NULL, CAP_STRADDLES, left != NULL ? left->base : right->base);
    return revoke(s, slot->place, base, bytes, false);
}

static void invoke_unused(const struct spec *s, struct spec_cap *c, uint64_t from, uint64_t *offset,
                          uint64_t *bytes)
{
    uint64_t at = c->base + from;

    *bytes = 0;
    for (EACH(d, s)) {
        d->reclaim_sure = d->reclaim_sure && (from < c->size || !spec_copy_of(c, d));
    }
    c->reclaim = c->reclaim && from < c->size;
    while (from < c->size && at < end_of(c)) {
        uint64_t used = end_of(c);
        const struct spec_cap *on_it = NULL;

        for (EACH(d, s)) {
            if (in_the_way(c, d, at, end_of(c) - at)) {
                if (d->base <= at) {
                    on_it = d;
                } else if (d->base < used) {
                    used = d->base;
                }
            }
        }
        if (on_it == NULL) {
            *offset = at - c->base;
            *bytes = used - at;
            return;
        }
        at = end_of(on_it);
    }
    *offset = c->size;
}

/* ---- L1CNode ---- */

static err_t invoke_resize(struct spec *s, const struct ref *cnode, const struct ref *with)
{
    const struct spec_cap a = *spec_at(s, cnode->place);
    const struct spec_cap b = *spec_at(s, with->place);
    uint64_t with_place = with->place;

    REFUSE(b.type != CAP_TYPE_L1_CNODE, CAP_WRONG_TYPE, with->address);
    REFUSE(b.size <= a.size, CAP_RESIZE, b.size);
    for (uint64_t offset = 0; offset < a.size; offset += CAP_SLOT_BYTES) {
        if (spec_at(s, a.base + offset) != NULL && spec_at(s, b.base + offset) == NULL) {
            struct spec_cap c = *spec_at(s, a.base + offset);

            c.place = b.base + offset;
            spec_add(s, &c);
        }
    }
    for (EACH(c, s)) {
        if (c->place == with_place || spec_copy_of(&a, c)) {
            c->base = c->place == with_place ? a.base : b.base;
            c->size = c->place == with_place ? a.size : b.size;
        }
    }
    return OK;
}

static void invoke_identify(const struct spec_cap *c, uint64_t *args)
{
    bool all = (c->rights & CAP_IDENTIFY) != 0;

    args[1] = c->type | (uint64_t)c->rights << 8 | (uint64_t)c->owner << 24 |
              (uint64_t)(all ? c->generation : 0) << 32;
    args[2] = all ? c->base : 0;
    args[3] = all ? c->size : 0;
}

static err_t invoke_cnode(struct spec *s, uint64_t own, const struct ref *target, unsigned op, uint64_t *args)
{
    struct ref a = {0};
    struct ref b = {0};
    struct retype r;

    REFUSE(op > CNODE_RESIZE, CAP_ILLEGAL_INVOCATION, op);
    TRY(lookup(s, target->place, args[1], op == CNODE_DELETE ? CAP_WRITE : CAP_READ, &a));
    REFUSE(spec_at(s, a.place) == NULL, CAP_EMPTY_SLOT, a.address);
    if (op <= CNODE_RETYPE) {
        TRY(destination(s, own, &args[2], &b));
    }
    switch (op) {
    case CNODE_COPY:
    case CNODE_MOVE:
        return invoke_copy(s, &a, &b, op == CNODE_MOVE);
    case CNODE_MINT:
        return invoke_mint(s, &a, &b, args);
    case CNODE_RETYPE:
        r = (struct retype){a, b, args[4], CAP_ALL_RIGHTS, args[5], args[6], args[7], args[8]};
        return retype(s, &r);
    case CNODE_DELETE:
        REFUSE(held_elsewhere(s, spec_at(s, a.place)), CAP_SHARED, spec_at(s, a.place)->base);
        delete_cap(s, spec_at(s, a.place));
        return OK;
    case CNODE_REVOKE:
        TRY(alone(spec_at(s, a.place)));
        REFUSE(!(spec_at(s, a.place)->rights & CAP_REVOKE), CAP_MISSING_RIGHT, CAP_REVOKE);
        return revoke_all(s, a.place);
    case CNODE_REVOKE_RANGE:
        return invoke_revoke_range(s, &a, args[2], args[3]);
    case CNODE_IDENTIFY:
        invoke_identify(spec_at(s, a.place), args);
        return OK;
    case CNODE_UNUSED:
        REFUSE(!has(spec_at(s, a.place), CAP_TRAIT_NESTS), CAP_WRONG_TYPE, a.address);
        REFUSE(spec_at(s, a.place)->owner != 0, CAP_FOREIGN, spec_at(s, a.place)->owner);
        invoke_unused(s, spec_at(s, a.place), args[2], &args[1], &args[2]);
        return OK;
    default:
        return invoke_resize(s, target, &a);
    }
}

err_t spec_invoke(struct spec *s, uint64_t root, cptr_t target, unsigned operation, uint64_t args[SYS_ARGS])
{
    struct ref ref;
    const struct spec_cap *c;

    TRY(source(s, root, CAP_PLACE_SLOT(target), &ref));
    c = spec_at(s, ref.place);
    if (c->type == CAP_TYPE_L1_CNODE) {
        return invoke_cnode(s, root, &ref, operation, args);
    }
    if (c->type == CAP_TYPE_KERNEL) {
        return invoke_kernel(s, root, c, operation, args);
    }
    if (has(c, CAP_TRAIT_TABLE) && operation == VNODE_MAP) {
        return invoke_map(s, root, &ref, args);
    }
    if (c->type == CAP_TYPE_MAPPING && operation <= MAPPING_SPLIT) {
        return operation == MAPPING_PROTECT ? invoke_protect(s, &ref, args)
                                            : invoke_split(s, root, &ref, args);
    }
    return err_make(ERR_CAP_ILLEGAL_INVOCATION, operation);
}
