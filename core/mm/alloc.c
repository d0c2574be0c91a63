/* SPDX-License-Identifier: MIT */
/* Handing out: decide on a place, make sure it can be noted, ask the kernel, note it. */
#include "internal.h"

#define SMALL_PAGES 64u /* blocks up to here are kept apart by client, a chunk each, while there is room */
#define PASSED_OVER 8u  /* chunks of others that a search for a small block looks at */

static uint64_t largest(const struct mm *mm)
{
    const struct tree_node *n = mm->regions.root;
    return n ? address_of(CONTAINER_OF((struct tree_node *)n, struct mm_region, node)->longest_below) : 0;
}

static err_t check_size(const struct mm *mm, uint64_t bytes)
{
    if (mm->in_callback) {
        return err_make(ERR_BUSY, 0);
    }
    return bytes == 0 || (bytes & PAGE_MASK) != 0 ? err_make(ERR_MM_SIZE, bytes) : OK;
}

/* Again after every refill, which may have used the client's quota. */
static err_t check_client(const struct mm *mm, mm_client_t client, uint64_t bytes, struct mm_client **c)
{
    *c = mm_client_find(mm, client);
    if (!*c) {
        return err_make(ERR_NOT_FOUND, client);
    }
    return (*c)->quota - (*c)->used < bytes ? err_make(ERR_MM_QUOTA, (*c)->quota) : OK;
}

/* Where the client has small blocks already. */
static bool find_near(const struct mm *mm, const struct mm_client *c, const struct want *w, page_t *at)
{
    const struct mm_region *r = mm_region_at(mm, c->hint);
    if (!r) {
        return false;
    }
    chunk_t chunk = c->hint >> CHUNK_BITS;
    struct part p = mm_region_part(r, chunk);
    if (p.chunk->longest < w->pages || p.chunk->aligned < w->aligned ||
        (p.chunk->kind == CHUNK_MIXED && !(p.chunk->many == OWNERS_ONE && p.chunk->client == c->number))) {
        return false;
    }
    unsigned found = mm_chunk_find(p, (unsigned)w->pages, (unsigned)w->align);
    *at = (chunk << CHUNK_BITS) + found;
    return found != CHUNK_PAGES;
}

static bool find_small(const struct mm *mm, const struct mm_client *c, struct want w, page_t *at)
{
    if (find_near(mm, c, &w, at)) {
        return true;
    }
    w.fussy = true;
    w.client = c->number;
    w.patience = PASSED_OVER;
    if (mm_regions_find(mm, &w, at)) {
        return true;
    }
    struct want whole_chunk = mm_want_make(CHUNK_PAGES, CHUNK_PAGES);
    return mm_regions_find(mm, &whole_chunk, at);
}

static bool find_place(const struct mm *mm, const struct mm_client *c, uint64_t pages, uint64_t align,
                       page_t *at)
{
    struct want w = mm_want_make(pages, align);
    bool small = pages <= SMALL_PAGES && align <= SMALL_PAGES;
    return (small && find_small(mm, c, w, at)) || mm_regions_find(mm, &w, at);
}

/* Own memory for handing out [begin, begin+pages) is there. The last free memory may use the reserve up:
 * nothing would be left that a refill could get. */
static bool can_note(const struct mm *mm, uint64_t cost, uint64_t pages)
{
    return mm_own_has(mm, cost) || (mm->pages_free == pages && mm->own.free_objects >= cost);
}

/* The part that cannot fail, after the kernel agreed. */
static err_t hand_out(struct mm *mm, struct mm_region *r, page_t begin, uint64_t pages, struct mm_client *c,
                      void *into)
{
    mm->in_callback = true;
    err_t e = mm->ops->retype(mm->context, r->cookie, address_of(begin - r->first), address_of(pages), into);
    mm->in_callback = false;
    if (!err_ok(e)) {
        return e;
    }
    mm_region_change(mm, r, begin, begin + pages, MM_FREE, TO_OUT, c->number);
    c->used += address_of(pages);
    if (pages <= SMALL_PAGES) {
        c->hint = begin;
    }
    return OK;
}

err_t mm_alloc(struct mm *mm, mm_client_t client, uint64_t bytes, uint64_t alignment, void *into,
               paddr_t *base)
{
    err_t e = check_size(mm, bytes);
    if (!err_ok(e)) {
        return e;
    }
    if (alignment < PAGE_SIZE || (alignment & (alignment - 1)) != 0) {
        return err_make(ERR_MM_ALIGNMENT, alignment);
    }
    mm_own_top_up(mm);
    for (;;) {
        struct mm_client *c;
        page_t at;
        e = check_client(mm, client, bytes, &c);
        if (!err_ok(e)) {
            return e;
        }
        if (!find_place(mm, c, page_of(bytes), page_of(alignment), &at)) {
            return err_make(ERR_NO_MEMORY, largest(mm));
        }
        struct mm_region *r = mm_region_at(mm, at);
        unsigned cost = mm_region_cost(r, at, at + page_of(bytes), TO_OUT, client);
        if (can_note(mm, cost, page_of(bytes))) {
            e = hand_out(mm, r, at, page_of(bytes), c, into);
            *base = err_ok(e) ? address_of(at) : *base;
            return e;
        }
        if (!mm_own_refill(mm, cost)) {
            return err_make(ERR_NO_MEMORY, largest(mm));
        }
    }
}

static err_t check_range(const struct mm *mm, paddr_t base, uint64_t bytes, struct mm_region **r)
{
    if ((base & PAGE_MASK) != 0) {
        return err_make(ERR_UNALIGNED, base);
    }
    *r = mm_region_at(mm, page_of(base));
    if (!*r || page_of(bytes) > (*r)->end - page_of(base)) {
        return err_make(ERR_MM_UNKNOWN, base);
    }
    struct run run = mm_region_run(*r, page_of(base));
    if (run.state != MM_FREE) {
        return err_make(ERR_NO_MEMORY, base);
    }
    return run.end < page_of(base + bytes) ? err_make(ERR_NO_MEMORY, address_of(run.end)) : OK;
}

err_t mm_alloc_range(struct mm *mm, mm_client_t client, paddr_t base, uint64_t bytes, void *into)
{
    err_t e = check_size(mm, bytes);
    if (!err_ok(e)) {
        return e;
    }
    mm_own_top_up(mm);
    for (;;) {
        struct mm_client *c;
        struct mm_region *r;
        e = check_client(mm, client, bytes, &c);
        e = err_ok(e) ? check_range(mm, base, bytes, &r) : e;
        if (!err_ok(e)) {
            return e;
        }
        unsigned cost = mm_region_cost(r, page_of(base), page_of(base + bytes), TO_OUT, client);
        if (can_note(mm, cost, page_of(bytes))) {
            return hand_out(mm, r, page_of(base), page_of(bytes), c, into);
        }
        if (!mm_own_refill(mm, cost)) {
            return err_make(ERR_NO_MEMORY, largest(mm));
        }
    }
}
