/* SPDX-License-Identifier: MIT */
/* The malloc family. With tools that want red zones, a small block ends in
 *
 *   | bytes asked for | red zone, at least | size asked for (8 bytes) |
 *
 * else it has no overhead at all. */
#include "internal.h"

static const struct heap_ops no_ops;
static const struct heap_tools no_tools;

size_t heap_notes_bytes(size_t bytes)
{
    return ((bytes >> PAGE_SHIFT) * sizeof(struct heap_page) + PAGE_MASK) & ~(size_t)PAGE_MASK;
}

err_t heap_init(struct heap *h, const struct heap_ops *ops, const struct heap_tools *tools, void *context,
                void *base, size_t bytes)
{
    size_t pages = bytes >> PAGE_SHIFT;
    size_t descriptors = heap_notes_bytes(bytes) >> PAGE_SHIFT;
    if (((uintptr_t)base & PAGE_MASK) != 0) {
        return err_make(ERR_BAD_ARGUMENT, 4);
    }
    if ((bytes & PAGE_MASK) != 0 || pages <= descriptors || pages > UINT32_MAX) {
        return err_make(ERR_BAD_ARGUMENT, 5);
    }
    *h = (struct heap){
        .ops = ops ? ops : &no_ops,
        .tools = tools ? tools : &no_tools,
        .context = context,
        .base = base,
        .page = base,
        .first = (uint32_t)descriptors,
        .end = (uint32_t)pages,
    };
    heap_span_init(h);
    return OK;
}

/* ---- blocks and what is known about them ---- */

static bool tools_on(const struct heap *h)
{
    return h->tools->allocated != NULL;
}

/* Bytes a block needs besides those asked for. */
static size_t extra(const struct heap *h, bool large)
{
    return tools_on(h) ? h->tools->red_zone + (large ? 0 : sizeof(uint64_t)) : 0;
}

struct block {
    uint32_t page;  /* first of its span */
    unsigned index; /* in a span of small blocks */
    bool large;
};

static size_t room(const struct heap *h, struct block b)
{
    const struct heap_page *p = &h->page[b.page];
    return b.large ? page_bytes(p->pages) : heap_class_bytes(p->class);
}

static void *address(const struct heap *h, struct block b)
{
    unsigned char *span = page_address(h, b.page);
    return b.large ? span : span + b.index * heap_class_bytes(h->page[b.page].class);
}

static uint64_t *size_note(const struct heap *h, struct block b)
{
    return (uint64_t *)(void *)((unsigned char *)address(h, b) + room(h, b) - sizeof(uint64_t));
}

/* What the owner may use. */
static size_t usable(const struct heap *h, struct block b)
{
    if (!tools_on(h)) {
        return room(h, b);
    }
    return b.large ? h->page[b.page].bytes : *size_note(h, b);
}

static void note_size(struct heap *h, struct block b, size_t bytes)
{
    if (b.large) {
        h->page[b.page].bytes = bytes;
    } else if (tools_on(h)) {
        if (h->tools->own) {
            h->tools->own(h->context, size_note(h, b), sizeof(uint64_t));
        }
        *size_note(h, b) = bytes;
    }
}

/* Which block begins at `pointer`? Fills *b, or says what is wrong. */
static bool find_block(const struct heap *h, const void *pointer, struct block *b, enum heap_misuse *misuse)
{
    uintptr_t offset = (uintptr_t)pointer - (uintptr_t)h->base;
    *misuse = HEAP_FOREIGN;
    if (offset < page_bytes(h->first) || offset >= page_bytes(h->end)) {
        return false;
    }
    *misuse = HEAP_NO_BLOCK;
    uint32_t page = (uint32_t)(offset >> PAGE_SHIFT);
    if (h->page[page].kind == PAGE_INNER) {
        page -= h->page[page].pages;
    }
    const struct heap_page *p = &h->page[page];
    size_t in_span = offset - page_bytes(page);
    if (p->kind == PAGE_SMALL) {
        *b = (struct block){.page = page, .index = (unsigned)(in_span / heap_class_bytes(p->class))};
        if (in_span % heap_class_bytes(p->class) != 0 || b->index >= heap_class_blocks(p->class)) {
            return false;
        }
        *misuse = HEAP_DOUBLE_FREE;
        return heap_small_in_use(p, b->index);
    }
    if (in_span == 0 && (p->kind == PAGE_STALE || p->kind == PAGE_DIRTY || p->kind == PAGE_CLEAN)) {
        *misuse = HEAP_DOUBLE_FREE;
    }
    *b = (struct block){.page = page, .large = true};
    return in_span == 0 && p->kind == PAGE_LARGE;
}

