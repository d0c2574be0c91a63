/* SPDX-License-Identifier: MIT */
/* Descriptors. Spans tile the pages [first, end) of the range; what a page's descriptor says depends on its
 * place in the span:
 *
 *   span of small blocks   [SMALL][INNER 1][INNER 2] …    INNER: how far back the first page is
 *   large block            [LARGE][ ? ][ ? ][ ? ]         ?: NONE or STALE, nobody asks but who has a wrong
 * pointer free span              [DIRTY or CLEAN][ ? ][TAIL]    TAIL: how far back, so that the span behind
 * can join
 *
 * STALE marks where a block began once: a second free of it can be told from a wild pointer. */
#ifndef MUDSKIPPER_HEAP_INTERNAL_H
#define MUDSKIPPER_HEAP_INTERNAL_H

#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/bytes.h>

enum page_kind {
    PAGE_NONE,
    PAGE_STALE,
    PAGE_DIRTY,
    PAGE_CLEAN,
    PAGE_TAIL,
    PAGE_SMALL,
    PAGE_INNER,
    PAGE_LARGE
};

#define SMALL_BLOCKS_MAX 256u /* in one span */

struct heap_page {
    uint8_t kind;            /* enum page_kind */
    uint8_t class;           /* SMALL */
    uint16_t used;           /* SMALL: blocks in use */
    uint32_t pages;          /* of the span; INNER and TAIL: distance to its first page */
    uint32_t next, previous; /* SMALL with free blocks: in partial[class]; 0: none */
    union {
        uint64_t in_use[SMALL_BLOCKS_MAX / 64]; /* SMALL */
        struct tree_node node;                  /* DIRTY, CLEAN: in free[] */
        size_t bytes;                           /* LARGE: as asked for */
    };
    uint64_t reserved[2];
};

CLAIM(a_descriptor_is_as_large_as_told, sizeof(struct heap_page) == HEAP_NOTE_BYTES);

enum { DIRTY = 0, CLEAN = 1 }; /* index of heap.free */

static inline void *page_address(const struct heap *h, uint32_t page)
{
    return h->base + ((size_t)page << PAGE_SHIFT);
}

static inline size_t page_bytes(uint32_t pages)
{
    return (size_t)pages << PAGE_SHIFT;
}

static inline void heap_lock(struct heap *h)
{
    if (h->ops->lock) {
        h->ops->lock(h->context);
    }
}

static inline void heap_unlock(struct heap *h)
{
    if (h->ops->unlock) {
        h->ops->unlock(h->context);
    }
}

/* ---- spans (span.c) ---- */

void heap_span_init(struct heap *h); /* all of it is one clean span */

/* Takes `pages` from the free spans, the first one a multiple of `align` pages from address 0. 0: there is no
 * room. *zero: they read as zero. The span's descriptor is to be filled. */
uint32_t heap_span_take(struct heap *h, uint32_t pages, uint32_t align, bool *zero);

/* The span [page, page+pages) was in use and is free now. */
void heap_span_give(struct heap *h, uint32_t page, uint32_t pages);

/* The span in front of it grows by `pages` that are free right behind it. */
bool heap_span_extend(struct heap *h, uint32_t end, uint32_t pages);

/* Gives free memory back when there is much of it, or, with `all`, any. */
void heap_span_release(struct heap *h, bool all);

/* ---- small blocks (small.c) ---- */

/* The smallest class for blocks of `bytes` <= HEAP_SMALL_BYTES aligned to `alignment` <= PAGE_SIZE;
 * HEAP_CLASSES: none. */
unsigned heap_class_for(size_t bytes, size_t alignment);
struct heap_class {
    uint16_t bytes;  /* of a block */
    uint16_t pages;  /* of a span */
    uint16_t blocks; /* in a span */
};

extern const struct heap_class heap_classes[HEAP_CLASSES];

static inline size_t heap_class_bytes(unsigned class)
{
    return heap_classes[class].bytes;
}

static inline uint32_t heap_class_pages(unsigned class)
{
    return heap_classes[class].pages;
}

static inline unsigned heap_class_blocks(unsigned class)
{
    return heap_classes[class].blocks;
}

void *heap_small_take(struct heap *h, unsigned class);
void heap_small_give(struct heap *h, uint32_t page, unsigned index);
void heap_small_trim(struct heap *h); /* gives empty spans back that are kept */

static inline bool heap_small_in_use(const struct heap_page *p, unsigned index)
{
    return p->in_use[index / 64] >> index % 64 & 1;
}

#endif
