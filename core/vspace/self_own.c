/* SPDX-License-Identifier: MIT */
/* Managing an address space takes slots, tables and notes, and getting those takes the same. So each of them
 * is filled up while some are left, before an operation begins, and never in its middle.
 *
 *    operation --> tend --> slots few?   RAM -> CNode                            takes up to 4 slots
 *                       --> notes few?   RAM -> Frame -> a page in the window    takes up to 7 slots, 1
 * table's note
 *
 * The window is a part of the address space kept for such pages. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "self_internal.h"

#define WINDOW_BYTES ((uint64_t)64 << 20)
#define FEW_TABLES   8u

static struct vregion *window;
static vaddr_t next;
static vaddr_t end;

void self_own_reserve(void)
{
    struct vregion_request request = {.kind = VREGION_FRAME,
                                      .rights = CAP_READ | CAP_WRITE,
                                      .base = self_lowest(),
                                      .bytes = WINDOW_BYTES,
                                      .name = "notes"};

    if (err_ok(vregion_place(&self_all, NULL, &request, &window))) {
        next = window->base;
        end = window->base + window->bytes;
    }
}

err_t self_own_page(void **page)
{
    cptr_t slots; /* Frame, Mapping */
    err_t e;

    if (next == end) {
        return err_make(ERR_NO_MEMORY, WINDOW_BYTES);
    }
    e = slot_alloc_run(2, &slots);
    if (!err_ok(e)) {
        return e;
    }
    e = self_new_frame(PAGE_SIZE, slots);
    if (err_ok(e)) {
        e = space_map(&self_space, next, slots, 0, PAGE_SIZE, CAP_READ | CAP_WRITE, slots + 1);
    }
    if (!err_ok(e)) {
        self_free_frame(slots);
        slot_free(slots + 1);
        return e;
    }
    *page = (void *)next;
    next += PAGE_SIZE;
    vregion_count(window, PAGE_SIZE);
    return OK;
}

/* ---- slots ---- */

/* A larger root, and a table with room for what it holds. */
static err_t grow_root(void)
{
    uint32_t more = 2 * slot_cnodes_room();
    uint64_t bytes = (uint64_t)more * CAP_SLOT_BYTES;
    uint64_t table_bytes = (more * sizeof(struct slot_cnode) + PAGE_MASK) & ~PAGE_MASK;
    void *table = NULL;
    cptr_t ram;
    cptr_t root;
    err_t e = slot_alloc(&root);

    if (!err_ok(e)) {
        return e;
    }
    e = self_space.ops->ram(self_space.context, bytes, &ram);
    if (err_ok(e)) {
        e = cap_retype(ram, 0, CAP_TYPE_L1_CNODE, bytes, 1, root);
        slot_delete(ram);
    }
    for (uint64_t at = 0; at < table_bytes && err_ok(e); at += PAGE_SIZE) {
        void *page; /* one behind the other */

        e = self_own_page(&page);
        table = table == NULL ? page : table;
    }
    if (err_ok(e)) {
        e = cap_grow_root(root);
    }
    slot_delete(root); /* what the root was made of before */
    if (err_ok(e)) {
        (void)slot_move_table(table, more); /* what it had is small, and stays */
    }
    return e;
}

/* An L1 slot in use that nobody told of is somebody else's. */
static err_t add_cnode_of(cptr_t ram)
{
    for (;;) {
        uint32_t l1 = slot_next_cnode();
        err_t e = l1 == slot_cnodes_room() ? err_make(ERR_CAP_SLOTS_EXHAUSTED, l1)
                                           : cap_retype_to(ram, 0, CAP_TYPE_L2_CNODE, CAP_L2_BYTES, 1,
                                                           SLOT_ROOT, CAP_PLACE_CNODE(l1));
        bool taken = err_is(e, ERR_CAP_SLOT_IN_USE);

        if (err_ok(e) || taken) {
            err_t added =
                slot_add_cnode(l1, taken ? CPTR_L2_SLOTS : 0); /* it is in the table's room, and new */

            (void)added;
        }
        if (!taken) {
            return e;
        }
    }
}

static err_t add_cnode(void)
{
    cptr_t ram;
    err_t e = self_space.ops->ram(self_space.context, CAP_L2_BYTES, &ram);

    if (!err_ok(e)) {
        return e;
    }
    e = add_cnode_of(ram);
    if (err_is(e, ERR_CAP_SLOTS_EXHAUSTED)) {
        e = grow_root();
        e = err_ok(e) ? add_cnode_of(ram) : e;
    }
    slot_delete(ram);
    return e;
}

bool self_more_slots(void)
{
    bool added = false;

    if (self_locked_by_me()) {
        return false; /* it was called for what is under way */
    }
    self_lock();
    if (err_ok(self_ready())) {
        added = err_ok(add_cnode());
    }
    self_unlock();
    return added;
}

/* ---- notes ---- */

err_t self_own_tables(unsigned mappings)
{
    while (self_space.notes.free_objects < mappings + FEW_TABLES) {
        void *page;
        err_t e = self_own_page(&page);

        if (!err_ok(e)) {
            return e;
        }
        space_give(&self_space, page);
    }
    return OK;
}

void self_own_tend(void)
{
    err_t ignored; /* the operation goes on with what is left */

    if (!self_space.ops->slots_elsewhere && slot_free_count() < SLOTS_KEPT) {
        ignored = add_cnode();
    }
    ignored = self_own_tables(0);
    (void)ignored;
    self_lazy_tend();
    self_shared_tend();
}