static void misused(struct heap *h, enum heap_misuse misuse, void *pointer)
{
    h->figures.misuses++;
    heap_unlock(h);
    if (h->ops->report) {
        h->ops->report(h->context, misuse, pointer);
    }
}

/* ---- with the lock held ---- */

/* 0: more than there can be. */
static uint32_t pages_for(const struct heap *h, size_t bytes)
{
    size_t all = bytes + extra(h, true);
    if (all < bytes || all > page_bytes(h->end)) {
        return 0;
    }
    return all ? (uint32_t)((all + PAGE_MASK) >> PAGE_SHIFT) : 1;
}

static void *take_large(struct heap *h, size_t alignment, size_t bytes, bool *zero)
{
    uint32_t pages = pages_for(h, bytes);
    if (pages == 0 || alignment > page_bytes(h->end)) {
        return NULL;
    }
    uint32_t page =
        heap_span_take(h, pages, alignment > PAGE_SIZE ? (uint32_t)(alignment >> PAGE_SHIFT) : 1, zero);
    if (page == 0) {
        return NULL;
    }
    h->page[page].kind = PAGE_LARGE;
    h->page[page].pages = pages;
    return page_address(h, page);
}

static bool is_small(const struct heap *h, size_t bytes)
{
    return extra(h, false) < HEAP_SMALL_BYTES && bytes <= HEAP_SMALL_BYTES - extra(h, false);
}

static void *take(struct heap *h, size_t alignment, size_t bytes, bool *zero)
{
    unsigned class = HEAP_CLASSES;
    *zero = false;
    if (alignment <= PAGE_SIZE && is_small(h, bytes)) {
        class = heap_class_for(bytes + extra(h, false), alignment);
    }
    void *pointer = class < HEAP_CLASSES ? heap_small_take(h, class) : take_large(h, alignment, bytes, zero);
    if (!pointer) {
        return NULL;
    }
    struct block b;
    enum heap_misuse misuse;
    h->figures.blocks++;
    h->figures.allocations++;
    if (tools_on(h)) {
        (void)find_block(h, pointer, &b, &misuse);
        note_size(h, b, bytes);
        h->tools->allocated(h->context, pointer, bytes, *zero);
    }
    return pointer;
}

static void give(struct heap *h, struct block b)
{
    if (h->tools->freed) {
        h->tools->freed(h->context, address(h, b), usable(h, b));
    }
    h->figures.blocks--;
    h->figures.frees++;
    if (b.large) {
        h->page[b.page].kind = PAGE_STALE;
        heap_span_give(h, b.page, h->page[b.page].pages);
    } else {
        heap_small_give(h, b.page, b.index);
    }
    heap_span_release(h, false);
}

/* The block can stay where it is as it is. */
static bool fits(const struct heap *h, struct block b, size_t bytes)
{
    return bytes <= room(h, b) && room(h, b) - bytes >= extra(h, b.large);
}

/* A much smaller place would do. */
static bool wasteful(const struct heap *h, struct block b, size_t bytes)
{
    return b.large ? is_small(h, bytes) : bytes + extra(h, false) < room(h, b) / 2;
}

/* Takes pages behind a large block. */
static bool grow(struct heap *h, struct block b, size_t bytes)
{
    struct heap_page *p = &h->page[b.page];
    uint32_t pages = pages_for(h, bytes);
    if (!b.large || pages == 0) {
        return false;
    }
    if (!heap_span_extend(h, b.page + p->pages, pages - p->pages)) {
        return false;
    }
    p->pages = pages;
    return true;
}

