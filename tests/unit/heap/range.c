/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/mman.h>
#include "range.h"

uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed * 0x2545f4914f6cdd1d;
}

static void lock(void *context)
{
    struct range *r = context;
    assert_int_equal(r->locked, 0);
    r->locked = 1;
}

static void unlock(void *context)
{
    struct range *r = context;
    assert_int_equal(r->locked, 1);
    r->locked = 0;
}

static size_t offset_of(struct range *r, void *base, size_t bytes)
{
    size_t offset = (size_t)((unsigned char *)base - r->memory);
    assert_true(offset < r->bytes && bytes <= r->bytes - offset);
    return offset;
}

static bool commit(void *context, void *base, size_t bytes)
{
    struct range *r = context;
    size_t offset = offset_of(r, base, bytes);
    if (r->commits == 0) {
        return false;
    }
    r->commits -= r->commits > 0;
    for (size_t page = offset / PAGE_SIZE; page < (offset + bytes) / PAGE_SIZE; page++) {
        assert_false(r->touched[page]);
        r->touched[page] = true;
    }
    return true;
}

static bool release(void *context, void *base, size_t bytes)
{
    struct range *r = context;
    size_t offset = offset_of(r, base, bytes);
    if (r->keep) {
        return false;
    }
    for (size_t page = offset / PAGE_SIZE; page < (offset + bytes) / PAGE_SIZE; page++) {
        assert_true(r->touched[page]);
        r->touched[page] = false;
    }
    memset(base, 0, bytes);
    r->released += bytes;
    return true;
}

static void report(void *context, enum heap_misuse misuse, void *pointer)
{
    struct range *r = context;
    assert_int_equal(r->locked, 0);
    r->misuse = misuse;
    r->misused = pointer;
    r->misuses++;
}

/* Nothing in it is in use. */
static void clean(void *context, void *base, size_t bytes)
{
    struct range *r = context;
    size_t offset = offset_of(r, base, bytes);
    for (size_t page = offset / PAGE_SIZE; page < (offset + bytes) / PAGE_SIZE; page++) {
        assert_false(r->touched[page]);
    }
}

static const struct heap_ops ops = {lock, unlock, commit, release, clean, report};

/* ---- the tool: knows which bytes are a block's ---- */

static void set_state(struct range *r, void *block, size_t bytes, unsigned char from, unsigned char to)
{
    size_t offset = offset_of(r, block, bytes);
    r->told++;
    size_t wrong = 0;
    for (size_t i = offset; i < offset + bytes; i++) {
        wrong += r->state[i] != from;
        r->state[i] = to;
    }
    assert_int_equal(wrong, 0);
}

static void allocated(void *context, void *block, size_t bytes, bool zero)
{
    struct range *r = context;
    set_state(r, block, bytes, 0, 1);
    size_t offset = offset_of(r, block, bytes);
    for (size_t i = 0; i < r->red_zone && offset + bytes + i < r->bytes; i++) {
        assert_int_equal(r->state[offset + bytes + i], 0);
    }
    size_t wrong = 0;
    for (size_t i = 0; zero && i < bytes; i++) {
        wrong += r->memory[offset + i] != 0;
    }
    assert_int_equal(wrong, 0);
}

static void freed(void *context, void *block, size_t bytes)
{
    set_state(context, block, bytes, 1, 0);
}

static void resized(void *context, void *block, size_t before, size_t now)
{
    set_state(context, block, before, 1, 0);
    set_state(context, block, now, 0, 1);
}

static void own(void *context, void *memory, size_t bytes)
{
    struct range *r = context;
    size_t offset = offset_of(r, memory, bytes);
    for (size_t i = offset; i < offset + bytes; i++) {
        assert_int_equal(r->state[i], 0);
    }
}

static struct heap_tools tools = {.allocated = allocated, .freed = freed, .resized = resized, .own = own};

struct range *range_make(size_t bytes, bool tool, size_t red_zone)
{
    struct range *r = calloc(1, sizeof(*r));
    assert_non_null(r);
    r->bytes = bytes;
    r->commits = -1;
    r->tool = tool;
    r->red_zone = red_zone;
    r->memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(r->memory != MAP_FAILED);
    r->touched = calloc(bytes / PAGE_SIZE, sizeof(bool));
    if (tool) {
        r->state = calloc(bytes, 1);
        tools.red_zone = red_zone;
    }
    assert_int_equal(heap_init(&r->heap, &ops, tool ? &tools : NULL, r, r->memory, bytes).code[0], ERR_OK);
    return r;
}

static void to_stderr(void *context, const char *bytes, size_t count)
{
    (void)context;
    fwrite(bytes, 1, count, stderr);
}

void range_check(struct range *r)
{
    assert_int_equal(heap_validate(&r->heap, to_stderr, NULL), 0);
}

void range_expect_empty(struct range *r)
{
    (void)heap_trim(&r->heap);
    range_check(r);
    struct heap_figures f = heap_stats(&r->heap);
    assert_int_equal(f.blocks, 0);
    assert_int_equal(f.used, 0);
    assert_int_equal(f.dirty, 0);
    assert_int_equal(f.allocations, f.frees);
    for (size_t page = 0; page < r->bytes / PAGE_SIZE; page++) {
        assert_false(r->touched[page]);
    }
    assert_int_equal(r->heap.free[1].root->height, 1); /* one clean span */
    assert_int_equal(r->locked, 0);
}

void range_end(struct range *r)
{
    range_check(r);
    munmap(r->memory, r->bytes);
    free(r->touched);
    free(r->state);
    free(r);
}
