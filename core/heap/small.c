/* SPDX-License-Identifier: MIT */
/* Small blocks: spans of equal blocks with a bitmap.
 *
 *   class   0    1    2  …   7    8    9   10   11   12 …   39
 *   bytes  16   32   48     128  160  192  224  256  320    32768
 *
 * Multiples of 16 up to 128, then four to a doubling. */
#include "internal.h"

#define LINEAR_CLASSES 8u /* 16 .. 128 */

/* Bytes of a block, pages of a span: as few as waste at most an eighth, and hold four blocks when those are
 * larger than a page. */
#define CLASS(bytes, pages)                                                                                  \
    {                                                                                                        \
        (bytes), (pages), (pages)*PAGE_SIZE / (bytes)                                                        \
    }

const struct heap_class heap_classes[HEAP_CLASSES] = {
    CLASS(16, 1),     CLASS(32, 1),     CLASS(48, 1),     CLASS(64, 1),     CLASS(80, 1),
    CLASS(96, 1),     CLASS(112, 1),    CLASS(128, 1),    CLASS(160, 1),    CLASS(192, 1),
    CLASS(224, 1),    CLASS(256, 1),    CLASS(320, 1),    CLASS(384, 1),    CLASS(448, 1),
    CLASS(512, 1),    CLASS(640, 1),    CLASS(768, 1),    CLASS(896, 1),    CLASS(1024, 1),
    CLASS(1280, 1),   CLASS(1536, 2),   CLASS(1792, 1),   CLASS(2048, 1),   CLASS(2560, 2),
    CLASS(3072, 3),   CLASS(3584, 1),   CLASS(4096, 1),   CLASS(5120, 5),   CLASS(6144, 6),
    CLASS(7168, 7),   CLASS(8192, 8),   CLASS(10240, 10), CLASS(12288, 12), CLASS(14336, 14),
    CLASS(16384, 16), CLASS(20480, 20), CLASS(24576, 24), CLASS(28672, 28), CLASS(32768, 32),
};

static unsigned class_of(size_t bytes)
{
    if (bytes <= 128) {
        return bytes == 0 ? 0 : (unsigned)((bytes - 1) / 16);
    }
    unsigned doubling = 63 - (unsigned)__builtin_clzll(bytes - 1) - 7;
    unsigned quarter = (unsigned)((bytes - 1) >> (doubling + 5)) - 4;
    return LINEAR_CLASSES + 4 * doubling + quarter;
}

unsigned heap_class_for(size_t bytes, size_t alignment)
{
    for (unsigned class = class_of(bytes); class < HEAP_CLASSES; class ++) {
        if (heap_class_bytes(class) % alignment == 0) {
            return class;
        }
    }
    return HEAP_CLASSES;
}

/* ---- the list of spans with free blocks ---- */

static void link_span(struct heap *h, uint32_t page)
{
    struct heap_page *p = &h->page[page];
    p->previous = 0;
    p->next = h->partial[p->class];
    if (p->next) {
        h->page[p->next].previous = page;
    }
    h->partial[p->class] = page;
}

static void unlink_span(struct heap *h, uint32_t page)
{
    struct heap_page *p = &h->page[page];
    if (p->previous) {
        h->page[p->previous].next = p->next;
    } else {
        h->partial[p->class] = p->next;
    }
    if (p->next) {
        h->page[p->next].previous = p->previous;
    }
    p->next = p->previous = 0;
}

static uint32_t new_span(struct heap *h, unsigned class)
{
    bool zero;
    uint32_t pages = heap_class_pages(class);
    uint32_t page = heap_span_take(h, pages, 1, &zero);
    if (page == 0) {
        return 0;
    }
    h->page[page] = (struct heap_page){.kind = PAGE_SMALL, .class = (uint8_t) class, .pages = pages};
    for (uint32_t i = 1; i < pages; i++) {
        h->page[page + i] = (struct heap_page){.kind = PAGE_INNER, .pages = i};
    }
    link_span(h, page);
    return page;
}

static void end_span(struct heap *h, uint32_t page)
{
    uint32_t pages = h->page[page].pages;
    unlink_span(h, page);
    for (uint32_t i = 0; i < pages; i++) {
        h->page[page + i].kind = PAGE_STALE;
    }
    heap_span_give(h, page, pages);
}

/* ---- blocks ---- */

static unsigned first_free(const struct heap_page *p)
{
    unsigned word = 0;
    while (p->in_use[word] == ~(uint64_t)0) {
        word++;
    }
    return word * 64 + (unsigned)__builtin_ctzll(~p->in_use[word]);
}

void *heap_small_take(struct heap *h, unsigned class)
{
    uint32_t page = h->partial[class];
    if (page == 0) {
        page = new_span(h, class);
        if (page == 0) {
            return NULL;
        }
    }
    struct heap_page *p = &h->page[page];
    unsigned index = first_free(p);
    p->in_use[index / 64] |= (uint64_t)1 << index % 64;
    if (++p->used == heap_class_blocks(class)) {
        unlink_span(h, page);
    }
    return (unsigned char *)page_address(h, page) + index * heap_class_bytes(class);
}

/* One empty span of a class is kept if it is the last with free blocks: a block allocated and freed again and
 * again does not make and end spans. */
void heap_small_give(struct heap *h, uint32_t page, unsigned index)
{
    struct heap_page *p = &h->page[page];
    bool was_full = p->used == heap_class_blocks(p->class);
    p->in_use[index / 64] &= ~((uint64_t)1 << index % 64);
    p->used--;
    if (was_full) {
        link_span(h, page);
    }
    if (p->used == 0 && (p->next || p->previous)) {
        end_span(h, page);
    }
}

void heap_small_trim(struct heap *h)
{
    for (unsigned class = 0; class < HEAP_CLASSES; class ++) {
        uint32_t page = h->partial[class];
        while (page != 0) {
            uint32_t next = h->page[page].next;
            if (h->page[page].used == 0) {
                end_span(h, page);
            }
            page = next;
        }
    }
}
