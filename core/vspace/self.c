/* SPDX-License-Identifier: MIT */
#include <mudskipper/abi/layout.h>
#include <mudskipper/pure/page_table.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>
#include "self_internal.h"

struct space self_space;
struct vregions self_all;

static struct space_table tables[SPACE_TABLES_MAX];
static struct mutex mutex;
static _Alignas(PAGE_SIZE) unsigned char region_memory[2 * PAGE_SIZE];

static const struct vregion_ops region_ops = {.refill = NULL};

struct vregions *self_regions(void)
{
    return &self_all;
}

void self_lock(void)
{
    mutex_lock(&mutex);
}

void self_unlock(void)
{
    mutex_unlock(&mutex);
}

/* Where the Mapping that links a table lies, from the table's own range: the link has the same base. */
static bool find_link(cptr_t made, paddr_t table, unsigned *used, uint64_t *offset)
{
    for (unsigned i = 0; i < *used; i++) {
        struct cap_identity link;

        if (err_ok(cap_identify(made + i, &link)) && link.type == CAP_TYPE_MAPPING && link.base == table) {
            *offset = link.words[2];
            return true;
        }
    }
    return false;
}

/* How many slots of the CNode are in use from its beginning. */
static unsigned count_used(cptr_t made)
{
    unsigned used = 0;
    struct cap_identity identity;

    while (used < CPTR_L2_SLOTS && err_ok(cap_identify(made + used, &identity))) {
        used++;
    }
    return used;
}

static err_t adopt_tables(cptr_t made, unsigned used)
{
    for (unsigned i = 0; i < used; i++) {
        struct cap_identity t;
        uint64_t offset;
        err_t e = cap_identify(made + i, &t);

        if (!err_ok(e)) {
            return e;
        }
        if (t.type >= CAP_TYPE_VNODE_L1 && t.type <= CAP_TYPE_VNODE_L3 &&
            find_link(made, t.base, &used, &offset)) {
            e = space_adopt(&self_space, t.type - CAP_TYPE_VNODE_L0, offset, made + i);
        }
        if (!err_ok(e)) {
            return e;
        }
    }
    return OK;
}

/* The pager: what a fault means. */
static bool answer(struct thread *thread, const struct fault_record *fault, struct save_area *save)
{
    struct vregion *r;
    bool answered = false;

    (void)thread;
    (void)save;
    if (fault->kind != FAULT_MEMORY) {
        return false;
    }
    self_lock();
    if (vregion_at(&self_all, fault->address, &r) == VREGION_BODY && (fault->access & ~r->rights) == 0) {
        answered = r->fault == VREGION_PEER && self_shared_fault(r, fault->address);
    }
    self_unlock();
    return answered;
}

CLAIM(accesses_are_the_rights_they_need, (unsigned)ACCESS_READ == CAP_READ &&
                                             (unsigned)ACCESS_WRITE == CAP_WRITE &&
                                             (unsigned)ACCESS_EXECUTE == CAP_EXECUTE);

err_t self_init(const struct space_ops *ops, void *context)
{
    cptr_t made = CPTR(SLOT_L1_MADE, 0);
    unsigned used = count_used(made);
    err_t e = space_init(&self_space, SLOT_VSPACE, ops, context, tables, SPACE_TABLES_MAX);

    mutex_init(&mutex);
    if (err_ok(e)) {
        e = adopt_tables(made, used);
    }
    if (err_ok(e)) {
        e = slot_add_cnode(SLOT_L1_MADE, used);
    }
    if (err_ok(e)) {
        e = vregions_init(&self_all, self_space.base + LAYOUT_OWN,
                          (self_space.bytes - LAYOUT_OWN) & ~PAGE_MASK, &region_ops, NULL, region_memory,
                          sizeof(region_memory));
    }
    if (err_ok(e)) {
        rt_set_pager(answer);
    }
    return e;
}

/* ---- memory ---- */

/* The RAM capability is not needed any more: whoever handed it out knows it. */
err_t self_new_frame(uint64_t bytes, cptr_t frame)
{
    cptr_t ram;
    err_t e = self_space.ops->ram(self_space.context, bytes, &ram);

    if (err_ok(e)) {
        e = cap_retype(ram, 0, CAP_TYPE_FRAME, bytes, 1, frame);
        slot_delete(ram);
    }
    return e;
}

/* ---- regions ---- */

