/* SPDX-License-Identifier: MIT */
/* Regions whose memory comes on first touch, in pieces: a Frame and its Mapping each, never over an edge of 2
 * MiB.
 *
 *   region   |-----+=====+=======================+-----------+==+-----|
 *                   piece  piece                              piece
 *
 * A fault brings as much as lies in the region's `around` pages about it and is not there yet; when memory is
 * short, less, and at least the page itself. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/page_table.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "self_internal.h"

#define FEW_PIECES 4u

struct piece {
    struct tree_node node; /* by base */
    vaddr_t base;
    uint64_t bytes;
    cptr_t frame; /* the Mapping is in the slot behind; CPTR_NULL: it was there from the start */
};

static struct tree pieces;
static struct slab notes;

static struct piece *piece_of(const struct tree_node *n)
{
    return n != NULL ? CONTAINER_OF((struct tree_node *)n, struct piece, node) : NULL;
}

static int compare(const struct tree_node *a, const struct tree_node *b)
{
    return (piece_of(a)->base > piece_of(b)->base) - (piece_of(a)->base < piece_of(b)->base);
}

/* Before, in or behind the piece. */
static int compare_address(const void *key, const struct tree_node *n)
{
    vaddr_t address = *(const vaddr_t *)key;
    const struct piece *p = piece_of(n);

    return address < p->base ? -1 : address >= p->base + p->bytes;
}

/* The first piece that ends behind `address`. */
static struct piece *piece_from(vaddr_t address)
{
    return piece_of(tree_at_least(&pieces, &address, compare_address));
}

static vaddr_t end_of(const struct piece *p)
{
    return p->base + p->bytes;
}

void self_lazy_tend(void)
{
    void *page;

    if (notes.object_size == 0) {
        slab_init(&notes, sizeof(struct piece));
    }
    if (notes.free_objects < FEW_PIECES && err_ok(self_own_page(&page))) {
        slab_give(&notes, page, true);
    }
}

/* ---- pieces come ---- */

static void note(struct vregion *r, vaddr_t base, uint64_t bytes, cptr_t frame)
{
    struct piece *p = slab_take(&notes);

    p->base = base;
    p->bytes = bytes;
    p->frame = frame;
    tree_insert(&pieces, &p->node, compare);
    vregion_count(r, (int64_t)bytes);
}

/* The first thing that is noted at all, before there is memory to ask for. */
void self_is_there(struct vregion *r, vaddr_t base, uint64_t bytes)
{
    static _Alignas(PAGE_SIZE) unsigned char first_notes[PAGE_SIZE];

    slab_init(&notes, sizeof(struct piece));
    slab_give(&notes, first_notes, true);
    note(r, base, bytes, CPTR_NULL);
}

static err_t map_piece(const struct vregion *r, vaddr_t base, uint64_t bytes, cptr_t frame)
{
    err_t e = self_new_frame(bytes, frame);

    return err_ok(e) ? space_map(&self_space, base, frame, 0, bytes, r->rights, frame + 1) : e;
}

/* All of [base, base + bytes), which is not there and in one table, or with `less` a beginning of it. */
static err_t add(struct vregion *r, vaddr_t base, uint64_t bytes, bool less)
{
    cptr_t frame;
    err_t e = self_ready();

    if (err_ok(e) && notes.free_objects == 0) {
        e = err_make(ERR_NO_MEMORY, sizeof(struct piece));
    }
    if (err_ok(e)) {
        e = slot_alloc_run(2, &frame);
    }
    if (!err_ok(e)) {
        return e;
    }
    e = map_piece(r, base, bytes, frame);
    if (err_ok(e)) {
        note(r, base, bytes, frame);
        return OK;
    }
    self_free_frame(frame);
    slot_free(frame + 1);
    return less && bytes > PAGE_SIZE ? add(r, base, bytes / 2 & ~PAGE_MASK, true) : e;
}

/* What is missing from `at` on: up to the next piece, `to` or the next table. */
static uint64_t missing(vaddr_t at, vaddr_t to)
{
    const struct piece *next = piece_from(at);
    uint64_t table = pt_entry_bytes(PT_LEVELS - 2);
    vaddr_t edge = at - (at - self_space.base) % table + table;

    to = to < edge ? to : edge;
    return (next != NULL && next->base < to ? next->base : to) - at;
}

static err_t bring(struct vregion *r, vaddr_t from, vaddr_t to, bool less)
{
    while (from < to) {
        const struct piece *here = piece_from(from);
        err_t e;

        if (here != NULL && here->base <= from) {
            from = end_of(here);
            continue;
        }
        e = add(r, from, missing(from, to), less);
        if (!err_ok(e)) {
            return e;
        }
    }
    return OK;
}

