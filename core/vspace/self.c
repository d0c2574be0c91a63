/* SPDX-License-Identifier: MIT */
#include <mudskipper/abi/layout.h>
#include <mudskipper/pure/page_table.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>
#include <mudskipper/vspace/region.h>
#include <mudskipper/vspace/self.h>

static struct space space;
static struct space_table tables[SPACE_TABLES_MAX];
static struct vregions regions;
static struct mutex lock;
static _Alignas(PAGE_SIZE) unsigned char region_memory[2 * PAGE_SIZE];

static const struct vregion_ops region_ops = {.refill = NULL};

struct vregions *self_regions(void)
{
    return &regions;
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
            e = space_adopt(&space, t.type - CAP_TYPE_VNODE_L0, offset, made + i);
        }
        if (!err_ok(e)) {
            return e;
        }
    }
    return OK;
}

err_t self_init(const struct space_ops *ops, void *context)
{
    cptr_t made = CPTR(SLOT_L1_MADE, 0);
    unsigned used = count_used(made);
    err_t e = space_init(&space, SLOT_VSPACE, ops, context, tables, SPACE_TABLES_MAX);

    mutex_init(&lock);
    if (err_ok(e)) {
        e = adopt_tables(made, used);
    }
    if (err_ok(e)) {
        e = slot_add_cnode(SLOT_L1_MADE, used);
    }
    if (err_ok(e)) {
        e = vregions_init(&regions, space.base + LAYOUT_OWN, (space.bytes - LAYOUT_OWN) & ~PAGE_MASK,
                          &region_ops, NULL, region_memory, sizeof(region_memory));
    }
    return e;
}

/* Locked. The region is placed; what goes wrong from here on takes it away again. */
static err_t map_region(struct vregion *r, cptr_t frame, uint64_t from, unsigned rights)
{
    cptr_t mappings;
    unsigned count = space_mappings(&space, r->base, r->bytes);
    err_t e = slot_alloc_run(count, &mappings);

    if (!err_ok(e)) {
        return e;
    }
    e = space_map(&space, r->base, frame, from, r->bytes, rights, mappings);
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

/* Locked. */
static err_t place_and_map(struct vregion *holder, const struct vregion_request *request, cptr_t frame,
                           uint64_t from, void **at)
{
    struct vregion *r;
    err_t e = vregion_place(&regions, holder, request, &r);

    if (!err_ok(e)) {
        return e;
    }
    e = map_region(r, frame, from, request->rights);
    if (err_ok(e)) {
        *at = (void *)r->base;
    } else {
        err_t ignored = vregion_remove(&regions, r->base, r->bytes); /* whole: never refused */

        (void)ignored;
    }
    return e;
}

err_t self_map(cptr_t frame, uint64_t from, uint64_t bytes, unsigned rights, void **at)
{
    struct vregion_request request = {
        .kind = VREGION_FRAME, .rights = rights, .bytes = bytes, .name = "frame"};
    err_t e;

    mutex_lock(&lock);
    e = place_and_map(NULL, &request, frame, from, at);
    mutex_unlock(&lock);
    return e;
}

err_t self_reserve(uint64_t bytes, const char *name, void **at)
{
    struct vregion_request request = {.kind = VREGION_RESERVED, .bytes = bytes, .name = name};
    struct vregion *r;
    err_t e;

    mutex_lock(&lock);
    e = vregion_place(&regions, NULL, &request, &r);
    if (err_ok(e)) {
        *at = (void *)r->base;
    }
    mutex_unlock(&lock);
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

    mutex_lock(&lock);
    switch (vregion_at(&regions, (vaddr_t)at, &r)) {
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
    mutex_unlock(&lock);
    return e;
}

err_t self_unmap(void *at)
{
    struct vregion *r;
    err_t e = OK;

    mutex_lock(&lock);
    if (vregion_at(&regions, (vaddr_t)at, &r) != VREGION_BODY || r->base != (vaddr_t)at) {
        e = err_make(ERR_MAP_NOT_MAPPED, (vaddr_t)at);
    } else {
        unsigned count = space_mappings(&space, r->base, r->bytes);

        for (unsigned i = 0; i < count; i++) {
            slot_delete((cptr_t)r->object + i);
        }
        e = vregion_remove(&regions, r->base, r->bytes);
    }
    mutex_unlock(&lock);
    return e;
}
