/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/slab.h>

struct object {
    struct object *next;
};

struct page {
    struct list_node node;
    struct object *free;
    uint32_t used;
    bool permanent;
};

#define HEADER_BYTES ((sizeof(struct page) + 15) & ~(size_t)15)

static struct page *page_of_node(struct list_node *n)
{
    return CONTAINER_OF(n, struct page, node);
}

static void move(struct list *to, struct page *page)
{
    list_remove(&page->node);
    list_push_front(to, &page->node);
}

void slab_init(struct slab *s, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    *s = (struct slab){.object_size = size, .per_page = (PAGE_SIZE - HEADER_BYTES) / size};
    list_init(&s->partial);
    list_init(&s->full);
    list_init(&s->empty);
}

void slab_give(struct slab *s, void *memory, bool permanent)
{
    struct page *page = memory;
    *page = (struct page){.permanent = permanent};
    for (size_t i = s->per_page; i-- > 0;) {
        struct object *object = (struct object *)(void *)((char *)memory + HEADER_BYTES + i * s->object_size);
        object->next = page->free;
        page->free = object;
    }
    list_push_front(permanent ? &s->partial : &s->empty, &page->node);
    s->pages++;
    s->free_objects += s->per_page;
}

void *slab_take(struct slab *s)
{
    if (list_empty(&s->partial)) {
        move(&s->partial, page_of_node(list_first(&s->empty)));
    }
    struct page *page = page_of_node(list_first(&s->partial));
    struct object *object = page->free;
    page->free = object->next;
    page->used++;
    s->free_objects--;
    if (!page->free) {
        move(&s->full, page);
    }
    mem_set(object, 0, s->object_size);
    return object;
}

void slab_put(struct slab *s, void *memory)
{
    struct object *object = memory;
    struct page *page = (struct page *)((uintptr_t)memory & ~(uintptr_t)PAGE_MASK);
    if (!page->free) {
        move(&s->partial, page);
    }
    object->next = page->free;
    page->free = object;
    page->used--;
    s->free_objects++;
    if (page->used == 0 && !page->permanent) {
        move(&s->empty, page);
    }
}

void *slab_take_back(struct slab *s, size_t keep)
{
    if (list_empty(&s->empty) || s->free_objects < s->per_page + keep) {
        return NULL;
    }
    s->pages--;
    s->free_objects -= s->per_page;
    return page_of_node(list_pop_front(&s->empty));
}

enum which { PARTIAL, FULL, EMPTY };

struct totals {
    size_t pages, free, used;
};

static size_t check_list(const struct slab *s, const struct list *list, enum which which,
                         struct totals *totals)
{
    size_t faults = !list_check(list);
    LIST_FOREACH(n, list)
    {
        const struct page *page = page_of_node(n);
        size_t free = 0;
        for (const struct object *o = page->free; o && free <= s->per_page; o = o->next) {
            free++;
        }
        enum which right = free == 0 ? FULL : page->used == 0 && !page->permanent ? EMPTY : PARTIAL;
        faults += (free + page->used != s->per_page) + (right != which);
        totals->pages++;
        totals->free += free;
        totals->used += page->used;
    }
    return faults;
}

size_t slab_check(const struct slab *s, size_t used)
{
    struct totals t = {0};
    size_t faults = check_list(s, &s->partial, PARTIAL, &t) + check_list(s, &s->full, FULL, &t) +
                    check_list(s, &s->empty, EMPTY, &t);
    return faults + (t.pages != s->pages) + (t.free != s->free_objects) + (t.used != used);
}
