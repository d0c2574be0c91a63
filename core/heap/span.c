/* SPDX-License-Identifier: MIT */
/* Runs of pages. Free ones are dirty (used before, still resident) or clean (they read as zero); only alike
 * ones are joined, so that giving back never walks over pages that were never touched. The best fit is taken,
 * dirty before clean. */
#include "internal.h"

#define KEPT_PAGES 256u /* dirty pages that are always kept: 1 MiB */
#define KEPT_SHARE 8u   /* and this part of what is in use */

static struct heap_page *page_of(const struct tree_node *n)
{
    return CONTAINER_OF((struct tree_node *)n, struct heap_page, node);
}

/* By size, then by address, which is the order of descriptors. */
static int compare(const struct tree_node *a, const struct tree_node *b)
{
    const struct heap_page *x = page_of(a);
    const struct heap_page *y = page_of(b);
    return x->pages != y->pages ? (x->pages > y->pages) - (x->pages < y->pages) : (x > y) - (x < y);
}

static int compare_size(const void *key, const struct tree_node *n)
{
    uint32_t pages = *(const uint32_t *)key;
    uint32_t has = page_of(n)->pages;
    return (pages > has) - (pages < has);
}

static size_t *free_figure(struct heap *h, unsigned which)
{
    return which == DIRTY ? &h->figures.dirty : &h->figures.clean;
}

static void insert(struct heap *h, uint32_t first, uint32_t pages, unsigned which)
{
    struct heap_page *p = &h->page[first];
    p->kind = which == DIRTY ? PAGE_DIRTY : PAGE_CLEAN;
    p->pages = pages;
    if (pages > 1) {
        p[pages - 1].kind = PAGE_TAIL;
        p[pages - 1].pages = pages - 1;
    }
    tree_insert(&h->free[which], &p->node, compare);
    *free_figure(h, which) += page_bytes(pages);
}

static void take_out(struct heap *h, uint32_t first, unsigned which)
{
    struct heap_page *p = &h->page[first];
    tree_remove(&h->free[which], &p->node);
    *free_figure(h, which) -= page_bytes(p->pages);
    p->kind = PAGE_NONE;
    if (p->pages > 1) {
        p[p->pages - 1].kind = PAGE_NONE;
    }
}

void heap_span_init(struct heap *h)
{
    tree_init(&h->free[DIRTY], NULL);
    tree_init(&h->free[CLEAN], NULL);
    insert(h, h->first, h->end - h->first, CLEAN);
}

/* Joins with free neighbours of the same kind; the first page of all. */
static uint32_t insert_joined(struct heap *h, uint32_t first, uint32_t pages, unsigned which)
{
    enum page_kind kind = which == DIRTY ? PAGE_DIRTY : PAGE_CLEAN;
    uint32_t behind = first + pages;
    if (behind < h->end && h->page[behind].kind == kind) {
        pages += h->page[behind].pages;
        take_out(h, behind, which);
    }
    if (first > h->first) {
        const struct heap_page *last = &h->page[first - 1];
        uint32_t head = first - 1 - (last->kind == PAGE_TAIL ? last->pages : 0);
        if (h->page[head].kind == kind) {
            pages += h->page[head].pages;
            take_out(h, head, which);
            first = head;
        }
    }
    insert(h, first, pages, which);
    return first;
}

static bool commit(struct heap *h, uint32_t page, uint32_t pages)
{
    return !h->ops->commit || h->ops->commit(h->context, page_address(h, page), page_bytes(pages));
}

static void count_used(struct heap *h, uint32_t pages)
{
    h->figures.used += page_bytes(pages);
    if (h->figures.used > h->figures.used_max) {
        h->figures.used_max = h->figures.used;
    }
}

/* Cuts [page, page+pages) out of the free span at `first`. */
static bool cut(struct heap *h, uint32_t first, uint32_t page, uint32_t pages, unsigned which)
{
    if (which == CLEAN && !commit(h, page, pages)) {
        return false;
    }
    uint32_t end = first + h->page[first].pages;
    take_out(h, first, which);
    if (page > first) {
        insert(h, first, page - first, which);
    }
    if (end > page + pages) {
        insert(h, page + pages, end - page - pages, which);
    }
    count_used(h, pages);
    return true;
}

static uint32_t aligned_in(const struct heap *h, uint32_t first, uint32_t align)
{
    uint64_t number = (uintptr_t)page_address(h, first) >> PAGE_SHIFT;
    return first + (uint32_t)(((number + align - 1) & ~(uint64_t)(align - 1)) - number);
}

/* The best fit with the alignment: of the sizes from `pages` on, the first where it fits. */
static uint32_t take_from(struct heap *h, uint32_t pages, uint32_t align, unsigned which)
{
    for (struct tree_node *n = tree_at_least(&h->free[which], &pages, compare_size); n; n = tree_next(n)) {
        uint32_t first = (uint32_t)(page_of(n) - h->page);
        uint32_t page = aligned_in(h, first, align);
        if (page - first <= page_of(n)->pages - pages) {
            return cut(h, first, page, pages, which) ? page : 0;
        }
    }
    return 0;
}

uint32_t heap_span_take(struct heap *h, uint32_t pages, uint32_t align, bool *zero)
{
    *zero = false;
    uint32_t page = take_from(h, pages, align, DIRTY);
    if (page == 0) {
        page = take_from(h, pages, align, CLEAN);
        *zero = page != 0;
    }
    if (page == 0) {
        heap_small_trim(h);
        heap_span_release(h, true); /* what was dirty and clean side by side is one piece now */
        page = take_from(h, pages, align, DIRTY);
    }
    if (page == 0) {
        page = take_from(h, pages, align, CLEAN);
        *zero = page != 0;
    }
    return page;
}

void heap_span_give(struct heap *h, uint32_t page, uint32_t pages)
{
    h->figures.used -= page_bytes(pages);
    (void)insert_joined(h, page, pages, DIRTY);
}

bool heap_span_extend(struct heap *h, uint32_t end, uint32_t pages)
{
    if (end >= h->end || (h->page[end].kind != PAGE_DIRTY && h->page[end].kind != PAGE_CLEAN) ||
        h->page[end].pages < pages) {
        return false;
    }
    return cut(h, end, end, pages, h->page[end].kind == PAGE_DIRTY ? DIRTY : CLEAN);
}

/* Whoever takes them back may write to them. */
static bool release_pages(struct heap *h, uint32_t first, uint32_t pages)
{
    if (h->tools->own) {
        h->tools->own(h->context, page_address(h, first), page_bytes(pages));
    }
    return h->ops->release(h->context, page_address(h, first), page_bytes(pages));
}

void heap_span_release(struct heap *h, bool all)
{
    size_t kept = h->figures.used / KEPT_SHARE + page_bytes(KEPT_PAGES);
    if (!h->ops->release || (!all && h->figures.dirty <= kept)) {
        return;
    }
    for (struct tree_node *n; (n = tree_last(&h->free[DIRTY])) != NULL;) {
        uint32_t first = (uint32_t)(page_of(n) - h->page);
        uint32_t pages = page_of(n)->pages;
        if (!release_pages(h, first, pages)) {
            return;
        }
        h->figures.released += page_bytes(pages);
        take_out(h, first, DIRTY);
        first = insert_joined(h, first, pages, CLEAN);
        if (h->ops->clean) {
            h->ops->clean(h->context, page_address(h, first), page_bytes(h->page[first].pages));
        }
    }
}
