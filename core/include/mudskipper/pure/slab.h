/* SPDX-License-Identifier: MIT */
/* Objects of one size, cut from pages that the caller gives: how a subsystem that manages memory keeps its
 * own data. Nothing is allocated here; the caller sees to it that there are free objects before it takes any.
 * After the slab allocator of Bonwick (1994).
 *
 *   0        header   +size                4096
 *   +--------+--------+--------+-- … ------+
 *   | header | object | object |     |rest |    a page is in the list `partial`, `full` or `empty`
 *   +--------+--------+--------+-- … ------+
 */
#ifndef MUDSKIPPER_PURE_SLAB_H
#define MUDSKIPPER_PURE_SLAB_H

#include <mudskipper/abi/types.h>
#include <mudskipper/pure/list.h>

/* Read pages and free_objects; leave the rest alone. May not be moved once it has pages. */
struct slab {
    struct list partial; /* pages with free objects: used ones too, or permanent */
    struct list full;
    struct list empty;  /* pages that could be taken back */
    size_t object_size; /* bytes */
    size_t per_page;    /* objects */
    size_t pages;
    size_t free_objects;
};

/* For objects of `size` bytes, 16-byte aligned. Size 16 .. 2000. */
void slab_init(struct slab *s, size_t size);

/* One more page, PAGE_SIZE bytes, aligned to that. A permanent one is never taken back. */
void slab_give(struct slab *s, void *page, bool permanent);

/* An object, all zero. There must be a free one. Empty pages are begun last. */
void *slab_take(struct slab *s);

/* The object is free. Its contents are lost. */
void slab_put(struct slab *s, void *object);

/* A page without used objects, not the slab's any more, if at least `keep` free objects remain; else NULL. */
void *slab_take_back(struct slab *s, size_t keep);

/* O(objects), for invariants: number of faults, when `used` objects are in use. */
size_t slab_check(const struct slab *s, size_t used);

#endif
