/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include "world.h"

uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed * 0x2545f4914f6cdd1d;
}

void assert_err(err_t e, enum err_code code, uint64_t detail)
{
    assert_int_equal(e.code[0], code);
    assert_int_equal(e.detail, detail);
}

struct oracle_page *world_page(struct world *w, paddr_t address)
{
    for (unsigned i = 0; i < w->regions; i++) {
        struct world_region *r = &w->region[i];
        if (address >= r->base && address - r->base < r->pages * PAGE_SIZE) {
            return &r->page[(address - r->base) / PAGE_SIZE];
        }
    }
    return NULL;
}

void oracle_out(struct world *w, paddr_t base, uint64_t bytes, mm_client_t client)
{
    w->blocks++;
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) {
        struct oracle_page *p = world_page(w, base + at);
        assert_non_null(p);
        assert_int_equal(p->state, ORACLE_FREE);
        p->state = ORACLE_OUT;
        p->client = client;
        p->block = w->blocks;
    }
}

void oracle_back(struct world *w, paddr_t base, uint64_t bytes, enum oracle_state state)
{
    /* What is left behind the range is a block of its own. */
    struct oracle_page *last = world_page(w, base + bytes - PAGE_SIZE);
    uint64_t block = last->block;
    w->blocks++;
    for (paddr_t at = base + bytes; last->state == ORACLE_OUT; at += PAGE_SIZE) {
        struct oracle_page *p = world_page(w, at);
        if (!p || p->state != ORACLE_OUT || p->block != block) {
            break;
        }
        p->block = w->blocks;
    }
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) {
        world_page(w, base + at)->state = state;
    }
}

static bool must_fail(struct world *w)
{
    if (w->fail_after < 0 || w->fail_after-- > 0) {
        return false;
    }
    w->failures++;
    return true;
}

static err_t retype(void *context, uint64_t region, uint64_t offset, uint64_t bytes, void *into)
{
    struct world *w = context;
    (void)into;
    w->retyped++;
    if (must_fail(w)) {
        return w->refusal;
    }
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) {
        struct oracle_page *p = world_page(w, w->region[region].base + offset + at);
        assert_non_null(p);
        assert_false(p->capability); /* the kernel would say CAP_REVOKE_FIRST */
        p->capability = true;
    }
    return OK;
}

static err_t revoke(void *context, uint64_t region, uint64_t offset, uint64_t bytes, bool *pending)
{
    struct world *w = context;
    paddr_t base = w->region[region].base + offset;
    w->revoked++;
    assert_false(*pending);
    if (must_fail(w)) {
        return w->refusal;
    }
    struct oracle_page *behind = world_page(w, base + bytes);
    if (world_page(w, base)->straddled || (behind && behind->straddled)) {
        return err_make(ERR_CAP_REVOKE_FIRST, 0);
    }
    for (uint64_t at = 0; at < bytes && !w->pending; at += PAGE_SIZE) {
        world_page(w, base + at)->capability = false;
    }
    *pending = w->pending;
    return OK;
}

static bool unused(void *context, uint64_t region, uint64_t from, uint64_t *offset, uint64_t *bytes)
{
    struct world *w = context;
    struct world_region *r = &w->region[region];
    if (from == r->pages * PAGE_SIZE) {
        w->marked = false;
        return false;
    }
    if (w->drop != 0) {
        world_page(w, w->drop)->capability = false;
        w->marked = true;
        w->drop = 0;
    }
    for (uint64_t i = from / PAGE_SIZE; i < r->pages; i++) {
        if (!r->page[i].capability) {
            uint64_t end = i;
            while (end < r->pages && !r->page[end].capability) {
                end++;
            }
            *offset = i * PAGE_SIZE;
            *bytes = (end - i) * PAGE_SIZE;
            return true;
        }
    }
    return false;
}

static void enter(struct world *w)
{
    w->depth++;
    w->depth_max = w->depth > w->depth_max ? w->depth : w->depth_max;
}

static void *own_memory(struct world *w, paddr_t base)
{
    void *memory = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
    assert_non_null(memory);
    assert_true(w->own_pages < ARRAY_LENGTH(w->own));
    w->own[w->own_pages++] = (struct own_page){memory, base};
    return memory;
}

static bool refill(void *context)
{
    struct world *w = context;
    paddr_t base = 0;
    w->refills++;
    if (w->refill_fails || must_fail(w)) {
        return false;
    }
    enter(w);
    bool done = !w->refill_from_self || err_ok(mm_alloc(&w->mm, SERVER, PAGE_SIZE, PAGE_SIZE, NULL, &base));
    if (done && w->refill_from_self) {
        oracle_out(w, base, PAGE_SIZE, SERVER);
    }
    for (unsigned i = 0; done && i < w->refill_extra; i++) {
        paddr_t extra;
        if (err_ok(mm_alloc(&w->mm, SERVER, PAGE_SIZE, PAGE_SIZE, NULL, &extra))) {
            bool pending = w->pending;
            w->pending = false;
            int fail_after = w->fail_after;
            w->fail_after = -1;
            assert_ok(mm_free(&w->mm, SERVER, extra, PAGE_SIZE));
            w->fail_after = fail_after;
            w->pending = pending;
        }
    }
    if (done) {
        mm_give(&w->mm, own_memory(w, base));
    }
    w->depth--;
    return done;
}

