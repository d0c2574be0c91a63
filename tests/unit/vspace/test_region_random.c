/* SPDX-License-Identifier: MIT */
/* Random operations on regions against an oracle that knows, page by page, who placed what there. */
#include "space.h"

#define RW ((unsigned)CAP_READ | CAP_WRITE)

#define RESERVATIONS 6u

struct run {
    struct space *s;
    uint64_t seed;
    unsigned placed;                               /* numbers of regions */
    struct vregion *reservation[RESERVATIONS + 1]; /* [0]: the address space */
    unsigned first[RESERVATIONS + 1], end[RESERVATIONS + 1];
    unsigned parent[RESERVATIONS + 1];
    unsigned splits[4096];
    unsigned done, refused;
};

static unsigned pick(struct run *t, uint64_t below)
{
    return (unsigned)(random_next(&t->seed) % below);
}

/* The page can be given away inside that holder. */
static bool is_free(struct run *t, unsigned holder, unsigned page)
{
    struct oracle_page *p = &t->s->page[page];
    return page >= t->first[holder] && page < t->end[holder] && p->holder == holder && p->region == 0;
}

static bool all_free(struct run *t, unsigned holder, unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (first + i >= SPACE_PAGES || !is_free(t, holder, first + i)) {
            return false;
        }
    }
    return true;
}

static void set_pages(struct run *t, unsigned first, unsigned count, unsigned region, bool guard,
                      unsigned rights)
{
    for (unsigned i = first; i < first + count; i++) {
        t->s->page[i].region = region;
        t->s->page[i].guard = guard;
        t->s->page[i].rights = rights;
        t->s->page[i].mapped = false;
    }
}

static unsigned pick_holder(struct run *t)
{
    unsigned holder = pick(t, RESERVATIONS + 1);
    return holder == 0 || t->reservation[holder] ? holder : 0;
}

static void do_place(struct run *t)
{
    unsigned holder = pick_holder(t);
    unsigned low = pick(t, 3) == 0 ? pick(t, 3) : 0;
    unsigned high = pick(t, 3) == 0 ? pick(t, 3) : 0;
    unsigned count = 1 + pick(t, pick(t, 8) == 0 ? 60 : 12);
    unsigned align = 1u << (pick(t, 3) == 0 ? pick(t, 5) : 0);
    bool fixed = pick(t, 2);
    unsigned floor = pick(t, 2) ? pick(t, SPACE_PAGES) : 0;
    unsigned want = fixed ? pick(t, SPACE_PAGES) & ~(align - 1) : floor;
    unsigned body = SPACE_PAGES;
    if (fixed) {
        body = want >= low && all_free(t, holder, want - low, low + count + high) ? want : SPACE_PAGES;
    } else {
        for (unsigned i = floor; i < SPACE_PAGES && body == SPACE_PAGES; i++) {
            if ((i + low) % align == 0 && all_free(t, holder, i, low + count + high)) {
                body = i + low;
            }
        }
    }
    unsigned number = ++t->placed;
    t->splits[number] = pick(t, 4);
    struct vregion_request q = {.kind = VREGION_FRAME,
                                .rights = RW,
                                .rights_max = RW,
                                .fixed = fixed,
                                .base = fixed || floor ? address(want) : 0,
                                .bytes = PAGES(count),
                                .alignment = PAGES(align),
                                .guard_low = PAGES(low),
                                .guard_high = PAGES(high),
                                .splits = t->splits[number],
                                .user = (void *)(uintptr_t)number};
    struct vregion *r = NULL;
    err_t e = vregion_place(&t->s->v, t->reservation[holder], &q, &r);
    if (err_is(e, ERR_NO_MEMORY)) {
        assert_true(body != SPACE_PAGES && t->s->refills == 0);
        t->refused++;
        return;
    }
    if (body == SPACE_PAGES) {
        assert_true(err_is(e, ERR_MAP_OVERLAP) || err_is(e, ERR_MAP_NO_SPACE) || err_is(e, ERR_MAP_OUTSIDE));
        assert_true(fixed != err_is(e, ERR_MAP_NO_SPACE));
        t->refused++;
        return;
    }
    assert_ok(e);
    assert_int_equal(r->base, address(body));
    t->s->users[number] = 1;
    set_pages(t, body - low, low, number, true, 0);
    set_pages(t, body, count, number, false, RW);
    set_pages(t, body + count, high, number, true, 0);
    t->done++;
}

