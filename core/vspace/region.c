/* SPDX-License-Identifier: MIT */
/* Placing regions and finding them: one tree per holder, by address, that knows the largest gap below each
 * node. */
#include "region_internal.h"

/* ---- the tree of a holder ---- */

struct tree *vregion_tree(struct vregions *v, struct vregion *holder)
{
    return holder ? &holder->inside : &v->inside;
}

vaddr_t vregion_holder_base(const struct vregions *v, const struct vregion *holder)
{
    return holder ? holder->base : v->base;
}

vaddr_t vregion_holder_end(const struct vregions *v, const struct vregion *holder)
{
    return holder ? vregion_end(holder) : v->base + v->bytes;
}

int vregion_compare(const struct tree_node *a, const struct tree_node *b)
{
    vaddr_t x = vregion_of(a)->base;
    vaddr_t y = vregion_of(b)->base;
    return (x > y) - (x < y);
}

/* Does the address lie before, in or behind what the region takes? */
static int compare_address(const void *key, const struct tree_node *n)
{
    vaddr_t address = *(const vaddr_t *)key;
    const struct vregion *r = vregion_of(n);
    return address < vregion_outer_base(r) ? -1 : address >= vregion_outer_end(r);
}

void vregion_augment(struct tree_node *n)
{
    struct vregion *r = vregion_of(n);
    r->largest_gap = r->gap;
    for (unsigned i = 0; i < 2; i++) {
        const struct vregion *child = vregion_of(n->child[i]);
        if (child && child->largest_gap > r->largest_gap) {
            r->largest_gap = child->largest_gap;
        }
    }
}

uint64_t vregion_gap(const struct vregions *v, const struct vregion *r)
{
    const struct vregion *before = vregion_of(tree_prev(&r->node));
    return vregion_outer_base(r) - (before ? vregion_outer_end(before) : vregion_holder_base(v, r->holder));
}

static void update_gap(struct vregions *v, struct vregion *r)
{
    if (r) {
        r->gap = vregion_gap(v, r);
        tree_changed(vregion_tree(v, r->holder), &r->node);
    }
}

void vregion_touch(struct vregions *v, struct vregion *r)
{
    update_gap(v, r);
    update_gap(v, vregion_of(tree_next(&r->node)));
}

void vregion_link(struct vregions *v, struct vregion *r)
{
    tree_insert(vregion_tree(v, r->holder), &r->node, vregion_compare);
    vregion_touch(v, r);
}

void vregion_unlink(struct vregions *v, struct vregion *r)
{
    struct vregion *after = vregion_of(tree_next(&r->node));
    tree_remove(vregion_tree(v, r->holder), &r->node);
    update_gap(v, after);
}

/* ---- a place for a request ---- */

struct place {
    uint64_t low, bytes, high; /* guard, body, guard */
    uint64_t alignment;
    vaddr_t floor;
    vaddr_t base; /* the answer: of the body */
};

static bool fits(struct place *p, vaddr_t begin, vaddr_t end)
{
    begin = begin > p->floor ? begin : p->floor;
    if (begin >= end || end - begin < p->low + p->bytes + p->high) {
        return false;
    }
    vaddr_t base = (begin + p->low + p->alignment - 1) & ~(p->alignment - 1);
    if (base < begin || base > end || end - base < p->bytes + p->high) {
        return false;
    }
    p->base = base;
    return true;
}

/* The lowest gap in a subtree. */
static bool find_gap(const struct tree_node *n, struct place *p)
{
    const struct vregion *r = vregion_of(n);
    if (!r || r->largest_gap < p->low + p->bytes + p->high) {
        return false;
    }
    vaddr_t end = vregion_outer_base(r);
    if (end > p->floor && (find_gap(n->child[0], p) || fits(p, end - r->gap, end))) {
        return true;
    }
    return find_gap(n->child[1], p);
}

static bool find_place(struct vregions *v, struct vregion *holder, struct place *p)
{
    const struct tree *t = vregion_tree(v, holder);
    const struct vregion *last = vregion_of(tree_last(t));
    vaddr_t begin = last ? vregion_outer_end(last) : vregion_holder_base(v, holder);
    return find_gap(t->root, p) || fits(p, begin, vregion_holder_end(v, holder));
}

static err_t check_fixed(struct vregions *v, struct vregion *holder, const struct place *p)
{
    vaddr_t low = vregion_holder_base(v, holder);
    vaddr_t high = vregion_holder_end(v, holder);
    if (p->base < low || p->base - low < p->low) {
        return err_make(ERR_MAP_OUTSIDE, p->base < low ? p->base : p->base - p->low);
    }
    if (p->base > high || high - p->base < p->bytes + p->high) {
        return err_make(ERR_MAP_OUTSIDE, p->base > high ? p->base : high);
    }
    vaddr_t first = p->base - p->low;
    const struct vregion *r = vregion_of(tree_at_least(vregion_tree(v, holder), &first, compare_address));
    if (r && vregion_outer_base(r) < p->base + p->bytes + p->high) {
        return err_make(ERR_MAP_OVERLAP, r->base);
    }
    return OK;
}

/* ---- placing ---- */

