/* SPDX-License-Identifier: MIT */
/* Memory that another process can take away at any time. What the pager needs then was put aside when the
 * region was made, so that it cannot fail:
 *
 *   region      | page | page | page | page | page | page |    the Mappings of the Frame are gone
 *                        ^             ^      ^
 *                        +-- patches --+------+                PATCHES places at once
 *                                  |
 *                           one page of our own, zero at first
 *
 * One instruction touches at most four pages (two on each side of a copy that crosses pages), so as many
 * patches always let it get on; the oldest moves to where the next fault is. */
#include <stdatomic.h>
#include <mudskipper/pure/slab.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "self_internal.h"

#define PATCHES 4u

struct shared {
    _Atomic bool *gone;
    cptr_t page;    /* Frame */
    cptr_t patches; /* slots of Mappings, behind it */
    vaddr_t at[PATCHES];
    unsigned count; /* of patches */
    bool broken;    /* a fault came */
    unsigned oldest;
};

#define SLOTS(count) (1 + (count))

#define FEW_RECORDS 2u

static struct slab records;
static bool in_use; /* most programs have no such region, and no page for it */

void self_shared_tend(void)
{
    void *page;

    if (records.object_size == 0) {
        slab_init(&records, sizeof(struct shared));
    }
    if (in_use && records.free_objects < FEW_RECORDS && err_ok(self_own_page(&page))) {
        slab_give(&records, page, true);
    }
}

static struct shared *new_record(void)
{
    in_use = true;
    if (records.free_objects == 0) {
        self_shared_tend();
    }
    return records.free_objects > 0 ? slab_take(&records) : NULL;
}

static void free_slots(cptr_t first, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        slot_delete(first + i);
    }
}

err_t self_shared_prepare(struct vregion *r, _Atomic bool *gone)
{
    struct shared *s = new_record();
    uint64_t pages = r->bytes / PAGE_SIZE;
    err_t e;

    if (s == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*s));
    }
    s->gone = gone;
    s->count = pages < PATCHES ? (unsigned)pages : PATCHES;
    e = slot_alloc_run(SLOTS(s->count), &s->page);
    if (!err_ok(e)) {
        slab_put(&records, s);
        return e;
    }
    s->patches = s->page + 1;
    e = self_new_frame(PAGE_SIZE, s->page);
    if (!err_ok(e)) {
        free_slots(s->page, SLOTS(s->count));
        slab_put(&records, s);
        return e;
    }
    r->user = s;
    return OK;
}

void self_shared_end(const struct vregion *r)
{
    struct shared *s = r->user;

    free_slots(s->patches, s->count);
    self_free_frame(s->page);
    slab_put(&records, s);
}

/* Whatever is left of the Mappings, a revoke may be half-way, goes. */
static void delete_mappings(const struct vregion *r)
{
    for (unsigned i = 0; i < space_mappings(&self_space, r->base, r->bytes); i++) {
        err_t ignored = cap_delete((cptr_t)r->object + i); /* most are gone */

        (void)ignored;
    }
}

bool self_shared_fault(struct vregion *r, vaddr_t address)
{
    struct shared *s = r->user;
    vaddr_t page = address & ~PAGE_MASK;
    unsigned i = s->oldest;
    err_t e;

    for (unsigned other = 0; other < s->count; other++) {
        if (s->at[other] == page) {
            return true; /* another thread was here a moment ago */
        }
    }
    if (!s->broken) {
        s->broken = true;
        atomic_store(s->gone, true);
        delete_mappings(r);
    }
    if (s->at[i] != 0) {
        e = cap_delete(s->patches + i);
        if (!err_ok(e)) {
            return false;
        }
        s->at[i] = 0;
    }
    e = space_map(&self_space, page, s->page, 0, PAGE_SIZE, r->rights, s->patches + i);
    if (err_ok(e)) {
        s->at[i] = page;
        s->oldest = (i + 1) % s->count;
    }
    return err_ok(e);
}