static void do_reserve(struct run *t)
{
    unsigned which = 1 + pick(t, RESERVATIONS);
    unsigned holder = pick_holder(t);
    if (t->reservation[which] || holder == which) {
        return;
    }
    unsigned count = 20 + pick(t, 60);
    unsigned first = SPACE_PAGES;
    for (unsigned i = 0; i < SPACE_PAGES && first == SPACE_PAGES; i++) {
        first = all_free(t, holder, i, count) ? i : SPACE_PAGES;
    }
    struct vregion_request q = {.kind = VREGION_RESERVED, .bytes = PAGES(count)};
    err_t e = vregion_place(&t->s->v, t->reservation[holder], &q, &t->reservation[which]);
    if (first == SPACE_PAGES || err_is(e, ERR_NO_MEMORY)) {
        assert_true(err_is(e, first == SPACE_PAGES ? ERR_MAP_NO_SPACE : ERR_NO_MEMORY));
        return;
    }
    assert_ok(e);
    t->first[which] = first;
    t->end[which] = first + count;
    t->parent[which] = holder;
    for (unsigned i = first; i < first + count; i++) {
        t->s->page[i].holder = which;
    }
}

static void do_unreserve(struct run *t)
{
    unsigned which = 1 + pick(t, RESERVATIONS);
    if (!t->reservation[which]) {
        return;
    }
    bool empty = all_free(t, which, t->first[which], t->end[which] - t->first[which]);
    err_t e = vregion_unreserve(&t->s->v, t->reservation[which]);
    assert_int_equal(e.code[0], empty ? ERR_OK : ERR_BUSY);
    if (empty) {
        t->reservation[which] = NULL;
        for (unsigned i = t->first[which]; i < t->end[which]; i++) {
            t->s->page[i].holder = t->parent[which];
        }
    }
}

static bool body_of(struct run *t, unsigned page, unsigned region)
{
    return page < SPACE_PAGES && t->s->page[page].region == region && !t->s->page[page].guard;
}

/* Pages of one piece: same region, same rights, side by side. */
static bool same_piece(struct run *t, unsigned a, unsigned b)
{
    struct oracle_page *p = &t->s->page[a];
    return body_of(t, b, p->region) && !p->guard && p->rights == t->s->page[b].rights;
}

/* A region that may not be split reaches over this edge. */
static bool cuts_whole(struct run *t, unsigned edge, unsigned rights_wanted, bool protect)
{
    if (edge == 0 || edge >= SPACE_PAGES) {
        return false;
    }
    struct oracle_page *p = &t->s->page[edge];
    if (p->region == 0 || p->guard || !same_piece(t, edge - 1, edge) || t->splits[p->region] > 0) {
        return false;
    }
    return !protect || p->rights != rights_wanted;
}

static void drop_guards(struct run *t, unsigned region, unsigned page, int step)
{
    unsigned i = page + (unsigned)step;
    while (i < SPACE_PAGES && t->s->page[i].region == region && t->s->page[i].guard) {
        set_pages(t, i, 1, 0, false, 0);
        i += (unsigned)step;
    }
}

static void do_remove(struct run *t)
{
    unsigned first = pick(t, SPACE_PAGES);
    unsigned count = 1 + pick(t, pick(t, 4) == 0 ? 100 : 6);
    count = first + count > SPACE_PAGES ? SPACE_PAGES - first : count;
    bool refused = cuts_whole(t, first, 0, false) || cuts_whole(t, first + count, 0, false);
    err_t e = vregion_may_remove(&t->s->v, address(first), PAGES(count));
    if (refused || !err_ok(e)) {
        assert_int_equal(e.code[0], refused ? ERR_MAP_NO_SPLIT : ERR_NO_MEMORY);
        assert_true(refused || t->s->refills == 0);
        assert_int_equal(vregion_remove(&t->s->v, address(first), PAGES(count)).code[0], e.code[0]);
        t->refused++;
        return;
    }
    space_map(t->s, first, count, false);
    assert_ok(vregion_remove(&t->s->v, address(first), PAGES(count)));
    for (unsigned i = first; i < first + count; i++) {
        unsigned region = t->s->page[i].region;
        if (region != 0 && !t->s->page[i].guard) {
            set_pages(t, i, 1, 0, false, 0);
            drop_guards(t, region, i, -1);
            drop_guards(t, region, i, 1);
        }
    }
    t->done++;
}

