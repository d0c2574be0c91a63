/* SPDX-License-Identifier: MIT */
/* Objects for pieces, and those put aside for splits:
 *
 *   free objects = promised to pieces (2 for each funded split) + kept for refill + spare
 */
#include "region_internal.h"

err_t vregions_init(struct vregions *v, vaddr_t base, uint64_t bytes, const struct vregion_ops *ops,
                    void *context, void *memory, size_t memory_bytes)
{
    if ((base & PAGE_MASK) != 0) {
        return err_make(ERR_BAD_ARGUMENT, 2);
    }
    if (bytes == 0 || (bytes & PAGE_MASK) != 0 || base > UINT64_MAX - bytes) {
        return err_make(ERR_BAD_ARGUMENT, 3);
    }
    if (((uintptr_t)memory & PAGE_MASK) != 0) {
        return err_make(ERR_BAD_ARGUMENT, 6);
    }
    if (memory_bytes < PAGE_SIZE) {
        return err_make(ERR_BAD_ARGUMENT, 7);
    }
    *v = (struct vregions){.ops = ops, .context = context, .base = base, .bytes = bytes};
    tree_init(&v->inside, vregion_augment);
    slab_init(&v->pool, sizeof(struct vregion));
    for (size_t at = 0; at + PAGE_SIZE <= memory_bytes; at += PAGE_SIZE) {
        slab_give(&v->pool, (char *)memory + at, true);
    }
    return OK;
}

void vregions_give(struct vregions *v, void *page)
{
    slab_give(&v->pool, page, true);
}

uint64_t vregion_spare(const struct vregions *v)
{
    uint64_t taken = v->promised + (v->refilling ? 0 : REFILL_KEEPS);
    return v->pool.free_objects > taken ? v->pool.free_objects - taken : 0;
}

bool vregion_want(struct vregions *v, uint64_t objects)
{
    while (vregion_spare(v) < objects) {
        if (v->refilling || !v->ops->refill) {
            return false;
        }
        size_t pages = v->pool.pages;
        v->refilling = true;
        bool refilled = v->ops->refill(v->context);
        v->refilling = false;
        if (!refilled || v->pool.pages <= pages) {
            return false;
        }
    }
    return true;
}

struct vregion *vregion_take(struct vregions *v)
{
    v->used++;
    return slab_take(&v->pool);
}

void vregion_put(struct vregions *v, struct vregion *r)
{
    v->promised -= (uint64_t)r->funded * SPLIT_OBJECTS;
    v->used--;
    slab_put(&v->pool, r);
}

void vregion_fund(struct vregions *v, struct vregion *r)
{
    while (r->funded < r->splits && vregion_spare(v) >= SPLIT_OBJECTS) {
        r->funded++;
        v->promised += SPLIT_OBJECTS;
    }
}

void vregion_spend(struct vregions *v, struct vregion *r)
{
    r->funded--;
    v->promised -= SPLIT_OBJECTS;
}
