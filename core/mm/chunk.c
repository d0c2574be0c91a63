/* SPDX-License-Identifier: MIT */
/* One chunk: 512 pages, their states and the summary of what is available. */
#include <mudskipper/pure/bitmap.h>
#include "internal.h"

#define WORDS BITMAP_WORDS(CHUNK_PAGES)

/* ---- what a page is ---- */

static const enum mm_state uniform[] = {
    [CHUNK_FREE] = MM_FREE,
    [CHUNK_OUT] = MM_OUT,
    [CHUNK_OUT_FIRST] = MM_OUT,
    [CHUNK_WITHHELD] = MM_REVOKING,
};

enum mm_state mm_chunk_state(struct part p, unsigned page)
{
    const struct mm_chunk *c = p.chunk;
    if (c->kind != CHUNK_MIXED) {
        return uniform[c->kind];
    }
    return bitmap_test(c->bits->out, page)    ? MM_OUT
           : bitmap_test(c->bits->mark, page) ? MM_REVOKING
                                              : MM_FREE;
}

bool mm_chunk_first(struct part p, unsigned page)
{
    switch ((enum chunk_kind)p.chunk->kind) {
    case CHUNK_OUT_FIRST:
        return page == p.low;
    case CHUNK_MIXED:
        return bitmap_test(p.chunk->bits->mark, page);
    case CHUNK_FREE:
    case CHUNK_OUT:
    case CHUNK_WITHHELD:
        break;
    }
    return false;
}

mm_client_t mm_chunk_client(struct part p, unsigned page)
{
    return p.chunk->kind == CHUNK_MIXED ? mm_owners_get(p.chunk, page) : p.chunk->client;
}

/* Bit i of the result: page word*64+i cannot continue an extent of state `s`. */
static uint64_t breaks(const struct mm_bits *b, unsigned word, enum mm_state s)
{
    switch (s) {
    case MM_OUT:
        return ~b->out[word] | b->mark[word];
    case MM_REVOKING:
        return b->out[word] | ~b->mark[word];
    case MM_FREE:
        break;
    }
    return b->out[word] | b->mark[word];
}

unsigned mm_chunk_extent_end(struct part p, unsigned page)
{
    unsigned next = page + 1;
    if (p.chunk->kind != CHUNK_MIXED || next >= p.high) {
        return p.high;
    }
    enum mm_state s = mm_chunk_state(p, page);
    uint64_t considered = ~(uint64_t)0 << next % 64;
    for (unsigned w = next / 64; w < WORDS; w++) {
        uint64_t found = breaks(p.chunk->bits, w, s) & considered;
        if (found) {
            unsigned end = w * 64 + (unsigned)__builtin_ctzll(found);
            return end < p.high ? end : p.high;
        }
        considered = ~(uint64_t)0;
    }
    return p.high;
}

unsigned mm_chunk_extent_begin(struct part p, unsigned page)
{
    if (p.chunk->kind != CHUNK_MIXED) {
        return p.low;
    }
    enum mm_state s = mm_chunk_state(p, page);
    while (page > p.low && !(s == MM_OUT && mm_chunk_first(p, page)) && mm_chunk_state(p, page - 1) == s) {
        page--;
    }
    return page;
}

/* ---- what is available ---- */

/* Bit set: the page is not available. */
static void busy_of(struct part p, uint64_t busy[WORDS])
{
    const struct mm_chunk *c = p.chunk;
    if (c->kind == CHUNK_MIXED) {
        for (unsigned w = 0; w < WORDS; w++) {
            busy[w] = c->bits->out[w] | c->bits->mark[w];
        }
        return;
    }
    mem_set(busy, 0xff, WORDS * sizeof(busy[0]));
    if (c->kind == CHUNK_FREE) {
        bitmap_clear_range(busy, p.low, p.high - p.low);
    }
}