/* Gives pages at the end of a large block back. */
static void shrink(struct heap *h, struct block b, size_t bytes)
{
    struct heap_page *p = &h->page[b.page];
    uint32_t pages = pages_for(h, bytes);
    uint32_t rest = p->pages - pages;
    if (rest > 0) {
        p->pages = pages;
        heap_span_give(h, b.page + pages, rest);
        heap_span_release(h, false);
    }
}

static void resize_in_place(struct heap *h, struct block b, size_t before, size_t bytes)
{
    void *pointer = address(h, b);
    if (h->tools->resized) {
        h->tools->resized(h->context, pointer, before, bytes);
    }
    if (b.large) {
        shrink(h, b, bytes);
    }
    note_size(h, b, bytes);
}

static void *move(struct heap *h, struct block b, size_t before, size_t bytes)
{
    bool zero;
    void *moved = take(h, HEAP_ALIGNMENT, bytes, &zero);
    if (moved) {
        mem_copy(moved, address(h, b), before < bytes ? before : bytes);
        give(h, b);
    }
    return moved;
}

static void *resize(struct heap *h, struct block b, size_t bytes)
{
    size_t before = usable(h, b);
    bool stays = fits(h, b, bytes) || grow(h, b, bytes);
    if (!stays || wasteful(h, b, bytes)) {
        void *moved = move(h, b, before, bytes);
        if (moved || !stays) {
            return moved;
        }
    }
    resize_in_place(h, b, before, bytes);
    return address(h, b);
}

/* ---- the family ---- */

static void *allocate(struct heap *h, size_t alignment, size_t bytes, bool *zero)
{
    heap_lock(h);
    bool refused = h->tools->refuses && h->tools->refuses(h->context);
    void *block = refused ? NULL : take(h, alignment, bytes, zero);
    heap_unlock(h);
    return block;
}

void *heap_malloc(struct heap *h, size_t bytes)
{
    bool zero;
    return allocate(h, HEAP_ALIGNMENT, bytes, &zero);
}

void *heap_calloc(struct heap *h, size_t count, size_t bytes)
{
    size_t all;
    bool zero;
    if (__builtin_mul_overflow(count, bytes, &all)) {
        return NULL;
    }
    void *block = allocate(h, HEAP_ALIGNMENT, all, &zero);
    if (block && !zero) {
        mem_set(block, 0, all);
    }
    return block;
}

void *heap_memalign(struct heap *h, size_t alignment, size_t bytes)
{
    bool zero;
    if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
        return NULL;
    }
    return allocate(h, alignment < HEAP_ALIGNMENT ? HEAP_ALIGNMENT : alignment, bytes, &zero);
}

void heap_free(struct heap *h, void *block)
{
    struct block b;
    enum heap_misuse misuse;
    if (!block) {
        return;
    }
    heap_lock(h);
    if (!find_block(h, block, &b, &misuse)) {
        misused(h, misuse, block);
        return;
    }
    give(h, b);
    heap_unlock(h);
}

void *heap_realloc(struct heap *h, void *block, size_t bytes)
{
    struct block b;
    enum heap_misuse misuse;
    if (!block) {
        return heap_malloc(h, bytes);
    }
    heap_lock(h);
    if (!find_block(h, block, &b, &misuse)) {
        misused(h, misuse, block);
        return NULL;
    }
    void *resized = resize(h, b, bytes);
    heap_unlock(h);
    return resized;
}

size_t heap_usable_size(struct heap *h, void *block)
{
    struct block b;
    enum heap_misuse misuse;
    if (!block) {
        return 0;
    }
    heap_lock(h);
    if (!find_block(h, block, &b, &misuse)) {
        misused(h, misuse, block);
        return 0;
    }
    size_t bytes = usable(h, b);
    heap_unlock(h);
    return bytes;
}

size_t heap_trim(struct heap *h)
{
    heap_lock(h);
    uint64_t before = h->figures.released;
    heap_small_trim(h);
    heap_span_release(h, true);
    size_t bytes = (size_t)(h->figures.released - before);
    heap_unlock(h);
    return bytes;
}

struct heap_figures heap_stats(struct heap *h)
{
    heap_lock(h);
    struct heap_figures figures = h->figures;
    heap_unlock(h);
    return figures;
}
