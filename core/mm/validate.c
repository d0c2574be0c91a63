/* SPDX-License-Identifier: MIT */
/* The walkers M1, M2 and M5: everything is counted and computed a second time, page by page. */
#include <mudskipper/pure/walker.h>
#include "internal.h"

struct check {
    struct mm *mm;
    struct walker walker;
    uint64_t pages[3];   /* by enum mm_state */
    uint64_t own_in_use; /* objects */
    uint64_t table_bytes;
};

static void fault(struct check *check, const char *what, uint64_t where)
{
    walker_fault(&check->walker, "mm: %s at 0x%llx\n", what, (unsigned long long)where);
}

static bool expect(struct check *check, bool holds, const char *what, uint64_t where)
{
    if (!holds) {
        fault(check, what, where);
    }
    return holds;
}

/* What the summary of a chunk must say, by looking at one page after the other. */
static struct mm_span measure(struct part p)
{
    struct mm_span s = {0};
    unsigned run = 0;
    for (unsigned page = 0; page < CHUNK_PAGES; page++) {
        bool here = page >= p.low && page < p.high && mm_chunk_state(p, page) == MM_FREE;
        run = here ? run + 1 : 0;
        s.head = run == page + 1 ? run : s.head;
        s.longest = run > s.longest ? run : s.longest;
        for (unsigned k = 0; k <= CHUNK_BITS; k++) {
            if ((page + 1) % (1u << k) == 0 && run >= 1u << k && s.aligned < k + 1) {
                s.aligned = k + 1;
            }
        }
    }
    s.tail = run;
    return s;
}

static bool equal(struct mm_span a, struct mm_span b)
{
    return a.head == b.head && a.longest == b.longest && a.tail == b.tail && a.aligned == b.aligned;
}

static void check_chunk(struct check *check, const struct mm_region *r, chunk_t chunk)
{
    struct part p = mm_region_part(r, chunk);
    uint64_t where = address_of(chunk << CHUNK_BITS);
    expect(check, equal(measure(p), mm_region_span(r, 0, chunk)), "M2 a chunk's summary is wrong", where);
    check->own_in_use += mm_chunk_objects(p.chunk);
    if (p.chunk->kind != CHUNK_MIXED) {
        return;
    }
    expect(check, p.chunk->bits != NULL, "M1 a mixed chunk without page states", where);
    for (unsigned page = 0; page < CHUNK_PAGES; page++) {
        if (page < p.low || page >= p.high) {
            expect(check, mm_chunk_state(p, page) == MM_REVOKING, "M1 a page outside the region is in use",
                   where + address_of(page));
        }
    }
    expect(check, mm_region_span(r, 0, chunk).head != CHUNK_PAGES, "M1 a free chunk kept its page states",
           where);
}

static void check_spans(struct check *check, const struct mm_region *r)
{
    for (unsigned level = 1; level <= r->levels; level++) {
        for (uint64_t i = r->chunk_first >> level; i <= r->chunk_last >> level; i++) {
            expect(check, equal(mm_region_join(r, level, i), mm_region_span(r, level, i)),
                   "M2 a span's summary is wrong", address_of(i << (level + CHUNK_BITS)));
        }
    }
}

/* Extents tile the region; blocks have living owners. */
static void check_extents(struct check *check, const struct mm_region *r)
{
    uint64_t pages_free = 0;
    enum mm_state before = MM_OUT;
    for (page_t at = r->first; at < r->end;) {
        struct run run = mm_region_run(r, at);
        if (!expect(check, run.begin == at && run.end > at && run.end <= r->end, "M1 extents do not tile",
                    address_of(at))) {
            return;
        }
        expect(check, run.state == MM_OUT || run.state != before || at == r->first,
               "M2 a free or revoking extent is not whole", address_of(at));
        struct mm_client *c = run.state == MM_OUT ? mm_client_find(check->mm, run.client) : NULL;
        expect(check, run.state != MM_OUT || c != NULL, "M5 a block without an account", address_of(at));
        if (c) {
            c->counted += address_of(run.end - run.begin);
        }
        check->pages[run.state] += run.end - run.begin;
        pages_free += run.state == MM_FREE ? run.end - run.begin : 0;
        before = run.state;
        at = run.end;
    }
    expect(check, pages_free == r->pages_free, "M1 a region's free pages are counted wrong",
           address_of(r->first));
}

static void check_regions(struct check *check)
{
    page_t end = 0;
    uint64_t count = 0;
    TREE_FOREACH(n, &check->mm->regions)
    {
        struct mm_region *r = CONTAINER_OF(n, struct mm_region, node);
        uint64_t longest_below = r->longest_below;
        mm_region_augment(n);
        expect(check, longest_below == r->longest_below, "M2 the tree of regions says another longest run",
               address_of(r->first));
        expect(check, r->first >= end && r->end > r->first, "M1 regions overlap", address_of(r->first));
        for (chunk_t chunk = r->chunk_first; chunk <= r->chunk_last; chunk++) {
            check_chunk(check, r, chunk);
        }
        check_spans(check, r);
        check_extents(check, r);
        check->table_bytes += r->table_bytes;
        count++;
        end = r->end;
    }
    expect(check, count == check->mm->region_count, "M1 the number of regions is wrong", count);
}

static void check_clients(struct check *check)
{
    uint64_t sum = 0;
    uint64_t count = 0;
    TREE_FOREACH(n, &check->mm->clients)
    {
        const struct mm_client *c = CONTAINER_OF(n, struct mm_client, node);
        expect(check, c->counted == c->used, "M2 an account differs from what is out, client", c->number);
        expect(check, c->used <= c->quota, "M5 a quota is exceeded, client", c->number);
        sum += c->used;
        count++;
    }
    expect(check, sum == address_of(check->mm->pages_out), "M2 the accounts differ from what is out", sum);
    expect(check, count == check->mm->client_count, "M5 the number of clients is wrong", count);
    check->own_in_use += count;
}

uint64_t mm_validate(struct mm *mm, format_sink_t sink, void *context)
{
    struct check check = {.mm = mm, .walker = {sink, context, 0}};
    TREE_FOREACH(n, &mm->clients)
    {
        CONTAINER_OF(n, struct mm_client, node)->counted = 0;
    }
    check_regions(&check);
    check_clients(&check);
    expect(&check, check.pages[MM_FREE] == mm->pages_free, "M1 free pages are counted wrong", mm->pages_free);
    expect(&check, check.pages[MM_OUT] == mm->pages_out, "M1 pages out are counted wrong", mm->pages_out);
    expect(&check, check.pages[MM_REVOKING] == mm->pages_revoking, "M1 revoking pages are counted wrong",
           mm->pages_revoking);
    expect(&check, check.table_bytes == mm->table_bytes, "M1 table bytes are counted wrong", mm->table_bytes);
    expect(&check, slab_check(&mm->own, check.own_in_use) == 0, "own memory does not tile its pages",
           mm->own.pages);
    return check.walker.faults;
}