unsigned mm_chunk_find(struct part p, unsigned pages, unsigned align)
{
    uint64_t busy[WORDS];
    busy_of(p, busy);
    size_t found = bitmap_find_clear_range(busy, CHUNK_PAGES, 0, pages, align);
    return found == BITMAP_NONE ? CHUNK_PAGES : (unsigned)found;
}

/* to = from & (more >> shift): a run of a begins here, and a run of b follows at once. True: any bit is left.
 */
static bool follow(uint64_t to[WORDS], const uint64_t from[WORDS], const uint64_t more[WORDS], unsigned shift)
{
    unsigned words = shift / 64;
    unsigned bits = shift % 64;
    uint64_t any = 0;
    for (unsigned w = 0; w < WORDS; w++) {
        uint64_t low = w + words < WORDS ? more[w + words] >> bits : 0;
        uint64_t high = bits && w + words + 1 < WORDS ? more[w + words + 1] << (64 - bits) : 0;
        to[w] = from[w] & (low | high);
        any |= to[w];
    }
    return any != 0;
}

/* Is there a run of 2^k pages that begins at a multiple of 2^k? runs has the beginnings of all runs of 2^k.
 */
static bool any_aligned(const uint64_t runs[WORDS], unsigned k)
{
    static const uint64_t multiples[] = {~(uint64_t)0,
                                         0x5555555555555555,
                                         0x1111111111111111,
                                         0x0101010101010101,
                                         0x0001000100010001,
                                         0x0000000100000001,
                                         1};
    uint64_t mask = multiples[k < 6 ? k : 6];
    unsigned step = k <= 6 ? 1 : 1u << (k - 6);
    uint64_t any = 0;
    for (unsigned w = 0; w < WORDS; w += step) {
        any |= runs[w] & mask;
    }
    return any != 0;
}

/* 1 + log2 of the largest aligned power of two inside [begin, end): at most one below the largest that is as
 * long. */
static unsigned aligned_in(unsigned begin, unsigned end)
{
    unsigned k = 31 - (unsigned)__builtin_clz(end - begin);
    unsigned first = (begin + (1u << k) - 1) & ~((1u << k) - 1);
    return first + (1u << k) <= end ? 1 + k : k;
}

#define FEW_RUNS 8u /* about where both ways cost the same */

/* One run after the other: quick while they are few, else given up. */
static bool measure_few(struct mm_chunk *c, const uint64_t busy[WORDS])
{
    size_t begin = bitmap_find_clear(busy, CHUNK_PAGES, 0);
    for (unsigned i = 0; i < FEW_RUNS && begin != BITMAP_NONE; i++) {
        size_t end = bitmap_find_set(busy, CHUNK_PAGES, begin);
        end = end == BITMAP_NONE ? CHUNK_PAGES : end;
        unsigned aligned = aligned_in((unsigned)begin, (unsigned)end);
        c->longest = (uint16_t)(end - begin > c->longest ? end - begin : c->longest);
        c->aligned = (uint8_t)(aligned > c->aligned ? aligned : c->aligned);
        begin = end == CHUNK_PAGES ? BITMAP_NONE : bitmap_find_clear(busy, CHUNK_PAGES, end);
    }
    return begin == BITMAP_NONE;
}

/* All runs at once, by doubling: runs[k] has bit i when 2^k pages from i on are available. */
static void measure_all(struct mm_chunk *c, const uint64_t busy[WORDS])
{
    uint64_t runs[CHUNK_BITS + 1][WORDS];
    for (unsigned w = 0; w < WORDS; w++) {
        runs[0][w] = ~busy[w];
    }
    unsigned k = 0;
    while (k < CHUNK_BITS && follow(runs[k + 1], runs[k], runs[k], 1u << k)) {
        k++;
    }
    unsigned longest = 1u << k;
    unsigned aligned = k;
    while (!any_aligned(runs[aligned], aligned)) {
        aligned--;
    }
    uint64_t longer[WORDS];
    for (unsigned j = k; j-- > 0;) {
        if (follow(longer, runs[k], runs[j], longest)) {
            mem_copy(runs[k], longer, sizeof(longer));
            longest += 1u << j;
        }
    }
    c->longest = (uint16_t)longest;
    c->aligned = (uint8_t)(1 + aligned);
}

