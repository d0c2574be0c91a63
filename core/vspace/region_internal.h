/* SPDX-License-Identifier: MIT */
/* Shared by the files that implement regions.
 *
 *     gap          guard_low   bytes            guard_high
 *   |············|-----------|================|------------|
 *                ^outer_base ^base                         ^outer_end
 */
#ifndef MUDSKIPPER_VSPACE_REGION_INTERNAL_H
#define MUDSKIPPER_VSPACE_REGION_INTERNAL_H

#include <mudskipper/vspace/region.h>

#define VREGION_RIGHTS ((unsigned)CAP_READ | CAP_WRITE | CAP_EXECUTE)

#define SPLIT_OBJECTS 2u /* what one partial operation can take */
#define REFILL_KEEPS  4u /* objects for regions that refill itself places */

static inline struct vregion *vregion_of(const struct tree_node *n)
{
    return n ? CONTAINER_OF((struct tree_node *)n, struct vregion, node) : NULL;
}

static inline vaddr_t vregion_end(const struct vregion *r)
{
    return r->base + r->bytes;
}

static inline vaddr_t vregion_outer_base(const struct vregion *r)
{
    return r->base - r->guard_low;
}

static inline vaddr_t vregion_outer_end(const struct vregion *r)
{
    return r->base + r->bytes + r->guard_high;
}

/* What holds regions: a reservation, or the address space when it is NULL. */
struct tree *vregion_tree(struct vregions *v, struct vregion *holder);
vaddr_t vregion_holder_base(const struct vregions *v, const struct vregion *holder);
vaddr_t vregion_holder_end(const struct vregions *v, const struct vregion *holder);

void vregion_augment(struct tree_node *n);
int vregion_compare(const struct tree_node *a, const struct tree_node *b);

/* Free bytes before the region, by what stands before it now. */
uint64_t vregion_gap(const struct vregions *v, const struct vregion *r);

/* In and out of the holder's tree, gaps kept right; `touch` when base, bytes or guards of one in the tree
 * changed. */
void vregion_link(struct vregions *v, struct vregion *r);
void vregion_unlink(struct vregions *v, struct vregion *r);
void vregion_touch(struct vregions *v, struct vregion *r);

/* ---- objects (region_pool.c) ---- */

/* Objects nobody has a promise for. */
uint64_t vregion_spare(const struct vregions *v);

/* Refills until vregion_spare is at least `objects`. False: it is not. */
bool vregion_want(struct vregions *v, uint64_t objects);

struct vregion *vregion_take(struct vregions *v);
void vregion_put(struct vregions *v, struct vregion *r); /* its promises end too */

/* Puts aside what the region's splits may take, as far as there are objects; `spend` takes one of these back.
 */
void vregion_fund(struct vregions *v, struct vregion *r);
void vregion_spend(struct vregions *v, struct vregion *r);

#endif
