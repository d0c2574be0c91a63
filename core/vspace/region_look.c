/* SPDX-License-Identifier: MIT */
/* Looking at an address space: figures, text, and the walker M10. */
#include <mudskipper/pure/walker.h>
#include "region_internal.h"

typedef unsigned long long ull; /* what %llu takes */

static const char *const kind_names[] = {"reserved", "image", "lazy", "frame", "shared"};
static const char *const fault_names[] = {"fatal", "zero", "pager", "peer"};

CLAIM(every_kind_has_a_name, ARRAY_LENGTH(kind_names) == VREGION_KINDS);

/* ---- figures ---- */

static void add_stats(const struct tree *t, struct vregion_stats *s)
{
    TREE_FOREACH(n, t)
    {
        const struct vregion *r = vregion_of(n);
        s->bytes[r->kind] += r->bytes;
        s->guards += r->guard_low + r->guard_high;
        s->resident += r->resident;
        s->faults += r->faults;
        if (r->kind == VREGION_RESERVED) {
            s->reservations++;
            add_stats(&r->inside, s);
        } else {
            s->regions++;
        }
    }
}

void vregions_stats(const struct vregions *v, struct vregion_stats *stats)
{
    *stats = (struct vregion_stats){.own = v->pool.pages * PAGE_SIZE};
    add_stats(&v->inside, stats);
}

/* ---- text ---- */

static void dump_tree(const struct tree *t, unsigned depth, format_sink_t sink, void *context)
{
    TREE_FOREACH(n, t)
    {
        const struct vregion *r = vregion_of(n);
        format(sink, context, "%*s0x%llx..0x%llx %llu KiB %s %c%c%c", (int)(2 * depth), "", (ull)r->base,
               (ull)vregion_end(r) - 1, (ull)r->bytes >> 10, kind_names[r->kind],
               r->rights & CAP_READ ? 'r' : '-', r->rights & CAP_WRITE ? 'w' : '-',
               r->rights & CAP_EXECUTE ? 'x' : '-');
        if (r->kind != VREGION_RESERVED) {
            format(sink, context, " %s resident %llu KiB faults %llu", fault_names[r->fault],
                   (ull)r->resident >> 10, (ull)r->faults);
        }
        if (r->guard_low + r->guard_high > 0) {
            format(sink, context, " guards %llu+%llu KiB", (ull)r->guard_low >> 10, (ull)r->guard_high >> 10);
        }
        format(sink, context, r->name ? " %s\n" : "\n", r->name);
        dump_tree(&r->inside, depth + 1, sink, context);
    }
}

void vregions_dump(const struct vregions *v, format_sink_t sink, void *context)
{
    format(sink, context, "0x%llx..0x%llx\n", (ull)v->base, (ull)(v->base + v->bytes) - 1);
    dump_tree(&v->inside, 1, sink, context);
}

/* ---- the walker ---- */

struct check {
    const struct vregions *v;
    struct walker walker;
    uint64_t used;
    uint64_t promised;
};

static void expect(struct check *check, bool holds, const char *what, vaddr_t where)
{
    (void)WALKER_EXPECT(&check->walker, holds, "M10 %s at 0x%llx\n", what, (ull)where);
}

static uint64_t mapped(const struct check *check, vaddr_t base, uint64_t bytes)
{
    return bytes ? check->v->ops->resident(check->v->context, base, bytes) : 0;
}

static void check_piece(struct check *check, const struct vregion *r)
{
    vaddr_t at = r->base;
    expect(check, r->bytes > 0 && ((r->base | r->bytes | r->guard_low | r->guard_high) & PAGE_MASK) == 0,
           "a region is not whole pages", at);
    expect(check, !((r->rights & CAP_WRITE) && (r->rights & CAP_EXECUTE)), "writable and executable", at);
    expect(check, (r->rights & ~r->rights_max) == 0, "more rights than may be", at);
    expect(check, r->funded <= r->splits, "more put aside than promised", at);
    expect(check, r->kind == VREGION_RESERVED || !r->inside.root, "something lies inside a region", at);
    if (check->v->ops->resident) {
        expect(check, mapped(check, r->base - r->guard_low, r->guard_low) == 0, "the low guard is mapped",
               at);
        expect(check, mapped(check, vregion_end(r), r->guard_high) == 0, "the high guard is mapped", at);
        expect(check, r->kind == VREGION_RESERVED || mapped(check, at, r->bytes) == r->resident,
               "resident bytes are counted wrong", at);
    }
}

/* Not as vregion_augment does it: it may be wrong. */
static uint64_t largest_gap_below(const struct tree_node *n)
{
    uint64_t left = n->child[0] ? vregion_of(n->child[0])->largest_gap : 0;
    uint64_t right = n->child[1] ? vregion_of(n->child[1])->largest_gap : 0;
    uint64_t below = left > right ? left : right;
    uint64_t own = vregion_of((struct tree_node *)n)->gap;
    return own > below ? own : below;
}

static void check_tree(struct check *check, const struct vregion *holder, const struct tree *t)
{
    vaddr_t end = vregion_holder_base(check->v, holder);
    expect(check, tree_check(t, vregion_compare), "the tree is broken", end);
    TREE_FOREACH(n, t)
    {
        struct vregion *r = vregion_of(n);
        expect(check, r->largest_gap == largest_gap_below(n), "the largest gap below is wrong", r->base);
        expect(check, r->holder == holder, "a region is in another one's tree", r->base);
        expect(check, vregion_outer_base(r) >= end, "regions overlap or leave their holder", r->base);
        expect(check, r->gap == vregion_outer_base(r) - end, "a gap is measured wrong", r->base);
        check_piece(check, r);
        check->used++;
        check->promised += (uint64_t)r->funded * SPLIT_OBJECTS;
        check_tree(check, r, &r->inside);
        end = vregion_outer_end(r);
    }
    expect(check, end <= vregion_holder_end(check->v, holder), "a region leaves its holder", end);
}

uint64_t vregions_validate(const struct vregions *v, format_sink_t sink, void *context)
{
    struct check check = {.v = v, .walker = {sink, context, 0}};
    check_tree(&check, NULL, &v->inside);
    expect(&check, check.used == v->used, "the number of regions is wrong", v->base);
    expect(&check, check.promised == v->promised, "promised objects are counted wrong", v->base);
    expect(&check, v->promised <= v->pool.free_objects, "promised objects are not there", v->base);
    expect(&check, slab_check(&v->pool, v->used) == 0, "memory for regions does not tile", v->base);
    return check.walker.faults;
}