err_t self_map_region(struct vregion *r, cptr_t frame, uint64_t from)
{
    cptr_t mappings;
    unsigned count = space_mappings(&self_space, r->base, r->bytes);
    err_t e = slot_alloc_run(count, &mappings);

    if (!err_ok(e)) {
        return e;
    }
    e = space_map(&self_space, r->base, frame, from, r->bytes, r->rights, mappings);
    if (!err_ok(e)) {
        for (unsigned i = 0; i < count; i++) {
            slot_free(mappings + i);
        }
        return e;
    }
    r->object = mappings;
    vregion_count(r, (int64_t)r->bytes);
    return OK;
}

void self_unmap_region(const struct vregion *r)
{
    for (unsigned i = 0; i < space_mappings(&self_space, r->base, r->bytes); i++) {
        slot_delete((cptr_t)r->object + i);
    }
}

static void forget_region(const struct vregion *r)
{
    err_t ignored = vregion_remove(&self_all, r->base, r->bytes); /* whole: never refused */

    (void)ignored;
}

/* Locked. */
static err_t place_and_map(struct vregion *holder, const struct vregion_request *request, cptr_t frame,
                           uint64_t from, void **at)
{
    struct vregion *r;
    err_t e = vregion_place(&self_all, holder, request, &r);

    if (!err_ok(e)) {
        return e;
    }
    e = self_map_region(r, frame, from);
    if (err_ok(e)) {
        *at = (void *)r->base;
    } else {
        forget_region(r);
    }
    return e;
}

err_t self_map(cptr_t frame, uint64_t from, uint64_t bytes, unsigned rights, void **at)
{
    struct vregion_request request = {
        .kind = VREGION_FRAME, .rights = rights, .bytes = bytes, .name = "frame"};
    err_t e;

    self_lock();
    e = place_and_map(NULL, &request, frame, from, at);
    self_unlock();
    return e;
}

static err_t map_shared(const struct vregion_request *request, cptr_t frame, uint64_t from,
                        _Atomic bool *gone, void **at)
{
    struct vregion *r;
    err_t e = vregion_place(&self_all, NULL, request, &r);

    if (!err_ok(e)) {
        return e;
    }
    e = self_shared_prepare(r, gone);
    if (err_ok(e)) {
        e = self_map_region(r, frame, from);
        if (!err_ok(e)) {
            self_shared_end(r);
        }
    }
    if (err_ok(e)) {
        *at = (void *)r->base;
    } else {
        forget_region(r);
    }
    return e;
}

err_t self_map_shared(cptr_t frame, uint64_t from, uint64_t bytes, unsigned rights, _Atomic bool *gone,
                      void **at)
{
    struct vregion_request request = {
        .kind = VREGION_SHARED, .fault = VREGION_PEER, .rights = rights, .bytes = bytes, .name = "shared"};
    void *place = NULL;
    err_t e;

    self_lock();
    e = map_shared(&request, frame, from, gone, &place);
    self_unlock();
    if (err_ok(e)) {
        *at = place;
    }
    return e;
}

err_t self_reserve(uint64_t bytes, const char *name, void **at)
{
    struct vregion_request request = {.kind = VREGION_RESERVED, .bytes = bytes, .name = name};
    struct vregion *r;
    err_t e;

    self_lock();
    e = vregion_place(&self_all, NULL, &request, &r);
    if (err_ok(e)) {
        *at = (void *)r->base;
    }
    self_unlock();
    return e;
}

err_t self_map_at(cptr_t frame, uint64_t from, uint64_t bytes, unsigned rights, void *at)
{
    struct vregion_request request = {.kind = VREGION_FRAME,
                                      .rights = rights,
                                      .fixed = true,
                                      .base = (vaddr_t)at,
                                      .bytes = bytes,
                                      .name = "frame"};
    struct vregion *r;
    err_t e;

    self_lock();
    switch (vregion_at(&self_all, (vaddr_t)at, &r)) {
    case VREGION_UNUSED:
        e = place_and_map(r, &request, frame, from, &at);
        break;
    case VREGION_NOTHING:
        e = err_make(ERR_MAP_OUTSIDE, (vaddr_t)at);
        break;
    default:
        e = err_make(ERR_MAP_OVERLAP, r->base);
        break;
    }
    self_unlock();
    return e;
}

err_t self_unmap(void *at)
{
    struct vregion *r;
    err_t e = OK;

    self_lock();
    if (vregion_at(&self_all, (vaddr_t)at, &r) != VREGION_BODY || r->base != (vaddr_t)at) {
        e = err_make(ERR_MAP_NOT_MAPPED, (vaddr_t)at);
    } else {
        self_unmap_region(r);
        if (r->kind == VREGION_SHARED) {
            self_shared_end(r);
        }
        forget_region(r);
    }
    self_unlock();
    return e;
}