err_t self_bring(struct vregion *r, vaddr_t from, vaddr_t to)
{
    err_t e = self_ready();

    return err_ok(e) ? bring(r, from, to, true) : e;
}

/* ---- pieces go ---- */

static void remove_piece(struct vregion *r, struct piece *p)
{
    vregion_count(r, -(int64_t)p->bytes);
    if (p->frame != CPTR_NULL) {
        slot_delete(p->frame + 1);
        self_free_frame(p->frame);
    }
    tree_remove(&pieces, &p->node);
    slab_put(&notes, p);
}

void self_take(struct vregion *r, vaddr_t from, vaddr_t to)
{
    struct piece *p;

    while (from < to && (p = piece_from(from)) != NULL && p->base < to) {
        vaddr_t end = end_of(p);

        if (p->base >= from && end <= to && p->frame != CPTR_NULL) {
            remove_piece(r, p);
        } else {
            vaddr_t first = p->base > from ? p->base : from;

            mem_set((void *)first, 0, (end < to ? end : to) - first);
        }
        from = end;
    }
}

/* ---- faults ---- */

static bool is_there(vaddr_t page)
{
    const struct piece *p = piece_from(page);

    return p != NULL && p->base <= page;
}

err_t self_lazy_fault(struct vregion *r, vaddr_t address)
{
    vaddr_t page = address & ~PAGE_MASK;
    uint64_t window = (uint64_t)r->around * PAGE_SIZE;
    vaddr_t from = address - (address - self_space.base) % window;
    vaddr_t to = from + window;
    err_t e;

    vregion_count_fault(r);
    e = self_ready();
    if (!err_ok(e) || is_there(page)) {
        return e; /* there: another thread was here a moment ago */
    }
    from = from > r->base ? from : r->base;
    to = to < r->base + r->bytes ? to : r->base + r->bytes;
    e = bring(r, from, to, false);
    return err_ok(e) || is_there(page) ? OK : bring(r, page, page + PAGE_SIZE, false);
}

/* ---- for programs ---- */

err_t self_map_lazy(uint64_t bytes, unsigned around, const char *name, void **at)
{
    struct vregion_request request = {.kind = VREGION_LAZY,
                                      .fault = VREGION_ZERO,
                                      .rights = CAP_READ | CAP_WRITE,
                                      .base = self_lowest(),
                                      .bytes = bytes,
                                      .around = around,
                                      .name = name};

    return self_place_lazy(&request, at);
}

err_t self_place_lazy(struct vregion_request *request, void **at)
{
    struct vregion *r;
    err_t e;

    request->base = self_lowest();
    self_lock();
    e = self_ready();
    if (err_ok(e) && (request->around & (request->around - 1)) != 0) {
        e = err_make(ERR_BAD_ARGUMENT, 2);
    }
    if (err_ok(e)) {
        e = vregion_place(&self_all, NULL, request, &r);
    }
    self_unlock();
    if (err_ok(e)) {
        *at = (void *)r->base;
    }
    return e;
}

/* Locked. The region on demand that all of the range lies in, as whole pages; NULL: none. */
static struct vregion *lazy_at(void *at, uint64_t bytes, vaddr_t *from, vaddr_t *to)
{
    struct vregion *r;

    *from = (vaddr_t)at & ~PAGE_MASK;
    *to = ((vaddr_t)at + bytes + PAGE_MASK) & ~PAGE_MASK;
    if (vregion_at(&self_all, *from, &r) != VREGION_BODY || r->fault != VREGION_ZERO || *to < *from ||
        *to > r->base + r->bytes) {
        return NULL;
    }
    return r;
}

err_t self_commit(void *at, uint64_t bytes)
{
    struct vregion *r;
    vaddr_t from;
    vaddr_t to;
    err_t e;

    self_lock();
    r = lazy_at(at, bytes, &from, &to);
    e = r != NULL ? self_bring(r, from, to) : err_make(ERR_MAP_NOT_MAPPED, (vaddr_t)at);
    self_unlock();
    return e;
}

err_t self_release(void *at, uint64_t bytes)
{
    struct vregion *r;
    vaddr_t from;
    vaddr_t to;
    err_t e = OK;

    self_lock();
    r = lazy_at(at, bytes, &from, &to);
    if (r != NULL) {
        self_take(r, from, to);
    } else {
        e = err_make(ERR_MAP_NOT_MAPPED, (vaddr_t)at);
    }
    self_unlock();
    return e;
}
