/* SPDX-License-Identifier: MIT */
/* Removing and changing rights, in parts too. Each operation is decided as a whole first: which pieces are
 * cut, and whether there are objects for the pieces that come into being. */
#include "region_internal.h"

/* ---- deciding ---- */

struct range {
    vaddr_t base, end;
};

static err_t check_range(const struct vregions *v, vaddr_t base, uint64_t bytes, struct range *range)
{
    if ((base & PAGE_MASK) != 0) {
        return err_make(ERR_UNALIGNED, base);
    }
    if (bytes == 0 || (bytes & PAGE_MASK) != 0) {
        return err_make(ERR_BAD_ARGUMENT, 2);
    }
    vaddr_t end = v->base + v->bytes;
    if (base < v->base || base >= end) {
        return err_make(ERR_MAP_OUTSIDE, base);
    }
    if (bytes > end - base) {
        return err_make(ERR_MAP_OUTSIDE, end);
    }
    *range = (struct range){base, base + bytes};
    return OK;
}

static bool reaches_out(const struct vregion *r, const struct range *range)
{
    return r->base < range->base || vregion_end(r) > range->end;
}

/* What cutting needs: at most two pieces are cut, the first and the last of the range. */
struct cuts {
    struct vregion *piece[2];
    unsigned objects[2];
    unsigned count;
};

static void add_cut(struct cuts *cuts, struct vregion *piece, unsigned objects)
{
    if (objects == 0) {
        return;
    }
    if (cuts->count == 1 && cuts->piece[0]->family == piece->family) {
        cuts->objects[0] += objects; /* two pieces of one region: one of its splits pays for both */
        return;
    }
    cuts->piece[cuts->count] = piece;
    cuts->objects[cuts->count] = objects;
    cuts->count++;
}

/* A piece of the same region that still has objects put aside; NULL: none. O(regions), when memory is out
 * only. */
static struct vregion *payer(struct vregions *v, struct vregion *r)
{
    if (r->funded > 0) {
        return r;
    }
    TREE_FOREACH(n, vregion_tree(v, r->holder))
    {
        if (vregion_of(n)->family == r->family && vregion_of(n)->funded > 0) {
            return vregion_of(n);
        }
    }
    return NULL;
}

static unsigned objects_of(const struct cuts *cuts)
{
    return (cuts->count > 0 ? cuts->objects[0] : 0) + (cuts->count > 1 ? cuts->objects[1] : 0);
}

/* With what the regions were promised: who has nothing left needs spare objects. */
static bool promised(struct vregions *v, const struct cuts *cuts)
{
    unsigned unpaid = 0;
    for (unsigned i = 0; i < cuts->count; i++) {
        unpaid += payer(v, cuts->piece[i]) ? 0 : cuts->objects[i];
    }
    return unpaid <= vregion_spare(v);
}

static void pay(struct vregions *v, const struct cuts *cuts)
{
    if (objects_of(cuts) <= vregion_spare(v)) {
        return;
    }
    for (unsigned i = 0; i < cuts->count; i++) {
        struct vregion *r = payer(v, cuts->piece[i]);
        if (r) {
            vregion_spend(v, r);
        }
    }
}

static err_t find_cuts_remove(const struct vregions *v, const struct range *range, struct cuts *cuts)
{
    *cuts = (struct cuts){.count = 0};
    for (struct vregion *r = vregion_next(v, range->base); r && r->base < range->end;
         r = vregion_next(v, vregion_end(r))) {
        if (!reaches_out(r, range)) {
            continue;
        }
        if (r->splits == 0) {
            return err_make(ERR_MAP_NO_SPLIT, r->base);
        }
        add_cut(cuts, r, r->base < range->base && vregion_end(r) > range->end);
    }
    return OK;
}

static err_t find_cuts_protect(const struct vregions *v, const struct range *range, unsigned rights,
                               struct cuts *cuts)
{
    vaddr_t at = range->base;
    *cuts = (struct cuts){.count = 0};
    if ((rights & CAP_WRITE) && (rights & CAP_EXECUTE)) {
        return err_make(ERR_MAP_WRITE_EXECUTE, 0);
    }
    while (at < range->end) {
        struct vregion *r = vregion_next(v, at);
        if (!r || r->base > at) {
            return err_make(ERR_MAP_NOT_MAPPED, at);
        }
        if ((rights & VREGION_RIGHTS & ~r->rights_max) != 0) {
            return err_make(ERR_MAP_RIGHTS, r->base);
        }
        if (reaches_out(r, range) && (rights & VREGION_RIGHTS) != r->rights) {
            if (r->splits == 0) {
                return err_make(ERR_MAP_NO_SPLIT, r->base);
            }
            add_cut(cuts, r, (r->base < range->base) + (vregion_end(r) > range->end));
        }
        at = vregion_end(r);
    }
    return OK;
}

/* The decision for both: `find` again after refill, which may have placed regions. */
static err_t decide(struct vregions *v, const struct range *range, bool remove, unsigned rights,
                    struct cuts *cuts)
{
    for (bool refilled = false;; refilled = true) {
        err_t e = remove ? find_cuts_remove(v, range, cuts) : find_cuts_protect(v, range, rights, cuts);
        if (!err_ok(e)) {
            return e;
        }
        if (objects_of(cuts) <= vregion_spare(v) || (refilled && promised(v, cuts))) {
            return OK;
        }
        if (refilled) {
            return err_make(ERR_NO_MEMORY, 0);
        }
        (void)vregion_want(v, objects_of(cuts));
    }
}

