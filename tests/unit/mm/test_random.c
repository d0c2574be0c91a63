/* SPDX-License-Identifier: MIT */
/* Random operations on several regions, right ones and wrong ones, against an oracle that knows pages only.
 */
#include "world.h"

#define CLIENTS 40u /* enough that a chunk can have more owners than a palette has places */

struct run {
    struct world *w;
    uint64_t seed;
    uint64_t used[CLIENTS];
    uint64_t quota[CLIENTS];
    uint64_t allocated, refused, freed, wrong;
};

static uint64_t pick(struct run *t, uint64_t below)
{
    return random_next(&t->seed) % below;
}

/* Some page of some region. */
static paddr_t pick_address(struct run *t)
{
    struct world_region *r = &t->w->region[pick(t, t->w->regions)];
    return r->base + pick(t, r->pages) * PAGE_SIZE;
}

static uint64_t pick_size(struct run *t)
{
    static const uint64_t most[] = {1, 1, 1, 4, 40, 600, 3000};
    return (1 + pick(t, most[pick(t, ARRAY_LENGTH(most))])) * PAGE_SIZE;
}

/* Is there a free place of that size and alignment at all? */
static bool exists(struct world *w, uint64_t bytes, uint64_t alignment)
{
    for (unsigned i = 0; i < w->regions; i++) {
        struct world_region *r = &w->region[i];
        uint64_t run = 0;
        for (uint64_t p = r->pages; p-- > 0;) {
            run = r->page[p].state == ORACLE_FREE ? run + 1 : 0;
            if (run * PAGE_SIZE >= bytes && ((r->base + p * PAGE_SIZE) & (alignment - 1)) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void do_alloc(struct run *t)
{
    mm_client_t client = (mm_client_t)pick(t, CLIENTS);
    uint64_t bytes = pick_size(t);
    uint64_t alignment = PAGE_SIZE << (pick(t, 3) == 0 ? pick(t, 12) : 0);
    bool fits = exists(t->w, bytes, alignment);
    unsigned refills = t->w->refills;
    paddr_t base = 1;
    err_t e = mm_alloc(&t->w->mm, client, bytes, alignment, NULL, &base);
    if (t->used[client] + bytes > t->quota[client]) {
        assert_err(e, ERR_MM_QUOTA, t->quota[client]);
        t->refused++;
    } else if (e.code[0] != ERR_OK) {
        /* Nothing else may be in the way; a refill may have taken the last place. */
        assert_int_equal(e.code[0], ERR_NO_MEMORY);
        assert_true(!fits || (t->w->refills != refills && !exists(t->w, bytes, alignment)));
        t->refused++;
    } else {
        assert_true(fits);
        assert_int_equal(base & (alignment - 1), 0);
        oracle_out(t->w, base, bytes, client);
        t->used[client] += bytes;
        t->allocated++;
        return;
    }
    assert_int_equal(base, 1);
}

static enum err_code expect_alloc_range(struct run *t, mm_client_t client, paddr_t base, uint64_t bytes)
{
    if (t->used[client] + bytes > t->quota[client]) {
        return ERR_MM_QUOTA;
    }
    if (!world_page(t->w, base + bytes - PAGE_SIZE)) {
        return ERR_MM_UNKNOWN;
    }
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) {
        if (world_page(t->w, base + at)->state != ORACLE_FREE) {
            return ERR_NO_MEMORY;
        }
    }
    return ERR_OK;
}

static void do_alloc_range(struct run *t)
{
    mm_client_t client = (mm_client_t)pick(t, CLIENTS);
    uint64_t bytes = pick_size(t);
    paddr_t base = pick_address(t);
    enum err_code expected = expect_alloc_range(t, client, base, bytes);
    err_t e = mm_alloc_range(&t->w->mm, client, base, bytes, NULL);
    if (e.code[0] != expected) {
        expected = expect_alloc_range(t, client, base, bytes); /* a refill was quicker */
    }
    assert_int_equal(e.code[0], expected);
    if (expected == ERR_OK) {
        oracle_out(t->w, base, bytes, client);
        t->used[client] += bytes;
    }
}

/* The block around an address, from the oracle. */
static bool block_at(struct run *t, paddr_t at, paddr_t *base, uint64_t *bytes)
{
    struct oracle_page *p = world_page(t->w, at);
    if (p->state != ORACLE_OUT) {
        return false;
    }
    paddr_t low = at;
    paddr_t high = at + PAGE_SIZE;
    for (struct oracle_page *q;
         (q = world_page(t->w, low - PAGE_SIZE)) && q->state == ORACLE_OUT && q->block == p->block;) {
        low -= PAGE_SIZE;
    }
    for (struct oracle_page *q;
         (q = world_page(t->w, high)) && q->state == ORACLE_OUT && q->block == p->block;) {
        high += PAGE_SIZE;
    }
    *base = low;
    *bytes = high - low;
    return true;
}

static void do_free(struct run *t)
{
    paddr_t base;
    uint64_t bytes;
    if (!block_at(t, pick_address(t), &base, &bytes)) {
        return;
    }
    mm_client_t client = world_page(t->w, base)->client;
    if (client == SERVER) {
        return;
    }
    t->w->pending = pick(t, 4) == 0;
    world_free(t->w, client, base, bytes);
    t->used[client] -= bytes;
    t->freed++;
}

/* Any range, by any client: right or wrong. */
static void do_free_range(struct run *t)
{
    paddr_t base = pick_address(t);
    uint64_t bytes = pick_size(t);
    mm_client_t client = world_page(t->w, base)->client;
    if (pick(t, 8) == 0) {
        client = (mm_client_t)pick(t, CLIENTS);
    }
    enum err_code expected = ERR_OK;
    for (uint64_t at = 0; expected == ERR_OK && at < bytes; at += PAGE_SIZE) {
        struct oracle_page *p = world_page(t->w, base + at);
        if (!p || !world_page(t->w, base + bytes - PAGE_SIZE)) {
            expected = ERR_MM_UNKNOWN;
        } else if (p->state != ORACLE_OUT) {
            expected = ERR_MM_DOUBLE_FREE;
        } else if (p->client != client) {
            expected = ERR_MM_FOREIGN;
        }
    }
    if (client == SERVER) {
        return;
    }
    t->w->pending = pick(t, 4) == 0;
    err_t e = mm_free_range(&t->w->mm, client, base, bytes);
    if (expected == ERR_OK && !err_ok(e)) {
        assert_true(e.code[0] == ERR_NO_MEMORY &&
                    t->w->mm.pages_free == 0); /* a split, and nothing to note it in */
    } else if (expected == ERR_OK) {
        oracle_back(t->w, base, bytes, t->w->pending ? ORACLE_REVOKING : ORACLE_FREE);
        t->used[client] -= bytes;
    } else {
        assert_int_equal(e.code[0], expected);
        t->wrong++;
    }
}

/* mm_free with a range that is seldom exactly one block. */
static void do_wrong_free(struct run *t)
{
    paddr_t at = pick_address(t);
    paddr_t base;
    uint64_t bytes;
    bool out = block_at(t, at, &base, &bytes);
    uint64_t size = pick_size(t);
    mm_client_t client = (mm_client_t)pick(t, CLIENTS);
    enum err_code expected = ERR_OK;
    if (!world_page(t->w, at + size - PAGE_SIZE)) {
        expected = ERR_MM_UNKNOWN;
    } else if (!out) {
        expected = ERR_MM_DOUBLE_FREE;
    } else if (world_page(t->w, at)->client != client) {
        expected = ERR_MM_FOREIGN;
    } else if (at != base || size != bytes) {
        expected = ERR_MM_UNKNOWN;
    } else {
        return;
    }
    assert_int_equal(mm_free(&t->w->mm, client, at, size).code[0], expected);
    t->wrong++;
}

/* Revokes come to their end: whole revoking runs, or a part of one. */
static void do_revoked(struct run *t)
{
    paddr_t at = pick_address(t);
    struct oracle_page *p = world_page(t->w, at);
    if (p->state != ORACLE_REVOKING) {
        assert_err(mm_revoked(&t->w->mm, at, PAGE_SIZE), ERR_MM_UNKNOWN, at);
        return;
    }
    uint64_t bytes = 0;
    for (struct oracle_page *q = p; (q = world_page(t->w, at + bytes)) && q->state == ORACLE_REVOKING;) {
        q->capability = false;
        q->state = ORACLE_FREE;
        bytes += PAGE_SIZE;
        if (pick(t, 50) == 0) {
            break;
        }
    }
    assert_ok(mm_revoked(&t->w->mm, at, bytes));
}

/* A client deletes its capabilities for a range of its own; the kernel notices. */
static void do_reclaim(struct run *t)
{
    paddr_t at = pick_address(t);
    uint64_t bytes = pick_size(t);
    uint64_t gone = 0;
    for (uint64_t i = 0; i < bytes; i += PAGE_SIZE) {
        struct oracle_page *p = world_page(t->w, at + i);
        if (!p || p->state != ORACLE_OUT || p->client == SERVER) {
            break;
        }
        p->capability = false;
        gone += PAGE_SIZE;
    }
    for (uint64_t i = 0; i < gone; i += PAGE_SIZE) {
        t->used[world_page(t->w, at + i)->client] -= PAGE_SIZE;
    }
    if (gone > 0) {
        oracle_back(t->w, at, gone, ORACLE_FREE);
    }
    for (unsigned i = 0; i < t->w->regions; i++) {
        struct world_region *r = &t->w->region[i];
        uint64_t freed;
        assert_ok(mm_reclaim(&t->w->mm, r->base, r->pages * PAGE_SIZE, &freed));
        assert_int_equal(freed, at >= r->base && at - r->base < r->pages * PAGE_SIZE ? gone : 0);
    }
}

static void step(struct run *t, unsigned weight_alloc)
{
    uint64_t dice = pick(t, 100);
    if (dice < weight_alloc) {
        do_alloc(t);
    } else if (dice < weight_alloc + 5) {
        do_alloc_range(t);
    } else if (dice < 70) {
        do_free(t);
    } else if (dice < 80) {
        do_free_range(t);
    } else if (dice < 85) {
        do_wrong_free(t);
    } else if (dice < 97) {
        do_revoked(t);
    } else {
        do_reclaim(t);
    }
}

static void free_everything(struct run *t)
{
    t->w->pending = false;
    for (mm_client_t client = 0; client < CLIENTS; client++) {
        struct mm_extent e;
        while (mm_next_of(&t->w->mm, client, 0, &e)) {
            world_free(t->w, client, e.base, e.bytes);
        }
        assert_ok(mm_client_remove(&t->w->mm, client));
    }
    struct mm_extent e;
    for (paddr_t at = 0; mm_next(&t->w->mm, at, &e); at = e.base + e.bytes) {
        if (e.state == MM_REVOKING) {
            for (uint64_t i = 0; i < e.bytes; i += PAGE_SIZE) {
                world_page(t->w, e.base + i)->state = ORACLE_FREE;
                world_page(t->w, e.base + i)->capability = false;
            }
            assert_ok(mm_revoked(&t->w->mm, e.base, e.bytes));
            e.bytes = 0; /* it may have grown together with what stands behind: look again */
        }
    }
}

static void run(uint64_t seed, bool from_self, unsigned steps)
{
    struct run t = {.w = world_make(), .seed = seed * 0x9e3779b97f4a7c15 + 1};
    t.w->refill_from_self = from_self;
    t.w->refill_extra = from_self ? 2 : 0;
    world_add(t.w, 0x40003000, MIB(9) + KIB(20)); /* neither end on a chunk */
    world_add(t.w, GIB(5) - MIB(3), MIB(7));      /* over a large power of two */
    world_add(t.w, 0x1000, KIB(4));               /* one page */
    world_add(t.w, 0x80000000, MIB(2));
    for (mm_client_t client = 0; client < CLIENTS; client++) {
        t.quota[client] = client % 3 == 0 ? MM_NO_QUOTA : MIB(1 + pick(&t, 4));
        assert_ok(mm_client_add(&t.w->mm, client, t.quota[client]));
    }
    for (unsigned i = 0; i < steps; i++) {
        step(&t, i / 400 % 2 ? 30 : 55); /* the memory fills and empties */
        if (i % 16 == 0) {
            world_compare(t.w);
        }
    }
    assert_true(t.allocated > steps / 20 && t.refused > 0 && t.wrong > 0 && t.freed > 0);
    assert_true(t.w->depth_max <= 1);
    free_everything(&t);
    world_compare(t.w);
    for (unsigned i = 0; i < t.w->regions; i++) {
        struct mm_extent e;
        assert_true(mm_next(&t.w->mm, t.w->region[i].base, &e));
        assert_int_equal(e.bytes, t.w->region[i].pages * PAGE_SIZE); /* one block again */
        assert_ok(mm_remove(&t.w->mm, t.w->region[i].base));
    }
    world_end(t.w);
}

static void memory_from_outside(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        run(seed, false, 6000);
    }
}

static void memory_from_itself(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        run(seed, true, 6000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_from_outside),
        cmocka_unit_test(memory_from_itself),
    };
    return cmocka_run_group_tests_name("mm_random", tests, NULL, NULL);
}
