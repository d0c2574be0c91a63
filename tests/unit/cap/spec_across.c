/* SPDX-License-Identifier: MIT */
/* What core servers do to capabilities of several cores; this is core 0. */
#include "spec_priv.h"

err_t alone(const struct spec_cap *c)
{
    REFUSE(c->owner != 0, CAP_FOREIGN, c->owner);
    REFUSE(c->sharers != 0, CAP_SHARED, c->base);
    return OK;
}

/* Which core's the range is; UINT64_MAX: not one's alone. */
static uint64_t owner_of(const struct spec *s, unsigned type, uint64_t base, uint64_t size)
{
    const struct spec_machine *m = &s->machine;

    if (type == CAP_TYPE_NOTIFY || type == CAP_TYPE_PROCESS) {
        return (base >> 48 & 0xff) < m->cores ? base >> 48 & 0xff : UINT64_MAX;
    }
    if (type == CAP_TYPE_IRQ || type == CAP_TYPE_NAME_PREFIX || base + size <= m->device + m->device_bytes) {
        return 0;
    }
    for (uint64_t core = 1; core < m->cores; core++) {
        if (base >= m->away + core * m->away_bytes && base + size <= m->away + (core + 1) * m->away_bytes) {
            return core;
        }
    }
    return UINT64_MAX;
}

static bool is_range(const struct spec_cap *c)
{
    bool numbered = c->type == CAP_TYPE_SERVICE || c->type == CAP_TYPE_HANDLE;
    uint64_t number = c->base & (CAP_KERNEL_SIZE - 1);
    uint64_t space = c->base >> 56;

    if (!cap_type_size_ok(numbered ? CAP_TYPE_ENDPOINT_LMP : c->type, c->size) ||
        c->base + (c->size - 1) < c->base || (c->base + (c->size - 1)) >> 56 != space) {
        return false;
    }
    switch (c->type) {
    case CAP_TYPE_NOTIFY:
        return space == CAP_SPACE_KERNEL && number >= CAP_KERNEL_NOTIFY &&
               number < CAP_KERNEL_NOTIFY + CAP_NOTIFY_CHANNELS;
    case CAP_TYPE_PROCESS:
        return space == CAP_SPACE_KERNEL && number < CAP_KERNEL_NOTIFY;
    case CAP_TYPE_IRQ:
        return space == CAP_SPACE_IRQ;
    case CAP_TYPE_NAME_PREFIX:
        return space == CAP_SPACE_NAME;
    default:
        return space == CAP_SPACE_MEMORY && c->base % PAGE_SIZE == 0;
    }
}

/* An identity as a capability; of those that could be. */
static err_t take(const uint64_t *args, struct spec_cap *c)
{
    *c = (struct spec_cap){.type = (unsigned)args[2] & 0xff,
                           .rights = (unsigned)(args[2] >> 8) & 0xff,
                           .owner = (unsigned)(args[2] >> 24) & 0xff,
                           .generation = (uint32_t)(args[2] >> 32),
                           .base = args[3],
                           .size = args[4],
                           .number = args[5],
                           .badge = args[6]};
    REFUSE((args[2] >> 16 & 0xff) != 0, BAD_ARGUMENT, 2);
    REFUSE(c->type >= CAP_TYPE_COUNT || !has(c, CAP_TRAIT_CROSSES), CAP_MAY_NOT_CROSS, c->type);
    REFUSE(c->rights == 0 || c->rights > CAP_ALL_RIGHTS, BAD_ARGUMENT, 2);
    REFUSE(!is_range(c), BAD_ARGUMENT, 3);
    REFUSE(c->number != 0 && c->type != CAP_TYPE_SERVICE && c->type != CAP_TYPE_HANDLE, BAD_ARGUMENT, 5);
    REFUSE(c->badge != 0 && c->type != CAP_TYPE_HANDLE, BAD_ARGUMENT, 5);
    return OK;
}

/* Of several the last by address, first of those that reach over its end. */
static err_t check_crossing(const struct spec *s, const struct spec_cap *c)
{
    uint64_t end = c->base + c->size;
    const struct spec_cap *over_end = NULL;
    const struct spec_cap *over_base = NULL;

    for (EACH(d, s)) {
        uint64_t d_end = d->base + d->size;

        if (d->base > c->base && d->base < end && d_end > end) {
            over_end = over_end == NULL || d->base >= over_end->base ? d : over_end;
        } else if (d->base < c->base && d_end > c->base && d_end < end) {
            over_base = over_base == NULL || d->base >= over_base->base ? d : over_base;
        }
    }
    REFUSE(over_end != NULL, CAP_STRADDLES, over_end->base);
    REFUSE(over_base != NULL, CAP_STRADDLES, over_base->base);
    return OK;
}