static void release(void *context, void *page)
{
    struct world *w = context;
    unsigned i = 0;
    w->releases++;
    enter(w);
    while (w->own[i].memory != page) {
        i++;
        assert_true(i < w->own_pages);
    }
    struct own_page own = w->own[i];
    w->own[i] = w->own[--w->own_pages];
    if (own.base != 0) {
        bool pending = w->pending;
        int fail_after = w->fail_after;
        w->pending = false;
        w->fail_after = -1;
        assert_ok(mm_free(&w->mm, SERVER, own.base, PAGE_SIZE));
        oracle_back(w, own.base, PAGE_SIZE, ORACLE_FREE);
        w->pending = pending;
        w->fail_after = fail_after;
    }
    free(own.memory);
    w->depth--;
}

static const struct mm_ops ops = {retype, revoke, unused, refill, release};

struct world *world_make(void)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    w->fail_after = -1;
    w->refusal = err_make(ERR_CAP_LOCKED, 77);
    w->initial = aligned_alloc(PAGE_SIZE, INITIAL);
    memset(w->initial, 0xa5, INITIAL);
    assert_ok(mm_init(&w->mm, &ops, w, w->initial, INITIAL));
    assert_ok(mm_client_add(&w->mm, SERVER, MM_NO_QUOTA));
    return w;
}

static void to_stderr(void *context, const char *bytes, size_t count)
{
    (void)context;
    fwrite(bytes, 1, count, stderr);
}

void world_end(struct world *w)
{
    assert_int_equal(mm_validate(&w->mm, to_stderr, NULL), 0);
    for (unsigned i = 0; i < w->regions; i++) {
        free(w->region[i].table);
        free(w->region[i].page);
    }
    for (unsigned i = 0; i < w->own_pages; i++) {
        free(w->own[i].memory);
    }
    free(w->initial);
    free(w);
}

void world_add(struct world *w, paddr_t base, uint64_t bytes)
{
    assert_true(w->regions < REGIONS_MAX);
    struct world_region *r = &w->region[w->regions];
    size_t table_bytes = mm_table_bytes(base, bytes);
    *r = (struct world_region){base, bytes / PAGE_SIZE, malloc(table_bytes),
                               calloc(bytes / PAGE_SIZE, sizeof(struct oracle_page))};
    memset(r->table, 0xa5, table_bytes);
    assert_ok(mm_add(&w->mm, base, bytes, w->regions, r->table));
    w->regions++;
}

paddr_t world_alloc(struct world *w, mm_client_t client, uint64_t bytes, uint64_t alignment)
{
    paddr_t base = 1;
    assert_ok(mm_alloc(&w->mm, client, bytes, alignment, NULL, &base));
    assert_int_equal(base & (alignment - 1), 0);
    oracle_out(w, base, bytes, client);
    return base;
}

void world_free(struct world *w, mm_client_t client, paddr_t base, uint64_t bytes)
{
    assert_ok(mm_free(&w->mm, client, base, bytes));
    oracle_back(w, base, bytes, w->pending ? ORACLE_REVOKING : ORACLE_FREE);
}

static bool continues(const struct oracle_page *p)
{
    if (p[0].state != p[-1].state) {
        return false;
    }
    return p[0].state != ORACLE_OUT || p[0].block == p[-1].block;
}

static void compare_region(struct world *w, struct world_region *r)
{
    static const enum mm_state states[] = {MM_FREE, MM_OUT, MM_REVOKING};
    uint64_t i = 0;
    while (i < r->pages) {
        uint64_t end = i + 1;
        while (end < r->pages && continues(&r->page[end])) {
            end++;
        }
        struct mm_extent e;
        assert_true(mm_next(&w->mm, r->base + i * PAGE_SIZE, &e));
        assert_int_equal(e.base, r->base + i * PAGE_SIZE);
        assert_int_equal(e.bytes, (end - i) * PAGE_SIZE);
        assert_int_equal(e.state, states[r->page[i].state]);
        if (e.state == MM_OUT) {
            assert_int_equal(e.client, r->page[i].client);
        }
        i = end;
    }
}

void world_compare(struct world *w)
{
    assert_int_equal(mm_validate(&w->mm, to_stderr, NULL), 0);
    for (unsigned i = 0; i < w->regions; i++) {
        compare_region(w, &w->region[i]);
    }
}

uint64_t world_own_bytes(const struct world *w)
{
    struct mm_stats s;
    mm_stats(&w->mm, &s);
    return s.own;
}