static void do_protect(struct run *t)
{
    unsigned first = pick(t, SPACE_PAGES);
    unsigned count = 1 + pick(t, 10);
    unsigned rights = pick(t, 4);
    count = first + count > SPACE_PAGES ? SPACE_PAGES - first : count;
    enum err_code expected = ERR_OK;
    for (unsigned i = first; i < first + count && expected == ERR_OK; i++) {
        expected = t->s->page[i].region == 0 || t->s->page[i].guard ? ERR_MAP_NOT_MAPPED
                   : t->s->page[i].region == 4095 && rights != 0    ? ERR_MAP_RIGHTS
                                                                    : ERR_OK;
    }
    bool no_split = cuts_whole(t, first, rights, true) || cuts_whole(t, first + count, rights, true);
    err_t e = vregion_protect(&t->s->v, address(first), PAGES(count), rights);
    if (err_is(e, ERR_MAP_NO_SPLIT)) {
        assert_true(no_split);
    } else if (err_is(e, ERR_NO_MEMORY)) {
        assert_true(t->s->refills == 0);
    } else {
        assert_int_equal(e.code[0], expected);
        assert_true(!err_ok(e) || !no_split);
    }
    if (!err_ok(e)) {
        t->refused++;
        return;
    }
    for (unsigned i = first; i < first + count; i++) {
        t->s->page[i].rights = rights;
    }
    t->done++;
}

static void do_map(struct run *t)
{
    unsigned first = pick(t, SPACE_PAGES - 8);
    space_map(t->s, first, 1 + pick(t, 8), pick(t, 3) != 0);
}

/* Every address means what the oracle says, pieces are as long as can be, and reference counts fit. */
static void compare(struct run *t)
{
    long pieces[4096] = {0};
    unsigned at = 0;
    for (unsigned i = 0; i < SPACE_PAGES; i++) {
        struct oracle_page *p = &t->s->page[i];
        struct vregion *r;
        enum vregion_hit hit = vregion_at(&t->s->v, address(i) + 5, &r);
        if (p->region == 0) {
            assert_int_equal(hit, p->holder == 0 ? VREGION_NOTHING : VREGION_UNUSED);
            assert_ptr_equal(r, t->reservation[p->holder]);
            continue;
        }
        assert_int_equal(hit == VREGION_BODY, !p->guard);
        assert_ptr_equal(r->user, (void *)(uintptr_t)(p->region == 4095 ? 0 : p->region));
        if (p->guard || (i > 0 && same_piece(t, i - 1, i))) {
            continue;
        }
        unsigned end = i + 1;
        while (end < SPACE_PAGES && same_piece(t, i, end)) {
            end++;
        }
        assert_int_equal(r->base, address(i));
        assert_int_equal(r->bytes, PAGES(end - i));
        assert_int_equal(r->rights, p->rights);
        assert_ptr_equal(vregion_next(&t->s->v, address(at)), r);
        pieces[p->region]++;
        at = end;
    }
    for (unsigned i = 1; i <= t->placed; i++) {
        assert_int_equal(t->s->users[i], pieces[i]);
    }
    space_check(t->s);
}

static void run(uint64_t seed, int refills, unsigned steps)
{
    struct run *t = calloc(1, sizeof(*t));
    t->s = space_make();
    t->seed = seed * 0x9e3779b97f4a7c15 + 1;
    t->end[0] = SPACE_PAGES;
    t->s->refills = refills;
    for (unsigned i = 0; i < steps; i++) {
        unsigned dice = pick(t, 100);
        if (dice < 35) {
            t->placed = t->placed < 4000 ? t->placed : 4000;
            do_place(t);
        } else if (dice < 55) {
            do_remove(t);
        } else if (dice < 80) {
            do_protect(t);
        } else if (dice < 94) {
            do_map(t);
        } else if (dice < 97) {
            do_reserve(t);
        } else {
            do_unreserve(t);
        }
        compare(t);
    }
    assert_true(t->done > steps / 10 && t->refused > steps / 50);
    space_map(t->s, 0, SPACE_PAGES, false);
    assert_ok(vregion_remove(&t->s->v, SPACE_BASE, PAGES(SPACE_PAGES)));
    assert_null(vregion_next(&t->s->v, 0));
    space_end(t->s);
    free(t);
}

static void with_memory(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        run(seed, -1, 3000);
    }
}

static void with_little_memory(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        run(seed, (int)(seed % 3), 3000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_memory),
        cmocka_unit_test(with_little_memory),
    };
    return cmocka_run_group_tests_name("vspace_region_random", tests, NULL, NULL);
}
