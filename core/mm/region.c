/* SPDX-License-Identifier: MIT */
/* One region: its chunks, and above them the levels of spans that find a place in O(log n).
 *
 * A span of level l is the 2^l chunks whose numbers, shifted right by l, are its index. Numbers are absolute,
 * so a span is naturally aligned in physical memory and `aligned` holds beyond one chunk too. */
#include "internal.h"

static const struct mm_region *region_of(const struct tree_node *n)
{
    return CONTAINER_OF(n, struct mm_region, node);
}

/* ---- spans ---- */

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* Two neighbours of one level make one of level `level`. */
static inline struct mm_span join(const struct mm_span *left, const struct mm_span *right, unsigned level)
{
    uint64_t half = (uint64_t)CHUNK_PAGES << (level - 1);
    bool left_whole = left->head == half;
    bool right_whole = right->head == half;
    return (struct mm_span){
        .head = left->head + (left_whole ? right->head : 0),
        .longest = larger(larger(left->longest, right->longest), left->tail + right->head),
        .tail = right->tail + (right_whole ? left->tail : 0),
        .aligned = left_whole && right_whole ? 1 + CHUNK_BITS + level : larger(left->aligned, right->aligned),
    };
}

struct mm_span mm_region_join(const struct mm_region *r, unsigned level, uint64_t index)
{
    if (level > 1) {
        const struct mm_span *halves = span_at(r, level - 1, 2 * index);
        return join(&halves[0], &halves[1], level);
    }
    struct mm_span left = mm_region_span(r, 0, 2 * index);
    struct mm_span right = mm_region_span(r, 0, 2 * index + 1);
    return join(&left, &right, level);
}

static struct mm_span root(const struct mm_region *r)
{
    return mm_region_span(r, r->levels, r->chunk_first >> r->levels);
}

static bool same(const struct mm_span *a, const struct mm_span *b)
{
    return a->head == b->head && a->longest == b->longest && a->tail == b->tail && a->aligned == b->aligned;
}

/* The chunks [first, last] changed: everything above them is computed anew, as far up as anything differs. */
static void update_spans(struct mm_region *r, chunk_t first, chunk_t last)
{
    for (unsigned level = 1; level <= r->levels; level++) {
        bool differs = false;
        for (uint64_t i = first >> level; i <= last >> level; i++) {
            struct mm_span *s = span_at(r, level, i);
            struct mm_span now = mm_region_join(r, level, i);
            differs = differs || !same(s, &now);
            *s = now;
        }
        if (!differs) {
            return;
        }
    }
}

/* ---- the tree of regions ---- */

void mm_region_augment(struct tree_node *n)
{
    struct mm_region *r = CONTAINER_OF(n, struct mm_region, node);
    r->longest_below = root(r).longest;
    for (unsigned i = 0; i < 2; i++) {
        if (n->child[i] && region_of(n->child[i])->longest_below > r->longest_below) {
            r->longest_below = region_of(n->child[i])->longest_below;
        }
    }
}

/* Does the page lie before, in or behind the region? */
static int compare_page(const void *key, const struct tree_node *n)
{
    page_t page = *(const page_t *)key;
    return page < region_of(n)->first ? -1 : page >= region_of(n)->end;
}

struct mm_region *mm_region_at(const struct mm *mm, page_t page)
{
    struct tree_node *n = tree_find(&mm->regions, &page, compare_page);
    return n ? CONTAINER_OF(n, struct mm_region, node) : NULL;
}

struct mm_region *mm_region_after(const struct mm *mm, page_t page)
{
    struct tree_node *n = tree_at_least(&mm->regions, &page, compare_page);
    return n ? CONTAINER_OF(n, struct mm_region, node) : NULL;
}

struct part mm_region_part(const struct mm_region *r, chunk_t chunk)
{
    page_t begin = chunk << CHUNK_BITS;
    page_t end = begin + CHUNK_PAGES;
    return (struct part){
        .chunk = &r->chunks[chunk - r->chunk_first],
        .low = r->first > begin ? (unsigned)(r->first - begin) : 0,
        .high = r->end < end ? (unsigned)(r->end - begin) : CHUNK_PAGES,
    };
}

