/* SPDX-License-Identifier: MIT */
/* Taking back: whole blocks, parts of them, and what the kernel says nobody holds any more. */
#include "internal.h"

/* A range that somebody names, and what it lies in. */
struct range {
    struct mm_region *region;
    page_t begin, end;
};

static err_t check_range(const struct mm *mm, paddr_t base, uint64_t bytes, struct range *range)
{
    if (mm->in_callback) {
        return err_make(ERR_BUSY, 0);
    }
    if (bytes == 0 || (bytes & PAGE_MASK) != 0) {
        return err_make(ERR_MM_SIZE, bytes);
    }
    if ((base & PAGE_MASK) != 0) {
        return err_make(ERR_UNALIGNED, base);
    }
    struct mm_region *r = mm_region_at(mm, page_of(base));
    if (!r) {
        return err_make(ERR_MM_UNKNOWN, base);
    }
    if (page_of(bytes) > r->end - page_of(base)) {
        return err_make(ERR_MM_UNKNOWN, address_of(r->end));
    }
    *range = (struct range){r, page_of(base), page_of(base) + page_of(bytes)};
    return OK;
}

/* All of the range is the client's. */
static err_t check_owner(const struct range *range, mm_client_t client)
{
    for (page_t at = range->begin; at < range->end;) {
        struct run run = mm_region_run(range->region, at);
        if (run.state != MM_OUT) {
            return err_make(ERR_MM_DOUBLE_FREE, address_of(at));
        }
        if (run.client != client) {
            return err_make(ERR_MM_FOREIGN, address_of(at));
        }
        at = run.end;
    }
    return OK;
}

/* The kernel goes first and may refuse; then the range is revoking or free, and not counted any more. */
static err_t take_back(struct mm *mm, const struct range *range, struct mm_client *c)
{
    struct mm_region *r = range->region;
    uint64_t bytes = address_of(range->end - range->begin);
    bool pending = false;
    mm->in_callback = true;
    err_t e = mm->ops->revoke(mm->context, r->cookie, address_of(range->begin - r->first), bytes, &pending);
    mm->in_callback = false;
    if (!err_ok(e)) {
        return e;
    }
    mm_region_change(mm, r, range->begin, range->end, MM_OUT, pending ? TO_WITHHELD : TO_FREE, 0);
    c->used -= bytes;
    mm_own_trim(mm);
    return OK;
}

err_t mm_free(struct mm *mm, mm_client_t client, paddr_t base, uint64_t bytes)
{
    struct range range;
    err_t e = check_range(mm, base, bytes, &range);
    if (!err_ok(e)) {
        return e;
    }
    struct mm_client *c = mm_client_find(mm, client);
    if (!c) {
        return err_make(ERR_NOT_FOUND, client);
    }
    struct run run = mm_region_run(range.region, range.begin);
    if (run.state != MM_OUT) {
        return err_make(ERR_MM_DOUBLE_FREE, base);
    }
    if (run.client != client) {
        return err_make(ERR_MM_FOREIGN, base);
    }
    if (run.begin != range.begin || run.end != range.end) {
        return err_make(ERR_MM_UNKNOWN, base);
    }
    return take_back(mm, &range, c);
}

err_t mm_free_range(struct mm *mm, mm_client_t client, paddr_t base, uint64_t bytes)
{
    if (!mm->in_callback) {
        mm_own_top_up(mm);
    }
    for (;;) {
        struct range range;
        err_t e = check_range(mm, base, bytes, &range);
        if (!err_ok(e)) {
            return e;
        }
        struct mm_client *c = mm_client_find(mm, client);
        if (!c) {
            return err_make(ERR_NOT_FOUND, client);
        }
        e = check_owner(&range, client);
        if (!err_ok(e)) {
            return e;
        }
        unsigned cost = mm_region_cost(range.region, range.begin, range.end, TO_FREE, client);
        if (cost == 0 || mm_own_has(mm, cost)) {
            return take_back(mm, &range, c);
        }
        if (!mm_own_refill(mm, cost)) {
            return err_make(ERR_NO_MEMORY, 0);
        }
    }
}