/* Sharers and rights are those of all copies. */
static void set_crossing(struct spec *s, const struct spec_cap *c, uint64_t sharers, unsigned crossed)
{
    for (EACH(d, s)) {
        if (d == c || spec_copy_of(c, d)) {
            d->sharers = sharers;
            d->crossed = crossed;
        }
    }
}

static err_t invoke_share(struct spec *s, struct spec_cap *c, uint64_t core, uint64_t *args)
{
    REFUSE(!has(c, CAP_TRAIT_CROSSES), CAP_MAY_NOT_CROSS, c->type);
    REFUSE(c->owner != 0, CAP_FOREIGN, c->owner);
    REFUSE(!(c->rights & CAP_GRANT), CAP_MISSING_RIGHT, CAP_GRANT);
    REFUSE(core == 0 || core >= s->machine.cores, OUT_OF_RANGE, core);
    set_crossing(s, c, c->sharers | (uint64_t)1 << core, c->crossed | c->rights);
    args[2] = c->type | (uint64_t)c->rights << 8 | (uint64_t)c->generation << 32;
    args[3] = c->base;
    args[4] = c->size;
    args[5] = c->number;
    args[6] = c->badge;
    return OK;
}

static err_t invoke_unshare(struct spec *s, struct spec_cap *c, uint64_t core)
{
    REFUSE(!has(c, CAP_TRAIT_CROSSES), CAP_MAY_NOT_CROSS, c->type);
    REFUSE(c->owner != 0, CAP_FOREIGN, c->owner);
    REFUSE(core >= s->machine.cores || !(c->sharers >> core & 1), NOT_FOUND, core);
    c->sharers &= ~((uint64_t)1 << core);
    set_crossing(s, c, c->sharers, c->sharers != 0 ? c->crossed : 0);
    return OK;
}

static err_t invoke_adopt(struct spec *s, const struct ref *to, const uint64_t *args)
{
    struct spec_cap c;
    uint64_t owner;

    TRY(take(args, &c));
    owner = owner_of(s, c.type, c.base, c.size);
    REFUSE(c.owner == 0, BAD_ARGUMENT, 2);
    REFUSE(owner == UINT64_MAX, BAD_ARGUMENT, 3);
    REFUSE(owner != c.owner, CAP_FOREIGN, owner);
    TRY(check_crossing(s, &c));
    TRY(can_take(s, to, c.type));
    c.place = to->place;
    c.crossed = c.rights;
    for (EACH(d, s)) {
        c.crossed |= spec_copy_of(&c, d) ? d->crossed : 0;
    }
    spec_add(s, &c);
    set_crossing(s, &c, 0, c.crossed);
    return OK;
}

static err_t invoke_find(struct spec *s, const struct ref *to, const uint64_t *args)
{
    struct spec_cap c;
    const struct spec_cap *found = NULL;

    TRY(take(args, &c));
    for (EACH(d, s)) {
        found = spec_copy_of(&c, d) ? d : found;
    }
    REFUSE(found == NULL || found->owner != c.owner || (c.rights & found->crossed) == 0, NOT_FOUND, 0);
    TRY(can_take(s, to, c.type));
    c = (struct spec_cap){.type = found->type,
                          .rights = c.rights & found->crossed,
                          .generation = found->generation,
                          .base = found->base,
                          .size = found->size,
                          .number = found->number,
                          .badge = found->badge,
                          .owner = found->owner,
                          .sharers = found->sharers,
                          .crossed = found->crossed,
                          .place = to->place};
    spec_add(s, &c);
    return OK;
}

err_t invoke_kernel(struct spec *s, uint64_t own, const struct spec_cap *kernel, unsigned op, uint64_t *args)
{
    struct ref ref = {0};

    REFUSE(op < KERNEL_SHARE || op > KERNEL_REVOKE_FOREIGN, CAP_ILLEGAL_INVOCATION, op);
    REFUSE(!(kernel->rights & CAP_WRITE), CAP_MISSING_RIGHT, CAP_WRITE);
    if (op == KERNEL_ADOPT || op == KERNEL_FIND) {
        TRY(empty_place(s, own, CAP_PLACE_SLOT(args[1]), &ref));
        return op == KERNEL_ADOPT ? invoke_adopt(s, &ref, args) : invoke_find(s, &ref, args);
    }
    TRY(source(s, own, CAP_PLACE_SLOT(args[1]), &ref));
    switch (op) {
    case KERNEL_SHARE:
        return invoke_share(s, spec_at(s, ref.place), args[2], args);
    case KERNEL_UNSHARE:
        return invoke_unshare(s, spec_at(s, ref.place), args[2]);
    default:
        REFUSE(spec_at(s, ref.place)->owner == 0, BAD_ARGUMENT, 1);
        return revoke_all(s, ref.place);
    }
}