/* ---- finding a place ---- */

struct want mm_want_make(uint64_t pages, uint64_t align)
{
    /* A place holds a naturally aligned power of two of pages: as large as fits at its beginning. */
    uint64_t smaller = pages < align ? pages : align;
    return (struct want){.pages = pages, .align = align, .aligned = 64 - (unsigned)__builtin_clzll(smaller)};
}

/* Another client has memory here, and the one who asks has none that we know of. */
static bool others(const struct mm_chunk *c, mm_client_t client)
{
    return c->kind == CHUNK_MIXED && !(c->many == OWNERS_ONE && c->client == client);
}

static bool find_in_chunk(const struct mm_region *r, chunk_t chunk, struct want *w, page_t *at)
{
    struct part p = mm_region_part(r, chunk);
    if (w->fussy && others(p.chunk, w->client)) {
        w->patience--;
        return false;
    }
    unsigned found =
        mm_chunk_find(p, (unsigned)w->pages, w->align < CHUNK_PAGES ? (unsigned)w->align : CHUNK_PAGES);
    if (found == CHUNK_PAGES || (((chunk << CHUNK_BITS) + found) & (w->align - 1)) != 0) {
        return false;
    }
    *at = (chunk << CHUNK_BITS) + found;
    return true;
}

/* The lowest place inside a span. Only spans are entered that have enough in one piece and a large enough
 * aligned piece. For align = 1, and for pages = align, that means success; otherwise a way down may end in
 * vain, when the long piece and the aligned one are not the same. */
static bool find_in(const struct mm_region *r, unsigned level, uint64_t index, struct want *w, page_t *at)
{
    struct mm_span s = mm_region_span(r, level, index);
    if (s.longest < w->pages || s.aligned < w->aligned || (w->fussy && w->patience == 0)) {
        return false;
    }
    if (level == 0) {
        return find_in_chunk(r, index, w, at);
    }
    if (find_in(r, level - 1, 2 * index, w, at)) {
        return true;
    }
    struct mm_span left = mm_region_span(r, level - 1, 2 * index);
    struct mm_span right = mm_region_span(r, level - 1, 2 * index + 1);
    page_t middle = (2 * index + 1) << (level - 1 + CHUNK_BITS);
    page_t begin = (middle - left.tail + w->align - 1) & ~(w->align - 1);
    if (!w->fussy && begin < middle && begin + w->pages <= middle + right.head) {
        *at = begin;
        return true;
    }
    return find_in(r, level - 1, 2 * index + 1, w, at);
}

static bool find_below(const struct tree_node *n, struct want *w, page_t *at)
{
    if (!n || region_of(n)->longest_below < w->pages) {
        return false;
    }
    const struct mm_region *r = region_of(n);
    return find_below(n->child[0], w, at) || find_in(r, r->levels, r->chunk_first >> r->levels, w, at) ||
           find_below(n->child[1], w, at);
}

bool mm_regions_find(const struct mm *mm, struct want *want, page_t *at)
{
    return find_below(mm->regions.root, want, at);
}

/* ---- changing pages ---- */

/* The pages of [begin, end) that lie in `chunk`, counted from the chunk's first. */
static void clip(chunk_t chunk, page_t begin, page_t end, unsigned *low, unsigned *high)
{
    page_t base = chunk << CHUNK_BITS;
    *low = begin > base ? (unsigned)(begin - base) : 0;
    *high = end < base + CHUNK_PAGES ? (unsigned)(end - base) : CHUNK_PAGES;
}

unsigned mm_region_cost(const struct mm_region *r, page_t begin, page_t end, enum change to,
                        mm_client_t client)
{
    chunk_t first = begin >> CHUNK_BITS;
    chunk_t last = (end - 1) >> CHUNK_BITS;
    unsigned low, high;
    clip(first, begin, end, &low, &high);
    unsigned cost = mm_chunk_cost(mm_region_part(r, first), low, high, to, client);
    if (last != first) {
        clip(last, begin, end, &low, &high);
        cost += mm_chunk_cost(mm_region_part(r, last), low, high, to, client);
    }
    return cost;
}