/* ---- acting ---- */

/* Cuts the piece at `at`, inside its body: r keeps what is below, the new piece is returned. */
static struct vregion *cut(struct vregions *v, struct vregion *r, vaddr_t at)
{
    struct vregion *upper = vregion_take(v);
    uint64_t low = at - r->base;
    *upper = *r;
    upper->base = at;
    upper->bytes = r->bytes - low;
    upper->offset = r->offset + low;
    upper->guard_low = 0;
    upper->funded = 0;
    upper->faults = 0;
    upper->resident = 0;
    if (v->ops->resident) {
        /* Counting takes time by the length: count the shorter one. */
        bool count_low = low < upper->bytes;
        uint64_t counted = count_low ? v->ops->resident(v->context, r->base, low)
                                     : v->ops->resident(v->context, at, upper->bytes);
        upper->resident = count_low ? r->resident - counted : counted;
    }
    r->resident -= upper->resident;
    r->bytes = low;
    r->guard_high = 0;
    vregion_touch(v, r);
    vregion_link(v, upper);
    if (v->ops->split) {
        v->ops->split(v->context, r);
    }
    return upper;
}

static void end_piece(struct vregions *v, struct vregion *r)
{
    if (v->ops->gone) {
        v->ops->gone(v->context, r);
    }
    vregion_unlink(v, r);
    vregion_put(v, r);
}

/* The end of a body goes, and the guard behind it. */
static void keep_below(struct vregions *v, struct vregion *r, vaddr_t at)
{
    r->bytes = at - r->base;
    r->guard_high = 0;
    vregion_touch(v, r);
}

/* The beginning of a body goes, and the guard before it. */
static void keep_above(struct vregions *v, struct vregion *r, vaddr_t at)
{
    uint64_t gone = at - r->base;
    r->base = at;
    r->bytes -= gone;
    r->offset += gone;
    r->guard_low = 0;
    vregion_touch(v, r);
}

static void remove_from(struct vregions *v, struct vregion *r, const struct range *range)
{
    bool below = r->base < range->base;
    bool above = vregion_end(r) > range->end;
    if (below && above) {
        struct vregion *upper = cut(v, r, range->end);
        keep_below(v, r, range->base);
        vregion_fund(v, r);
        vregion_fund(v, upper);
    } else if (below) {
        keep_below(v, r, range->base);
    } else if (above) {
        keep_above(v, r, range->end);
    } else {
        end_piece(v, r);
    }
}

/* `upper` joins `r` if nothing tells them apart any more. */
static bool join(struct vregions *v, struct vregion *r, struct vregion *upper)
{
    if (!r || !upper || r->family != upper->family || vregion_end(r) != upper->base ||
        r->rights != upper->rights) {
        return false;
    }
    r->bytes += upper->bytes;
    r->guard_high = upper->guard_high;
    r->resident += upper->resident;
    r->faults += upper->faults;
    end_piece(v, upper);
    vregion_touch(v, r);
    return true;
}

/* Pieces that meet in or at the edges of the range become one where they can. */
static void join_around(struct vregions *v, const struct range *range)
{
    struct vregion *r = vregion_next(v, range->base > v->base ? range->base - 1 : range->base);
    while (r && r->base <= range->end) {
        struct vregion *next = vregion_of(tree_next(&r->node));
        if (!join(v, r, next)) {
            vregion_fund(v, r);
            r = vregion_next(v, vregion_end(r));
        }
    }
}

/* ---- the operations ---- */

err_t vregion_may_remove(struct vregions *v, vaddr_t base, uint64_t bytes)
{
    struct range range;
    struct cuts cuts;
    err_t e = check_range(v, base, bytes, &range);
    return err_ok(e) ? decide(v, &range, true, 0, &cuts) : e;
}

err_t vregion_remove(struct vregions *v, vaddr_t base, uint64_t bytes)
{
    struct range range;
    struct cuts cuts;
    err_t e = check_range(v, base, bytes, &range);
    e = err_ok(e) ? decide(v, &range, true, 0, &cuts) : e;
    if (!err_ok(e)) {
        return e;
    }
    pay(v, &cuts);
    for (struct vregion *r; (r = vregion_next(v, range.base)) && r->base < range.end;) {
        remove_from(v, r, &range);
    }
    return OK;
}

err_t vregion_may_protect(struct vregions *v, vaddr_t base, uint64_t bytes, unsigned rights)
{
    struct range range;
    struct cuts cuts;
    err_t e = check_range(v, base, bytes, &range);
    return err_ok(e) ? decide(v, &range, false, rights, &cuts) : e;
}

err_t vregion_protect(struct vregions *v, vaddr_t base, uint64_t bytes, unsigned rights)
{
    struct range range;
    struct cuts cuts;
    err_t e = check_range(v, base, bytes, &range);
    e = err_ok(e) ? decide(v, &range, false, rights, &cuts) : e;
    if (!err_ok(e)) {
        return e;
    }
    pay(v, &cuts);
    rights &= VREGION_RIGHTS;
    for (vaddr_t at = range.base; at < range.end;) {
        struct vregion *r = vregion_next(v, at);
        if (r->rights != rights) {
            if (r->base < range.base) {
                r = cut(v, r, range.base);
            }
            if (vregion_end(r) > range.end) {
                (void)cut(v, r, range.end);
            }
            r->rights = rights;
        }
        at = vregion_end(r);
    }
    join_around(v, &range);
    return OK;
}