static err_t check_request(const struct vregion *holder, const struct vregion_request *q, struct place *p)
{
    *p = (struct place){q->guard_low, q->bytes, q->guard_high, q->alignment ? q->alignment : PAGE_SIZE,
                        q->base,      q->base};
    if ((unsigned)q->kind >= VREGION_KINDS || (unsigned)q->fault > VREGION_PEER) {
        return err_make(ERR_BAD_ARGUMENT, 1);
    }
    if (q->bytes == 0 || (q->bytes & PAGE_MASK) != 0) {
        return err_make(ERR_BAD_ARGUMENT, 2);
    }
    if (p->alignment < PAGE_SIZE || (p->alignment & (p->alignment - 1)) != 0) {
        return err_make(ERR_BAD_ARGUMENT, 3);
    }
    if (((q->guard_low | q->guard_high) & PAGE_MASK) != 0 || q->guard_low > UINT64_MAX - q->bytes ||
        q->guard_high > UINT64_MAX - q->bytes - q->guard_low) {
        return err_make(ERR_BAD_ARGUMENT, 4);
    }
    if (holder && holder->kind != VREGION_RESERVED) {
        return err_make(ERR_BAD_ARGUMENT, 5);
    }
    if (q->kind == VREGION_RESERVED && (q->rights | q->rights_max) != 0) {
        return err_make(ERR_BAD_ARGUMENT, 6);
    }
    if (q->fixed && (q->base & (p->alignment - 1)) != 0) {
        return err_make(ERR_UNALIGNED, q->base);
    }
    return (q->rights & CAP_WRITE) && (q->rights & CAP_EXECUTE) ? err_make(ERR_MAP_WRITE_EXECUTE, 0) : OK;
}

static void fill(struct vregion *r, const struct vregion_request *q, vaddr_t base)
{
    tree_init(&r->inside, vregion_augment);
    r->base = base;
    r->bytes = q->bytes;
    r->guard_low = q->guard_low;
    r->guard_high = q->guard_high;
    r->kind = q->kind;
    r->fault = q->fault;
    r->rights = q->rights & VREGION_RIGHTS;
    r->rights_max = (q->rights | q->rights_max) & VREGION_RIGHTS;
    r->splits = q->kind == VREGION_RESERVED ? 0 : q->splits;
    r->around = q->around ? q->around : 1;
    r->object = q->object;
    r->offset = q->offset;
    r->user = q->user;
    r->name = q->name;
}

err_t vregion_place(struct vregions *v, struct vregion *holder, const struct vregion_request *request,
                    struct vregion **region)
{
    struct place p;
    err_t e = check_request(holder, request, &p);
    if (!err_ok(e)) {
        return e;
    }
    uint64_t promise = request->kind == VREGION_RESERVED ? 0 : (uint64_t)request->splits * SPLIT_OBJECTS;
    bool objects = vregion_want(v, 1 + promise); /* first: refill may place regions */
    if (request->fixed) {
        e = check_fixed(v, holder, &p);
    } else if (!find_place(v, holder, &p)) {
        e = err_make(ERR_MAP_NO_SPACE, p.low + p.bytes + p.high);
    }
    if (!err_ok(e)) {
        return e;
    }
    if (!objects) {
        return err_make(ERR_NO_MEMORY, 0);
    }
    struct vregion *r = vregion_take(v);
    fill(r, request, p.base);
    r->holder = holder;
    r->family = ++v->families;
    vregion_link(v, r);
    vregion_fund(v, r);
    if (region) {
        *region = r;
    }
    return OK;
}

/* ---- finding ---- */

enum vregion_hit vregion_at(const struct vregions *v, vaddr_t address, struct vregion **region)
{
    const struct tree *t = &v->inside;
    enum vregion_hit hit = VREGION_NOTHING;
    *region = NULL;
    for (;;) {
        struct vregion *r = vregion_of(tree_find(t, &address, compare_address));
        if (!r) {
            return hit;
        }
        *region = r;
        if (address < r->base) {
            return VREGION_GUARD_LOW;
        }
        if (address >= vregion_end(r)) {
            return VREGION_GUARD_HIGH;
        }
        if (r->kind != VREGION_RESERVED) {
            return VREGION_BODY;
        }
        hit = VREGION_UNUSED;
        t = &r->inside;
    }
}

static struct vregion *next_in(const struct tree *t, vaddr_t address)
{
    for (struct tree_node *n = tree_at_least(t, &address, compare_address); n; n = tree_next(n)) {
        struct vregion *r = vregion_of(n);
        if (r->kind == VREGION_RESERVED) {
            r = next_in(&r->inside, address);
        }
        if (r && vregion_end(r) > address) {
            return r;
        }
    }
    return NULL;
}

struct vregion *vregion_next(const struct vregions *v, vaddr_t address)
{
    return next_in(&v->inside, address);
}

err_t vregion_unreserve(struct vregions *v, struct vregion *reservation)
{
    if (!reservation || reservation->kind != VREGION_RESERVED) {
        return err_make(ERR_BAD_ARGUMENT, 1);
    }
    if (reservation->inside.root) {
        return err_make(ERR_BUSY, 0);
    }
    if (v->ops->gone) {
        v->ops->gone(v->context, reservation);
    }
    vregion_unlink(v, reservation);
    vregion_put(v, reservation);
    return OK;
}
