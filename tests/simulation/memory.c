/* SPDX-License-Identifier: MIT */
/* The own address space: heap blocks, memory on demand, frames. */
#include "simulation.h"
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/heap.h>
#include <mudskipper/vspace/self.h>

#define BLOCK_LOG2   14u
#define REGION_PAGES 100u

/* ---- blocks: filled with their mark */

static void check_block(struct worker *w, const struct block *b)
{
    for (size_t i = 0; i < b->bytes; i++) {
        MUST(w, b->at[i] == b->mark);
    }
}

static void fill_block(struct worker *w, struct block *b)
{
    b->bytes = 1 + below(w, (uint64_t)1 << below(w, BLOCK_LOG2));
    b->mark = (unsigned char)below(w, 256);
    b->at = heap_malloc(process_heap(), b->bytes);
    MUST(w, b->at != NULL || may_be_short());
    for (size_t i = 0; b->at != NULL && i < b->bytes; i++) {
        b->at[i] = b->mark;
    }
}

static void empty_block(struct worker *w, struct block *b)
{
    if (b->at != NULL) {
        check_block(w, b);
        heap_free(process_heap(), b->at);
        b->at = NULL;
    }
}

void memory_block(struct worker *w)
{
    struct block *b = &w->blocks[below(w, BLOCKS)];

    if (b->at == NULL) {
        fill_block(w, b);
    } else {
        empty_block(w, b);
    }
}

/* ---- regions: each page that was touched holds its number, others are zero */

static volatile uint64_t *word_of(const struct region *r, unsigned page)
{
    return (volatile uint64_t *)(r->at + page * PAGE_SIZE);
}

static bool is_touched(const struct region *r, unsigned page)
{
    return (r->touched[page / 64] >> page % 64 & 1) != 0;
}

static void make_region(struct worker *w, struct region *r)
{
    void *at;

    r->pages = 1 + (unsigned)below(w, REGION_PAGES);
    r->touched[0] = r->touched[1] = 0;
    if (DONE(w, self_map_lazy(r->pages * PAGE_SIZE, 1u << below(w, 4), "simulation", &at))) {
        r->at = at;
    }
}

/* Memory that is short ends who touches: it is asked for first. */
static void touch_region(struct worker *w, struct region *r)
{
    unsigned page = (unsigned)below(w, r->pages);

    if (DONE(w, self_commit(r->at + page * PAGE_SIZE, PAGE_SIZE))) {
        MUST(w, *word_of(r, page) == (is_touched(r, page) ? page + 1 : 0));
        *word_of(r, page) = page + 1;
        r->touched[page / 64] |= (uint64_t)1 << page % 64;
    }
}

/* A part of it is given back, and zero again. */
static void release_region(struct worker *w, struct region *r)
{
    unsigned page = (unsigned)below(w, r->pages);

    if (DONE(w, self_release(r->at + page * PAGE_SIZE, PAGE_SIZE))) {
        r->touched[page / 64] &= ~((uint64_t)1 << page % 64);
    }
}

static void unmap_region(struct worker *w, struct region *r)
{
    for (unsigned page = 0; page < r->pages; page++) {
        if (is_touched(r, page)) {
            MUST(w, *word_of(r, page) == page + 1);
        }
    }
    (void)DONE(w, self_unmap(r->at));
    r->at = NULL;
}

void memory_region(struct worker *w)
{
    struct region *r = &w->regions[below(w, REGIONS)];
    uint64_t which = below(w, 8);

    if (r->at == NULL) {
        make_region(w, r);
    } else if (which == 0) {
        unmap_region(w, r);
    } else if (which == 1) {
        release_region(w, r);
    } else {
        touch_region(w, r);
    }
}

/* ---- frames: mapped twice, written here, read there */

static void use_frame(struct worker *w, cptr_t frame, unsigned pages)
{
    void *first;
    void *second;
    unsigned page = (unsigned)below(w, pages);

    if (!DONE(w, self_map(frame, 0, pages * PAGE_SIZE, CAP_READ | CAP_WRITE, &first))) {
        return;
    }
    if (DONE(w, self_map(frame, page * PAGE_SIZE, PAGE_SIZE, CAP_READ, &second))) {
        volatile uint64_t *here = (volatile uint64_t *)((char *)first + page * PAGE_SIZE);

        MUST(w, *here == 0);
        *here = w->done + 1;
        MUST(w, *(volatile uint64_t *)second == w->done + 1);
        (void)DONE(w, self_unmap(second));
    }
    (void)DONE(w, self_unmap(first));
}

void memory_frame(struct worker *w)
{
    unsigned pages = 1 + (unsigned)below(w, 20);
    struct cap_identity piece;
    cptr_t ram;
    cptr_t frame;

    if (!DONE(w, core_alloc(&simulation.core_server, pages * PAGE_SIZE, &ram))) {
        return;
    }
    (void)DONE(w, cap_identify(ram, &piece));
    if (DONE(w, slot_alloc(&frame))) {
        if (DONE(w, cap_retype(ram, 0, CAP_TYPE_FRAME, pages * PAGE_SIZE, 1, frame))) {
            use_frame(w, frame, pages);
        }
        slot_delete(frame);
    }
    (void)DONE(w, core_free(&simulation.core_server, piece.base, piece.bytes));
    slot_delete(ram);
}

void memory_end(struct worker *w)
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        empty_block(w, &w->blocks[i]);
    }
    for (unsigned i = 0; i < REGIONS; i++) {
        if (w->regions[i].at != NULL) {
            unmap_region(w, &w->regions[i]);
        }
    }
}