static uint64_t *counter(struct mm *mm, enum mm_state s)
{
    return s == MM_FREE ? &mm->pages_free : s == MM_OUT ? &mm->pages_out : &mm->pages_revoking;
}

static void count(struct mm *mm, struct mm_region *r, uint64_t pages, enum mm_state from, enum change to)
{
    *counter(mm, from) -= pages;
    *counter(mm, to == TO_FREE ? MM_FREE : to == TO_OUT ? MM_OUT : MM_REVOKING) += pages;
    r->pages_free -= from == MM_FREE ? pages : 0;
    r->pages_free += to == TO_FREE ? pages : 0;
}

/* What is left of a block whose beginning was taken away begins here. */
static void split_at(struct mm_region *r, page_t page)
{
    if (page >= r->end) {
        return;
    }
    struct part p = mm_region_part(r, page >> CHUNK_BITS);
    unsigned in_chunk = page % CHUNK_PAGES;
    if (mm_chunk_state(p, in_chunk) == MM_OUT && !mm_chunk_first(p, in_chunk)) {
        mm_chunk_split(p, in_chunk);
    }
}

void mm_region_change(struct mm *mm, struct mm_region *r, page_t begin, page_t end, enum mm_state from,
                      enum change to, mm_client_t client)
{
    chunk_t first = begin >> CHUNK_BITS;
    chunk_t last = (end - 1) >> CHUNK_BITS;
    for (chunk_t chunk = first; chunk <= last; chunk++) {
        struct part p = mm_region_part(r, chunk);
        unsigned low, high;
        clip(chunk, begin, end, &low, &high);
        low = low > p.low ? low : p.low;
        high = high < p.high ? high : p.high;
        mm_chunk_change(mm, p, low, high, to, client, chunk == first);
    }
    if (from == MM_OUT) {
        split_at(r, end);
    }
    count(mm, r, end - begin, from, to);
    uint32_t longest = root(r).longest;
    update_spans(r, first, last);
    if (r->levels == 0 || root(r).longest != longest) {
        tree_changed(&mm->regions, &r->node);
    }
}

/* ---- extents ---- */

static page_t run_begin(const struct mm_region *r, page_t page, enum mm_state s)
{
    for (;;) {
        chunk_t chunk = page >> CHUNK_BITS;
        struct part p = mm_region_part(r, chunk);
        page_t begin = (chunk << CHUNK_BITS) + mm_chunk_extent_begin(p, page % CHUNK_PAGES);
        bool complete = begin == r->first || begin != chunk << CHUNK_BITS ||
                        (s == MM_OUT && mm_chunk_first(p, begin % CHUNK_PAGES));
        if (complete || mm_chunk_state(mm_region_part(r, chunk - 1), CHUNK_PAGES - 1) != s) {
            return begin;
        }
        page = begin - 1;
    }
}

static page_t run_end(const struct mm_region *r, page_t page, enum mm_state s)
{
    for (;;) {
        chunk_t chunk = page >> CHUNK_BITS;
        page_t end =
            (chunk << CHUNK_BITS) + mm_chunk_extent_end(mm_region_part(r, chunk), page % CHUNK_PAGES);
        if (end == r->end || end % CHUNK_PAGES != 0) {
            return end;
        }
        struct part next = mm_region_part(r, chunk + 1);
        if (mm_chunk_state(next, 0) != s || (s == MM_OUT && mm_chunk_first(next, 0))) {
            return end;
        }
        page = end;
    }
}

struct run mm_region_run(const struct mm_region *r, page_t page)
{
    struct part p = mm_region_part(r, page >> CHUNK_BITS);
    enum mm_state s = mm_chunk_state(p, page % CHUNK_PAGES);
    return (struct run){
        .begin = run_begin(r, page, s),
        .end = run_end(r, page, s),
        .state = s,
        .client = s == MM_OUT ? mm_chunk_client(p, page % CHUNK_PAGES) : 0,
    };
}
