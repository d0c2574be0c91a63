/* SPDX-License-Identifier: MIT */
/* Regions come and go. A region's table:
 *
 *   +-----------+------------------------+--------------------+----------+----------+- … -+------+
 *   | mm_region | pointers to the levels | chunks             | level 1  | level 2  |     | root |
 *   +-----------+------------------------+--------------------+----------+----------+- … -+------+
 */
#include "internal.h"

#define PAGES_MAX ((uint64_t)1 << 32) /* what the 32-bit page counts of a span can hold */

/* Whole pairs: see span_base. */
static uint64_t spans_of(chunk_t first, chunk_t last, unsigned level)
{
    return (last >> level | 1) - (first >> level & ~(uint64_t)1) + 1;
}

struct layout {
    chunk_t first, last;
    unsigned levels;
    size_t chunks; /* offset */
    size_t spans;  /* offset of level 1 */
    size_t bytes;
};

static struct layout layout_of(page_t first, page_t end)
{
    struct layout l = {.first = first >> CHUNK_BITS, .last = (end - 1) >> CHUNK_BITS};
    while (l.first >> l.levels != l.last >> l.levels) {
        l.levels++;
    }
    l.chunks = sizeof(struct mm_region) + l.levels * sizeof(struct mm_span *);
    l.spans = l.chunks + (l.last - l.first + 1) * sizeof(struct mm_chunk);
    l.bytes = l.spans;
    for (unsigned level = 1; level <= l.levels; level++) {
        l.bytes += spans_of(l.first, l.last, level) * sizeof(struct mm_span);
    }
    return l;
}

static bool valid(paddr_t base, uint64_t bytes)
{
    return ((base | bytes) & PAGE_MASK) == 0 && bytes != 0 && base <= UINT64_MAX - bytes;
}

size_t mm_table_bytes(paddr_t base, uint64_t bytes)
{
    return valid(base, bytes) ? layout_of(page_of(base), page_of(base + bytes)).bytes : 0;
}

static void fill(struct mm_region *r, const struct layout *l)
{
    char *table = (char *)r;
    r->chunks = (struct mm_chunk *)(void *)(table + l->chunks);
    struct mm_span *span = (struct mm_span *)(void *)(table + l->spans);
    for (chunk_t c = l->first; c <= l->last; c++) {
        mm_chunk_reset(mm_region_part(r, c));
    }
    for (unsigned level = 1; level <= l->levels; level++) {
        uint64_t count = spans_of(l->first, l->last, level);
        r->span[level - 1] = span;
        mem_set(span, 0, count * sizeof(*span));
        for (uint64_t i = l->first >> level; i <= l->last >> level; i++) {
            *span_at(r, level, i) = mm_region_join(r, level, i);
        }
        span += count;
    }
}

static int compare(const struct tree_node *a, const struct tree_node *b)
{
    page_t x = CONTAINER_OF((struct tree_node *)a, struct mm_region, node)->first;
    page_t y = CONTAINER_OF((struct tree_node *)b, struct mm_region, node)->first;
    return (x > y) - (x < y);
}

static err_t check_region(const struct mm *mm, paddr_t base, uint64_t bytes)
{
    if (mm->in_callback) {
        return err_make(ERR_BUSY, 0);
    }
    if (bytes == 0 || (bytes & PAGE_MASK) != 0 || bytes >> PAGE_SHIFT >= PAGES_MAX) {
        return err_make(ERR_MM_SIZE, bytes);
    }
    if ((base & PAGE_MASK) != 0) {
        return err_make(ERR_UNALIGNED, base);
    }
    if (base > UINT64_MAX - bytes) {
        return err_make(ERR_OUT_OF_RANGE, base);
    }
    const struct mm_region *r = mm_region_after(mm, page_of(base));
    if (r && r->first < page_of(base + bytes)) {
        return err_make(ERR_MM_OVERLAP, address_of(r->first));
    }
    return OK;
}

err_t mm_add(struct mm *mm, paddr_t base, uint64_t bytes, uint64_t region, void *table)
{
    err_t e = check_region(mm, base, bytes);
    if (!err_ok(e)) {
        return e;
    }
    struct layout l = layout_of(page_of(base), page_of(base + bytes));
    struct mm_region *r = table;
    *r = (struct mm_region){
        .cookie = region,
        .first = page_of(base),
        .end = page_of(base + bytes),
        .chunk_first = l.first,
        .chunk_last = l.last,
        .pages_free = page_of(bytes),
        .table_bytes = l.bytes,
        .levels = l.levels,
    };
    fill(r, &l);
    tree_insert(&mm->regions, &r->node, compare);
    mm->region_count++;
    mm->pages_free += page_of(bytes);
    mm->table_bytes += l.bytes;
    return OK;
}

err_t mm_remove(struct mm *mm, paddr_t base)
{
    struct mm_region *r = mm_region_at(mm, page_of(base));
    if (mm->in_callback) {
        return err_make(ERR_BUSY, 0);
    }
    if (!r || address_of(r->first) != base) {
        return err_make(ERR_MM_UNKNOWN, base);
    }
    if (r->pages_free != r->end - r->first) {
        return err_make(ERR_BUSY, address_of(r->end - r->first - r->pages_free));
    }
    tree_remove(&mm->regions, &r->node);
    mm->region_count--;
    mm->pages_free -= r->pages_free;
    mm->table_bytes -= r->table_bytes;
    return OK;
}