static void measure(struct mm_chunk *c, const uint64_t busy[WORDS])
{
    c->longest = c->aligned = 0;
    if (!measure_few(c, busy)) {
        measure_all(c, busy);
    }
}

static unsigned count_tail(const uint64_t busy[WORDS])
{
    for (unsigned w = WORDS; w-- > 0;) {
        if (busy[w]) {
            return CHUNK_PAGES - (w * 64 + 64 - (unsigned)__builtin_clzll(busy[w]));
        }
    }
    return CHUNK_PAGES;
}

static void summarise(struct part p)
{
    struct mm_chunk *c = p.chunk;
    uint64_t busy[WORDS];
    busy_of(p, busy);
    size_t head = bitmap_find_set(busy, CHUNK_PAGES, 0);
    c->head = (uint16_t)(head == BITMAP_NONE ? CHUNK_PAGES : head);
    c->tail = (uint16_t)count_tail(busy);
    measure(c, busy);
}

/* First page of the available run that ends at `end`, which may be no run at all. */
static unsigned run_begin(const uint64_t busy[WORDS], unsigned end)
{
    while (end > 0) {
        unsigned in_word = (end - 1) % 64 + 1;
        uint64_t below = busy[(end - 1) / 64] << (64 - in_word);
        if (below) {
            return end - (unsigned)__builtin_clzll(below);
        }
        end -= in_word;
    }
    return 0;
}

static unsigned run_end(const uint64_t busy[WORDS], unsigned begin)
{
    size_t end = bitmap_find_set(busy, CHUNK_PAGES, begin);
    return end == BITMAP_NONE ? CHUNK_PAGES : (unsigned)end;
}

/* [begin, end) was available and is not any more: only when it lay in a run that may have been the longest,
 * or held the largest aligned piece, must all be looked at. `busy` is as it was before. */
static void summarise_taken(struct part p, uint64_t busy[WORDS], unsigned begin, unsigned end)
{
    struct mm_chunk *c = p.chunk;
    unsigned low = run_begin(busy, begin);
    unsigned high = run_end(busy, begin);
    bitmap_set_range(busy, begin, end - begin);
    c->head = (uint16_t)(low == 0 ? begin : c->head);
    c->tail = (uint16_t)(high == CHUNK_PAGES ? CHUNK_PAGES - end : c->tail);
    if (high - low >= c->longest || aligned_in(low, high) >= c->aligned) {
        measure(c, busy);
    }
}

/* [begin, end) has become available. `busy` is as it was before. */
static void summarise_freed(struct part p, const uint64_t busy[WORDS], unsigned begin, unsigned end)
{
    struct mm_chunk *c = p.chunk;
    unsigned low = run_begin(busy, begin);
    unsigned high = run_end(busy, end);
    unsigned aligned = aligned_in(low, high);
    c->head = (uint16_t)(low == 0 ? high : c->head);
    c->tail = (uint16_t)(high == CHUNK_PAGES ? CHUNK_PAGES - low : c->tail);
    c->longest = (uint16_t)(high - low > c->longest ? high - low : c->longest);
    c->aligned = (uint8_t)(aligned > c->aligned ? aligned : c->aligned);
}

/* ---- changes ---- */

void mm_chunk_reset(struct part p)
{
    *p.chunk = (struct mm_chunk){.kind = CHUNK_FREE};
    summarise(p);
}

unsigned mm_chunk_cost(struct part p, unsigned begin, unsigned end, enum change to, mm_client_t client)
{
    if (begin == p.low && end == p.high) {
        return 0;
    }
    if (p.chunk->kind != CHUNK_MIXED) {
        return 1;
    }
    return to == TO_OUT ? mm_owners_cost(p.chunk, client) : 0;
}