err_t mm_revoked(struct mm *mm, paddr_t base, uint64_t bytes)
{
    struct range range;
    err_t e = check_range(mm, base, bytes, &range);
    if (!err_ok(e)) {
        return e;
    }
    struct run run = mm_region_run(range.region, range.begin);
    if (run.state != MM_REVOKING) {
        return err_make(ERR_MM_UNKNOWN, base);
    }
    if (run.end < range.end) {
        return err_make(ERR_MM_UNKNOWN, address_of(run.end));
    }
    /* Needs own memory only when a part of what was freed is reported. */
    if (mm->own.free_objects < mm_region_cost(range.region, range.begin, range.end, TO_FREE, 0)) {
        return err_make(ERR_NO_MEMORY, 0);
    }
    mm_region_change(mm, range.region, range.begin, range.end, MM_REVOKING, TO_FREE, 0);
    mm_own_trim(mm);
    return OK;
}

/* Everything that is out in [begin, end), of which nothing descends, is free. */
static err_t reclaim_range(struct mm *mm, struct mm_region *r, page_t begin, page_t end, uint64_t *bytes)
{
    while (begin < end) {
        struct run run = mm_region_run(r, begin);
        page_t stop = run.end < end ? run.end : end;
        if (run.state == MM_OUT) {
            if (mm->own.free_objects < mm_region_cost(r, begin, stop, TO_FREE, 0)) {
                return err_make(ERR_NO_MEMORY, 0);
            }
            mm_region_change(mm, r, begin, stop, MM_OUT, TO_FREE, 0);
            mm_client_find(mm, run.client)->used -= address_of(stop - begin);
            *bytes += address_of(stop - begin);
        }
        begin = stop;
    }
    return OK;
}

/* The next range in [*begin, limit) of which nothing descends. */
static bool next_unused(struct mm *mm, const struct mm_region *r, page_t limit, page_t *begin, page_t *end)
{
    uint64_t offset = 0;
    uint64_t bytes = 0;
    mm->in_callback = true;
    bool found = mm->ops->unused(mm->context, r->cookie, address_of(*begin - r->first), &offset, &bytes);
    mm->in_callback = false;
    uint64_t size = address_of(limit - r->first);
    if (!found || offset >= size || offset < address_of(*begin - r->first)) {
        return false;
    }
    bytes = bytes < size - offset ? bytes : size - offset;
    *begin = r->first + page_of(offset + PAGE_MASK);
    *end = r->first + page_of(offset + bytes);
    return true;
}

/* Before looking, so that what becomes unused behind the walk is reported anew. */
static void acknowledge(struct mm *mm, const struct mm_region *r)
{
    uint64_t offset;
    uint64_t bytes;
    mm->in_callback = true;
    (void)mm->ops->unused(mm->context, r->cookie, address_of(r->end - r->first), &offset, &bytes);
    mm->in_callback = false;
}

err_t mm_reclaim(struct mm *mm, paddr_t base, uint64_t bytes, uint64_t *freed)
{
    *freed = 0;
    struct range range;
    err_t e = check_range(mm, base, bytes, &range);
    if (!err_ok(e)) {
        return e;
    }
    mm_own_top_up(mm);
    struct mm_region *r = range.region;
    acknowledge(mm, r);
    for (page_t at = range.begin; err_ok(e) && at < range.end;) {
        struct run run = mm_region_run(r, at);
        if (run.state != MM_OUT) {
            at = run.end;
            continue;
        }
        page_t end;
        if (!next_unused(mm, r, range.end, &at, &end)) {
            break;
        }
        e = reclaim_range(mm, r, at, end, freed);
        at = end > at ? end : at + 1;
    }
    mm_own_trim(mm);
    return e;
}
