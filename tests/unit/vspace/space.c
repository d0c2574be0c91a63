/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include "space.h"

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

static bool refill(void *context)
{
    struct space *s = context;
    s->refill_calls++;
    if (s->refills == 0) {
        return false;
    }
    s->refills -= s->refills > 0;
    if (s->refill_places) {
        struct vregion_request q = {.kind = VREGION_FRAME, .bytes = PAGES(1), .name = "pool"};
        struct vregion *r;
        assert_ok(vregion_place(&s->v, NULL, &q, &r));
        unsigned page = (unsigned)((r->base - SPACE_BASE) / PAGE_SIZE);
        s->page[page].region = 4095;
    }
    assert_true(s->givens < ARRAY_LENGTH(s->given));
    s->given[s->givens] = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
    vregions_give(&s->v, s->given[s->givens++]);
    return true;
}

static uint64_t resident(void *context, vaddr_t base, uint64_t bytes)
{
    struct space *s = context;
    uint64_t sum = 0;
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) {
        sum += s->page[(base + at - SPACE_BASE) / PAGE_SIZE].mapped ? PAGE_SIZE : 0;
    }
    return sum;
}

static void split(void *context, const struct vregion *old)
{
    ((struct space *)context)->users[(uintptr_t)old->user]++;
}

static void gone(void *context, const struct vregion *piece)
{
    ((struct space *)context)->users[(uintptr_t)piece->user]--;
}

static const struct vregion_ops ops = {refill, resident, split, gone};

struct space *space_make(void)
{
    struct space *s = calloc(1, sizeof(*s));
    assert_non_null(s);
    s->refills = -1;
    s->initial = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
    memset(s->initial, 0xa5, PAGE_SIZE);
    assert_ok(vregions_init(&s->v, SPACE_BASE, PAGES(SPACE_PAGES), &ops, s, s->initial, PAGE_SIZE));
    return s;
}

static void to_stderr(void *context, const char *bytes, size_t count)
{
    (void)context;
    fwrite(bytes, 1, count, stderr);
}

void space_check(const struct space *s)
{
    assert_int_equal(vregions_validate(&s->v, to_stderr, NULL), 0);
}

void space_end(struct space *s)
{
    space_check(s);
    for (unsigned i = 0; i < s->givens; i++) {
        free(s->given[i]);
    }
    free(s->initial);
    free(s);
}

void space_map(struct space *s, unsigned first, unsigned count, bool mapped)
{
    for (unsigned i = first; i < first + count; i++) {
        struct vregion *r;
        if (s->page[i].mapped != mapped && vregion_at(&s->v, address(i), &r) == VREGION_BODY) {
            s->page[i].mapped = mapped;
            vregion_count(r, mapped ? (int64_t)PAGE_SIZE : -(int64_t)PAGE_SIZE);
        }
    }
}
