/* SPDX-License-Identifier: MIT */
/* The heap checks itself and prints itself. */
#include <mudskipper/pure/walker.h>
#include "internal.h"

typedef unsigned long long ull;

struct check {
    struct heap *h;
    struct walker walker;
    size_t blocks, used;
    size_t free[2];
    size_t spans[2]; /* free ones */
    size_t partial[HEAP_CLASSES];
};

static bool expect(struct check *check, bool holds, const char *what, uint32_t page)
{
    return WALKER_EXPECT(&check->walker, holds, "heap: %s at page %u\n", what, (unsigned)page);
}

static void check_small(struct check *check, uint32_t page)
{
    const struct heap_page *p = &check->h->page[page];
    unsigned blocks = p->class < HEAP_CLASSES ? heap_class_blocks(p->class) : 0;
    unsigned used = 0;
    if (!expect(check, p->class < HEAP_CLASSES && p->pages == heap_class_pages(p->class), "impossible size",
                page)) {
        return;
    }
    for (unsigned i = 0; i < SMALL_BLOCKS_MAX; i++) {
        bool in_use = heap_small_in_use(p, i);
        expect(check, !in_use || i < blocks, "a block beyond the end is in use", page);
        used += in_use;
    }
    expect(check, used == p->used, "blocks in use are counted wrong", page);
    for (uint32_t i = 1; i < p->pages; i++) {
        expect(check, p[i].kind == PAGE_INNER && p[i].pages == i, "an inner page does not lead back",
               page + i);
    }
    check->partial[p->class] += used < blocks;
    check->blocks += used;
}

static void check_free(struct check *check, uint32_t page, bool after_alike)
{
    const struct heap_page *p = &check->h->page[page];
    unsigned which = p->kind == PAGE_DIRTY ? DIRTY : CLEAN;
    expect(check, !after_alike, "two free spans are not joined", page);
    expect(check,
           p->pages == 1 || (p[p->pages - 1].kind == PAGE_TAIL && p[p->pages - 1].pages == p->pages - 1),
           "the end of a free span does not lead back", page);
    check->free[which] += page_bytes(p->pages);
    check->spans[which]++;
}

static void check_spans(struct check *check)
{
    struct heap *h = check->h;
    enum page_kind before = PAGE_NONE;
    for (uint32_t page = h->first; page < h->end; page += h->page[page].pages) {
        const struct heap_page *p = &h->page[page];
        enum page_kind kind = (enum page_kind)p->kind;
        if (!expect(check, p->pages > 0 && p->pages <= h->end - page, "spans do not tile", page)) {
            return;
        }
        if (kind == PAGE_DIRTY || kind == PAGE_CLEAN) {
            check_free(check, page, kind == before);
        } else if (kind == PAGE_SMALL) {
            check_small(check, page);
            check->used += page_bytes(p->pages);
        } else if (expect(check, kind == PAGE_LARGE, "no span begins", page)) {
            check->blocks++;
            check->used += page_bytes(p->pages);
        } else {
            return;
        }
        before = kind;
    }
}

static void check_lists(struct check *check)
{
    const struct heap *h = check->h;
    for (unsigned class = 0; class < HEAP_CLASSES; class ++) {
        size_t length = 0;
        uint32_t previous = 0;
        for (uint32_t page = h->partial[class]; page != 0; page = h->page[page].next) {
            const struct heap_page *p = &h->page[page];
            if (!expect(check,
                        p->kind == PAGE_SMALL && p->class == class && p->previous == previous &&
                            p->used < heap_class_blocks(class) && length <= check->partial[class],
                        "a list of spans is broken", page)) {
                return;
            }
            previous = page;
            length++;
        }
        expect(check, length == check->partial[class], "a span with free blocks is not in its list", class);
    }
}

static void check_trees(struct check *check)
{
    for (unsigned which = DIRTY; which <= CLEAN; which++) {
        size_t count = 0;
        TREE_FOREACH(n, &check->h->free[which])
        {
            const struct heap_page *p = CONTAINER_OF(n, struct heap_page, node);
            expect(check, p->kind == (which == DIRTY ? PAGE_DIRTY : PAGE_CLEAN),
                   "a tree holds what is not free", (uint32_t)(p - check->h->page));
            count++;
        }
        expect(check, count == check->spans[which], "a free span is not in its tree", which);
    }
}

uint64_t heap_validate(struct heap *h, format_sink_t sink, void *context)
{
    struct check check = {.h = h, .walker = {sink, context, 0}};
    heap_lock(h);
    check_spans(&check);
    check_lists(&check);
    check_trees(&check);
    expect(&check, check.blocks == h->figures.blocks, "blocks are counted wrong", 0);
    expect(&check, check.used == h->figures.used, "used bytes are counted wrong", 0);
    expect(&check, check.free[DIRTY] == h->figures.dirty, "dirty bytes are counted wrong", 0);
    expect(&check, check.free[CLEAN] == h->figures.clean, "clean bytes are counted wrong", 0);
    heap_unlock(h);
    return check.walker.faults;
}

void heap_dump(struct heap *h, format_sink_t sink, void *context)
{
    size_t spans[HEAP_CLASSES] = {0};
    size_t blocks[HEAP_CLASSES] = {0};
    size_t large = 0;
    heap_lock(h);
    struct heap_figures f = h->figures;
    for (uint32_t page = h->first; page < h->end; page += h->page[page].pages) {
        const struct heap_page *p = &h->page[page];
        if (p->kind == PAGE_SMALL) {
            spans[p->class]++;
            blocks[p->class] += p->used;
        }
        large += p->kind == PAGE_LARGE;
    }
    heap_unlock(h);
    format(sink, context, "%llu blocks, %llu KiB in use (most: %llu), %llu KiB free and resident\n",
           (ull)f.blocks, (ull)f.used >> 10, (ull)f.used_max >> 10, (ull)f.dirty >> 10);
    for (unsigned class = 0; class < HEAP_CLASSES; class ++) {
        if (spans[class] > 0) {
            format(sink, context, "%6u bytes: %llu of %llu blocks\n", (unsigned)heap_class_bytes(class),
                   (ull)blocks[class], (ull)spans[class] * heap_class_blocks(class));
        }
    }
    format(sink, context, " large: %llu blocks\n", (ull)large);
}