/* The chunk's pages are no longer all alike. */
static void open(struct mm *mm, struct part p)
{
    struct mm_chunk *c = p.chunk;
    if (c->kind == CHUNK_MIXED) {
        return;
    }
    struct mm_bits *b = slab_take(&mm->own);
    bitmap_set_range(b->mark, 0, p.low);
    bitmap_set_range(b->mark, p.high, CHUNK_PAGES - p.high);
    if (c->kind == CHUNK_WITHHELD) {
        bitmap_set_range(b->mark, p.low, p.high - p.low);
    } else if (c->kind != CHUNK_FREE) {
        bitmap_set_range(b->out, p.low, p.high - p.low);
        if (c->kind == CHUNK_OUT_FIRST) {
            bitmap_set(b->mark, p.low);
        }
    }
    c->kind = CHUNK_MIXED;
    c->many = OWNERS_ONE;
    c->bits = b;
}

static void close(struct mm *mm, struct mm_chunk *c, enum chunk_kind kind, mm_client_t client)
{
    if (c->kind == CHUNK_MIXED) {
        mm_owners_drop(mm, c);
        slab_put(&mm->own, c->bits);
        c->bits = NULL;
    }
    c->kind = kind;
    c->client = client;
}

/* What no page needs any more goes. */
static void settle(struct mm *mm, struct part p)
{
    struct mm_bits *b = p.chunk->bits;
    if (bitmap_find_set(b->out, CHUNK_PAGES, 0) != BITMAP_NONE) {
        return;
    }
    mm_owners_drop(mm, p.chunk);
    if (bitmap_find_set(b->mark, p.high, p.low) == BITMAP_NONE) {
        close(mm, p.chunk, CHUNK_FREE, 0);
    }
}

static void change_pages(struct mm *mm, struct part p, unsigned begin, unsigned end, enum change to,
                         mm_client_t client, bool first)
{
    struct mm_bits *b = p.chunk->bits;
    switch (to) {
    case TO_FREE:
        bitmap_clear_range(b->out, begin, end - begin);
        bitmap_clear_range(b->mark, begin, end - begin);
        break;
    case TO_WITHHELD:
        bitmap_clear_range(b->out, begin, end - begin);
        bitmap_set_range(b->mark, begin, end - begin);
        break;
    case TO_OUT:
        mm_owners_set(mm, p.chunk, begin, end, client);
        bitmap_set_range(b->out, begin, end - begin);
        if (first) {
            bitmap_set(b->mark, begin);
        }
        break;
    }
}

static void change_whole(struct mm *mm, struct part p, enum change to, mm_client_t client, bool first)
{
    if (to == TO_FREE) {
        close(mm, p.chunk, CHUNK_FREE, 0);
        summarise(p);
        return;
    }
    close(mm, p.chunk, to == TO_WITHHELD ? CHUNK_WITHHELD : first ? CHUNK_OUT_FIRST : CHUNK_OUT, client);
    p.chunk->head = p.chunk->longest = p.chunk->tail = p.chunk->aligned = 0;
}

void mm_chunk_change(struct mm *mm, struct part p, unsigned begin, unsigned end, enum change to,
                     mm_client_t client, bool first)
{
    if (begin == p.low && end == p.high) {
        change_whole(mm, p, to, client, first);
        return;
    }
    uint64_t busy[WORDS];
    busy_of(p, busy);
    open(mm, p);
    change_pages(mm, p, begin, end, to, client, first);
    if (to == TO_OUT) {
        summarise_taken(p, busy, begin, end);
    } else if (to == TO_FREE) {
        summarise_freed(p, busy, begin, end);
    }
    settle(mm, p);
}

void mm_chunk_split(struct part p, unsigned page)
{
    struct mm_chunk *c = p.chunk;
    if (c->kind == CHUNK_MIXED) {
        bitmap_set(c->bits->mark, page);
    } else {
        c->kind = CHUNK_OUT_FIRST;
    }
}
