/* SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <mudskipper/abi/layout.h>
#include <mudskipper/pure/page_table.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>
#include "self_internal.h"

struct space self_space;
struct vregions self_all;

static struct mutex mutex;
static bool adopted; /* the tables that were there from the start are known */

static uint64_t told; /* regions ever placed, and those there are, when others were told last */

#define LOCKED_BYTES (3 * PAGE_SIZE) /* of the stack: what runs with the lock uses less */
#define TABLES_BYTES PAGE_SIZE

struct vregions *self_regions(void)
{
    return &self_all;
}

void self_lock(void)
{
    thread_touch_stack(LOCKED_BYTES);
    mutex_lock(&mutex);
}

/* What a change of regions was for is over. */
void self_unlock(void)
{
    if (self_all.families + self_all.used != told) {
        told = self_all.families + self_all.used;
        self_tell(rt_self()->dispatcher_user);
    }
    mutex_unlock(&mutex);
}

const struct mutex *self_mutex(void)
{
    return &mutex;
}

bool self_locked_by_me(void)
{
    return mutex.owner == thread_self();
}

/* ---- beginning ---- */

static bool refill(void *context)
{
    void *page;

    (void)context;
    if (!adopted || !err_ok(self_own_page(&page))) {
        return false;
    }
    vregions_give(&self_all, page);
    return true;
}

static const struct vregion_ops region_ops = {.refill = refill};

err_t self_regions_init(vaddr_t base, uint64_t bytes, void *memory, size_t memory_bytes)
{
    mutex_init(&mutex);
    return vregions_init(&self_all, base, bytes, &region_ops, NULL, memory, memory_bytes);
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

/* The capabilities to the tables that the spawner made lie in the CNode of SLOT_L1_MADE. */
static err_t adopt(const struct space_ops *ops, void *context)
{
    static _Alignas(PAGE_SIZE) unsigned char notes[TABLES_BYTES];
    cptr_t made = CPTR(SLOT_L1_MADE, 0);
    unsigned used = count_used(made);
    err_t e = space_init(&self_space, SLOT_VSPACE, ops, context, notes, sizeof(notes));

    if (err_ok(e)) {
        e = adopt_tables(made, used);
    }
    if (err_ok(e)) {
        e = slot_add_cnode(SLOT_L1_MADE, used);
    }
    if (err_ok(e)) {
        adopted = true;
        self_own_reserve();
        slot_on_few(ops->slots_elsewhere ? NULL : self_more_slots);
    }
    return e;
}

err_t self_init(const struct space_ops *ops, void *context)
{
    err_t e;

    self_lock();
    e = adopted ? err_make(ERR_EXISTS, 0) : adopt(ops, context);
    self_unlock();
    return e;
}

err_t self_ready(void)
{
    err_t e = OK;

    if (!adopted) {
        e = adopt(&self_ram_ops, NULL);
    }
    if (err_ok(e)) {
        self_own_tend();
    }
    return e;
}

/* ---- regions ---- */

err_t self_map_region(struct vregion *r, cptr_t frame, uint64_t from)
{
    cptr_t mappings;
    unsigned count = space_mappings(&self_space, r->base, r->bytes);
    err_t e = self_own_tables(count);

    if (err_ok(e)) {
        e = slot_alloc_run(count, &mappings);
    }
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

void self_forget_region(const struct vregion *r)
{
    err_t ignored = vregion_remove(&self_all, r->base, r->bytes); /* whole: never refused */

    (void)ignored;
}

/* Locked. */
static err_t place_and_map(struct vregion *holder, const struct vregion_request *request, cptr_t frame,
                           uint64_t from, void **at)
{
    struct vregion *r;
    err_t e = self_ready();

    if (err_ok(e)) {
        e = vregion_place(&self_all, holder, request, &r);
    }
    if (!err_ok(e)) {
        return e;
    }
    e = self_map_region(r, frame, from);
    if (err_ok(e)) {
        *at = (void *)r->base;
    } else {
        self_forget_region(r);
    }
    return e;
}

err_t self_map(cptr_t frame, uint64_t from, uint64_t bytes, unsigned rights, void **at)
{
    struct vregion_request request = {
        .kind = VREGION_FRAME, .rights = rights, .base = self_lowest(), .bytes = bytes, .name = "frame"};
    void *place = NULL;
    err_t e;

    self_lock();
    e = place_and_map(NULL, &request, frame, from, &place);
    self_unlock();
    if (err_ok(e)) {
        *at = place; /* which may come on demand: not with the lock held */
    }
    return e;
}

static err_t map_shared(const struct vregion_request *request, cptr_t frame, uint64_t from,
                        _Atomic bool *gone, void **at)
{
    struct vregion *r;
    err_t e = self_ready();

    if (err_ok(e)) {
        e = vregion_place(&self_all, NULL, request, &r);
    }
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
        self_forget_region(r);
    }
    return e;
}

err_t self_map_shared(cptr_t frame, uint64_t from, uint64_t bytes, unsigned rights, _Atomic bool *gone,
                      void **at)
{
    struct vregion_request request = {.kind = VREGION_SHARED,
                                      .fault = VREGION_PEER,
                                      .rights = rights,
                                      .base = self_lowest(),
                                      .bytes = bytes,
                                      .name = "shared"};
    void *place = NULL;
    err_t e;

    (void)atomic_load(gone); /* the pager sets it, and must not fault */
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
    struct vregion_request request = {
        .kind = VREGION_RESERVED, .base = self_lowest(), .bytes = bytes, .name = name};
    struct vregion *r;
    err_t e;

    self_lock();
    e = self_ready();
    if (err_ok(e)) {
        e = vregion_place(&self_all, NULL, &request, &r);
    }
    self_unlock();
    if (err_ok(e)) {
        *at = (void *)r->base;
    }
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

/* ---- the end of a region ---- */

static void end_region(struct vregion *r)
{
    if (r->fault == VREGION_ZERO) {
        self_take(r, r->base, r->base + r->bytes);
    } else {
        self_unmap_region(r);
    }
    if (r->fault == VREGION_PEER) {
        self_shared_end(r);
    }
    self_forget_region(r);
}

/* What was there from the start is not for unmapping. */
static bool is_own(const struct vregion *r)
{
    return r->base >= self_lowest();
}

err_t self_unmap(void *at)
{
    struct vregion *r;
    err_t e = OK;

    self_lock();
    if (vregion_at(&self_all, (vaddr_t)at, &r) != VREGION_BODY || r->base != (vaddr_t)at || !is_own(r)) {
        e = err_make(ERR_MAP_NOT_MAPPED, (vaddr_t)at);
    } else {
        end_region(r);
    }
    self_unlock();
    return e;
}
