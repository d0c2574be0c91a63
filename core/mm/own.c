/* SPDX-License-Identifier: MIT */
/* The manager's own memory: objects of one size, so that one reserve serves all needs, from pages given from
 * outside. */
#include "internal.h"

err_t mm_init(struct mm *mm, const struct mm_ops *ops, void *context, void *memory, size_t bytes)
{
    if (((uintptr_t)memory & PAGE_MASK) != 0) {
        return err_make(ERR_BAD_ARGUMENT, 3);
    }
    if (bytes < PAGE_SIZE) {
        return err_make(ERR_BAD_ARGUMENT, 4);
    }
    *mm = (struct mm){.ops = ops, .context = context};
    tree_init(&mm->regions, mm_region_augment);
    tree_init(&mm->clients, NULL);
    slab_init(&mm->own, OWN_OBJECT_BYTES);
    for (size_t at = 0; at + PAGE_SIZE <= bytes; at += PAGE_SIZE) {
        slab_give(&mm->own, (char *)memory + at, true);
    }
    return OK;
}

void mm_give(struct mm *mm, void *page)
{
    slab_give(&mm->own, page, false);
}

bool mm_own_has(const struct mm *mm, uint64_t needed)
{
    return mm->own.free_objects >= needed + (mm->refilling ? 0 : OWN_RESERVE);
}

bool mm_own_refill(struct mm *mm, uint64_t needed)
{
    while (!mm_own_has(mm, needed)) {
        if (mm->refilling) {
            return false;
        }
        size_t pages = mm->own.pages;
        mm->refilling = true;
        bool refilled = mm->ops->refill(mm->context);
        mm->refilling = false;
        if (!refilled || mm->own.pages <= pages) {
            return false;
        }
    }
    return true;
}

void mm_own_top_up(struct mm *mm)
{
    (void)mm_own_refill(mm, 0); /* whoever needs more than there is then finds out and says so */
}

void mm_own_trim(struct mm *mm)
{
    if (mm->refilling) {
        return;
    }
    mm->refilling = true;
    for (void *page; (page = slab_take_back(&mm->own, OWN_RESERVE + OWN_SURPLUS)) != NULL;) {
        mm->ops->release(mm->context, page);
    }
    mm->refilling = false;
}
