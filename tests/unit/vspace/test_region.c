/* SPDX-License-Identifier: MIT */
/* What each call on regions does, and each refusal. */
#include "space.h"

#define RW ((unsigned)CAP_READ | CAP_WRITE)
#define RX ((unsigned)CAP_READ | CAP_EXECUTE)

static int setup(void **state)
{
    *state = space_make();
    return 0;
}

static int teardown(void **state)
{
    space_end(*state);
    return 0;
}

static struct vregion *place(struct space *s, unsigned page, unsigned pages, unsigned splits)
{
    struct vregion_request q = {.kind = VREGION_LAZY,
                                .fault = VREGION_ZERO,
                                .rights = RW,
                                .fixed = true,
                                .base = address(page),
                                .bytes = PAGES(pages),
                                .splits = splits,
                                .object = 7,
                                .offset = PAGES(100),
                                .user = (void *)(uintptr_t)page,
                                .name = "test"};
    struct vregion *r = NULL;
    assert_ok(vregion_place(&s->v, NULL, &q, &r));
    s->users[page]++;
    return r;
}

static struct vregion *anywhere(struct space *s, struct vregion *holder, unsigned pages, unsigned align,
                                unsigned guard)
{
    struct vregion_request q = {.kind = VREGION_FRAME,
                                .rights = RW,
                                .bytes = PAGES(pages),
                                .alignment = PAGES(align),
                                .guard_low = PAGES(guard),
                                .guard_high = PAGES(guard)};
    struct vregion *r = NULL;
    assert_ok(vregion_place(&s->v, holder, &q, &r));
    return r;
}

static void init_refuses(void **state)
{
    struct space *s = *state;
    struct vregions v;
    static _Alignas(4096) char memory[8192];
    assert_err(vregions_init(&v, 1, 4096, s->v.ops, s, memory, 4096), ERR_BAD_ARGUMENT, 2);
    assert_err(vregions_init(&v, 0, 0, s->v.ops, s, memory, 4096), ERR_BAD_ARGUMENT, 3);
    assert_err(vregions_init(&v, 0, 100, s->v.ops, s, memory, 4096), ERR_BAD_ARGUMENT, 3);
    assert_err(vregions_init(&v, (vaddr_t)-4096, 8192, s->v.ops, s, memory, 4096), ERR_BAD_ARGUMENT, 3);
    assert_err(vregions_init(&v, 0, 4096, s->v.ops, s, memory + 8, 4096), ERR_BAD_ARGUMENT, 6);
    assert_err(vregions_init(&v, 0, 4096, s->v.ops, s, memory, 4095), ERR_BAD_ARGUMENT, 7);
}

static void place_refuses_bad_requests(void **state)
{
    struct space *s = *state;
    struct vregion *frame = anywhere(s, NULL, 1, 0, 0);
    const struct vregion_request good = {.kind = VREGION_LAZY,
                                         .rights = RW,
                                         .fixed = true,
                                         .base = address(8),
                                         .bytes = PAGES(4),
                                         .guard_low = PAGES(1),
                                         .guard_high = PAGES(1)};
    struct {
        struct vregion_request q;
        struct vregion *holder;
        enum err_code code;
        uint64_t detail;
    } cases[] = {
        {good, NULL, ERR_BAD_ARGUMENT, 1},
        {good, NULL, ERR_BAD_ARGUMENT, 1},
        {good, NULL, ERR_BAD_ARGUMENT, 2},
        {good, NULL, ERR_BAD_ARGUMENT, 2},
        {good, NULL, ERR_BAD_ARGUMENT, 3},
        {good, NULL, ERR_BAD_ARGUMENT, 4},
        {good, NULL, ERR_BAD_ARGUMENT, 4},
        {good, frame, ERR_BAD_ARGUMENT, 5},
        {good, NULL, ERR_BAD_ARGUMENT, 6},
        {good, NULL, ERR_UNALIGNED, address(8) + 1},
        {good, NULL, ERR_UNALIGNED, address(9)},
        {good, NULL, ERR_MAP_WRITE_EXECUTE, 0},
        {good, NULL, ERR_MAP_OUTSIDE, address(0) - PAGE_SIZE},
        {good, NULL, ERR_MAP_OUTSIDE, 0},
        {good, NULL, ERR_MAP_OUTSIDE, address(SPACE_PAGES)},
        {good, NULL, ERR_MAP_OUTSIDE, address(SPACE_PAGES + 7)},
        {good, NULL, ERR_MAP_OVERLAP, address(0)},
        {good, NULL, ERR_MAP_NO_SPACE, PAGES(SPACE_PAGES)},
    };
    cases[0].q.kind = VREGION_KINDS;
    cases[1].q.fault = VREGION_PEER + 1;
    cases[2].q.bytes = 0;
    cases[3].q.bytes = 5000;
    cases[4].q.alignment = PAGES(3);
    cases[5].q.guard_low = 1;
    cases[6].q.guard_high = (uint64_t)-4096;
    cases[8].q.kind = VREGION_RESERVED;
    cases[9].q.base += 1;
    cases[10].q.alignment = PAGES(2);
    cases[10].q.base = address(9);
    cases[11].q.rights |= CAP_EXECUTE;
    cases[12].q.base = address(0);
    cases[13].q.base = 0;
    cases[14].q.base = address(SPACE_PAGES - 4);
    cases[15].q.base = address(SPACE_PAGES + 7);
    cases[16].q.base = address(2);
    cases[16].q.guard_low = PAGES(2);
    cases[17].q.fixed = false;
    cases[17].q.bytes = PAGES(SPACE_PAGES - 2);
    for (unsigned i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct vregion *r = frame;
        assert_err(vregion_place(&s->v, cases[i].holder, &cases[i].q, &r), cases[i].code, cases[i].detail);
        assert_ptr_equal(r, frame);
    }
    struct vregion_stats stats;
    vregions_stats(&s->v, &stats);
    assert_int_equal(stats.regions, 1);
}

static void anywhere_is_the_lowest_gap_that_fits(void **state)
{
    struct space *s = *state;
    assert_int_equal(anywhere(s, NULL, 4, 0, 0)->base, address(0));
    assert_int_equal(anywhere(s, NULL, 4, 0, 1)->base, address(5)); /* guards 4 and 9 */
    assert_int_equal(anywhere(s, NULL, 1, 16, 0)->base, address(16));
    assert_int_equal(anywhere(s, NULL, 6, 0, 0)->base, address(10));
    assert_int_equal(anywhere(s, NULL, 7, 0, 0)->base, address(17));
    struct vregion_request above = {.kind = VREGION_FRAME, .bytes = PAGES(1), .base = address(100) + 1};
    struct vregion *r;
    assert_ok(vregion_place(&s->v, NULL, &above, &r));
    assert_int_equal(r->base, address(101));
    assert_int_equal(anywhere(s, NULL, 1, 0, 0)->base, address(24));
}

static void the_space_can_be_filled_to_the_last_page(void **state)
{
    struct space *s = *state;
    for (unsigned i = 0; i < SPACE_PAGES; i++) {
        assert_int_equal(anywhere(s, NULL, 1, 0, 0)->base, address(i));
    }
    struct vregion_request q = {.kind = VREGION_FRAME, .bytes = PAGES(1)};
    assert_err(vregion_place(&s->v, NULL, &q, NULL), ERR_MAP_NO_SPACE, PAGES(1));
    assert_ok(vregion_remove(&s->v, address(300), PAGES(1)));
    assert_int_equal(anywhere(s, NULL, 1, 0, 0)->base, address(300));
    assert_ok(vregion_remove(&s->v, SPACE_BASE, PAGES(SPACE_PAGES)));
    assert_null(vregion_next(&s->v, 0));
}

static void an_address_means_body_guard_or_nothing(void **state)
{
    struct space *s = *state;
    struct vregion_request q = {.kind = VREGION_LAZY,
                                .fault = VREGION_ZERO,
                                .fixed = true,
                                .base = address(10),
                                .bytes = PAGES(4),
                                .guard_low = PAGES(2),
                                .guard_high = PAGES(1)};
    struct vregion *stack;
    struct vregion *r;
    assert_ok(vregion_place(&s->v, NULL, &q, &stack));
    assert_int_equal(vregion_at(&s->v, address(8) - 1, &r), VREGION_NOTHING);
    assert_null(r);
    assert_int_equal(vregion_at(&s->v, address(8), &r), VREGION_GUARD_LOW);
    assert_ptr_equal(r, stack);
    assert_int_equal(vregion_at(&s->v, address(10), &r), VREGION_BODY);
    assert_int_equal(vregion_at(&s->v, address(14) - 1, &r), VREGION_BODY);
    assert_int_equal(vregion_at(&s->v, address(14), &r), VREGION_GUARD_HIGH);
    assert_ptr_equal(r, stack);
    assert_int_equal(vregion_at(&s->v, address(15), &r), VREGION_NOTHING);
    assert_int_equal(vregion_at(&s->v, 0, &r), VREGION_NOTHING);
    assert_int_equal(vregion_at(&s->v, UINT64_MAX, &r), VREGION_NOTHING);
    assert_int_equal(stack->around, 1);
}

static void only_who_names_a_reservation_gets_space_in_it(void **state)
{
    struct space *s = *state;
    struct vregion_request q = {.kind = VREGION_RESERVED, .bytes = PAGES(64), .name = "mine"};
    struct vregion *outer;
    struct vregion *inner;
    struct vregion *r;
    assert_ok(vregion_place(&s->v, NULL, &q, &outer));
    q.bytes = PAGES(16);
    assert_ok(vregion_place(&s->v, outer, &q, &inner));
    assert_int_equal(anywhere(s, NULL, 4, 0, 0)->base, address(64));
    assert_int_equal(anywhere(s, outer, 4, 0, 0)->base, address(16));
    assert_int_equal(anywhere(s, inner, 4, 0, 1)->base, address(1));
    assert_int_equal(vregion_at(&s->v, address(8), &r), VREGION_UNUSED);
    assert_ptr_equal(r, inner);
    assert_int_equal(vregion_at(&s->v, address(30), &r), VREGION_UNUSED);
    assert_ptr_equal(r, outer);
    assert_int_equal(vregion_at(&s->v, address(2), &r), VREGION_BODY);
    assert_ptr_equal(r->holder, inner);
    struct vregion_request outside = {
        .kind = VREGION_FRAME, .fixed = true, .base = address(20), .bytes = PAGES(1)};
    assert_err(vregion_place(&s->v, NULL, &outside, NULL), ERR_MAP_OVERLAP, address(0));
    assert_err(vregion_place(&s->v, inner, &outside, NULL), ERR_MAP_OUTSIDE, address(20));
    outside.base = address(15);
    outside.bytes = PAGES(2);
    assert_err(vregion_place(&s->v, inner, &outside, NULL), ERR_MAP_OUTSIDE, address(16));
    outside.fixed = false;
    outside.bytes = PAGES(12);
    assert_err(vregion_place(&s->v, inner, &outside, NULL), ERR_MAP_NO_SPACE, PAGES(12));

    /* The walk sees regions in order, whatever they lie in. */
    static const unsigned order[] = {1, 16, 64};
    unsigned i = 0;
    for (r = vregion_next(&s->v, 0); r; r = vregion_next(&s->v, r->base + r->bytes)) {
        assert_int_equal(r->base, address(order[i++]));
    }
    assert_int_equal(i, 3);

    assert_err(vregion_unreserve(&s->v, outer), ERR_BUSY, 0);
    assert_err(vregion_unreserve(&s->v, vregion_next(&s->v, 0)), ERR_BAD_ARGUMENT, 1);
    assert_err(vregion_unreserve(&s->v, NULL), ERR_BAD_ARGUMENT, 1);
    assert_ok(vregion_remove(&s->v, address(0), PAGES(64)));
    assert_ok(vregion_unreserve(&s->v, inner));
    assert_ok(vregion_unreserve(&s->v, outer));
    assert_int_equal(anywhere(s, NULL, 60, 0, 0)->base, address(0));
}

static void removal_in_parts(void **state)
{
    struct space *s = *state;
    struct vregion *r = place(s, 10, 20, 1);
    space_map(s, 10, 20, true);
    vregion_count_fault(r);
    space_map(s, 14, 2, false);
    assert_ok(vregion_remove(&s->v, address(14), PAGES(2)));
    assert_int_equal(s->users[10], 2);
    assert_int_equal(r->resident, PAGES(4));
    assert_int_equal(r->bytes, PAGES(4));
    struct vregion *upper = vregion_next(&s->v, address(14));
    assert_int_equal(upper->base, address(16));
    assert_int_equal(upper->offset, PAGES(106));
    assert_int_equal(upper->resident, PAGES(14));
    assert_int_equal(upper->faults, 0);
    assert_int_equal(r->faults, 1);
    space_map(s, 28, 2, false);
    assert_ok(vregion_remove(&s->v, address(28), PAGES(10))); /* the end, and what is behind it */
    assert_int_equal(upper->bytes, PAGES(12));
    space_map(s, 12, 5, false);
    assert_ok(vregion_remove(&s->v, address(12), PAGES(5))); /* the end of one, the beginning of the other */
    assert_int_equal(r->bytes, PAGES(2));
    assert_int_equal(upper->base, address(17));
    assert_int_equal(upper->offset, PAGES(107));
    space_map(s, 0, 64, false);
    assert_ok(vregion_remove(&s->v, SPACE_BASE, PAGES(64)));
    assert_int_equal(s->users[10], 0);
}

static void removal_refusals(void **state)
{
    struct space *s = *state;
    (void)place(s, 10, 20, 0);
    assert_err(vregion_remove(&s->v, address(10) + 8, PAGES(1)), ERR_UNALIGNED, address(10) + 8);
    assert_err(vregion_remove(&s->v, address(10), 0), ERR_BAD_ARGUMENT, 2);
    assert_err(vregion_remove(&s->v, address(10), 17), ERR_BAD_ARGUMENT, 2);
    assert_err(vregion_remove(&s->v, 0, PAGES(1)), ERR_MAP_OUTSIDE, 0);
    assert_err(vregion_remove(&s->v, address(SPACE_PAGES - 1), PAGES(2)), ERR_MAP_OUTSIDE,
               address(SPACE_PAGES));
    assert_err(vregion_remove(&s->v, address(20), PAGES(1)), ERR_MAP_NO_SPLIT, address(10));
    assert_err(vregion_remove(&s->v, address(0), PAGES(11)), ERR_MAP_NO_SPLIT, address(10));
    assert_err(vregion_may_remove(&s->v, address(29), PAGES(2)), ERR_MAP_NO_SPLIT, address(10));
    assert_ok(vregion_may_remove(&s->v, address(5), PAGES(100)));
    assert_ok(vregion_remove(&s->v, address(5), PAGES(100)));
    assert_ok(vregion_remove(&s->v, address(5), PAGES(100))); /* nothing there is no error */
}

static void guards_go_with_their_page(void **state)
{
    struct space *s = *state;
    struct vregion_request q = {.kind = VREGION_LAZY,
                                .rights = RW,
                                .fixed = true,
                                .base = address(10),
                                .bytes = PAGES(10),
                                .guard_low = PAGES(2),
                                .guard_high = PAGES(3),
                                .splits = 1};
    struct vregion *r;
    assert_ok(vregion_place(&s->v, NULL, &q, &r));
    assert_ok(vregion_remove(&s->v, address(14), PAGES(2)));
    struct vregion *upper = vregion_next(&s->v, address(14));
    assert_int_equal(r->guard_low, PAGES(2));
    assert_int_equal(r->guard_high, 0);
    assert_int_equal(upper->guard_low, 0);
    assert_int_equal(upper->guard_high, PAGES(3));
    assert_ok(vregion_remove(&s->v, address(10), PAGES(1)));
    assert_int_equal(vregion_at(&s->v, address(9), &r), VREGION_NOTHING);
    assert_ok(vregion_remove(&s->v, address(19), PAGES(1)));
    assert_int_equal(vregion_at(&s->v, address(20), &r), VREGION_NOTHING);
    assert_int_equal(anywhere(s, NULL, 11, 0, 0)->base, address(0));
}

static void rights_in_parts_and_back(void **state)
{
    struct space *s = *state;
    struct vregion *r = place(s, 10, 20, 1);
    space_map(s, 12, 10, true);
    assert_ok(vregion_protect(&s->v, address(14), PAGES(4), CAP_READ));
    assert_int_equal(s->users[10], 3);
    struct vregion *middle = vregion_next(&s->v, address(14));
    assert_int_equal(middle->rights, CAP_READ);
    assert_int_equal(middle->bytes, PAGES(4));
    assert_int_equal(middle->resident, PAGES(4));
    assert_int_equal(middle->offset, PAGES(104));
    assert_int_equal(vregion_next(&s->v, address(18))->rights, RW);
    assert_ok(vregion_protect(&s->v, address(14), PAGES(4), CAP_READ)); /* again: nothing changes */
    assert_int_equal(s->users[10], 3);
    assert_ok(vregion_protect(&s->v, address(16), PAGES(14), CAP_READ));
    assert_int_equal(s->users[10], 2); /* [10,14) and [14,30) */
    assert_ok(vregion_protect(&s->v, address(10), PAGES(20), RW));
    assert_int_equal(s->users[10], 1);
    assert_int_equal(r->bytes, PAGES(20));
    assert_int_equal(r->resident, PAGES(10));
    assert_ok(vregion_protect(&s->v, address(10), PAGES(20), 0));
    assert_int_equal(r->rights, 0);
}

static void protect_refusals(void **state)
{
    struct space *s = *state;
    (void)place(s, 10, 10, 1);
    (void)place(s, 20, 10, 0);
    (void)place(s, 32, 4, 1);
    assert_err(vregion_protect(&s->v, address(10), PAGES(2), RX), ERR_MAP_RIGHTS, address(10));
    assert_err(vregion_protect(&s->v, address(10), PAGES(2), RW | CAP_EXECUTE), ERR_MAP_WRITE_EXECUTE, 0);
    assert_err(vregion_protect(&s->v, address(9), PAGES(2), CAP_READ), ERR_MAP_NOT_MAPPED, address(9));
    assert_err(vregion_protect(&s->v, address(28), PAGES(6), CAP_READ), ERR_MAP_NO_SPLIT, address(20));
    assert_err(vregion_protect(&s->v, address(20), PAGES(13), CAP_READ), ERR_MAP_NOT_MAPPED, address(30));
    assert_err(vregion_may_protect(&s->v, address(12), PAGES(12), CAP_READ), ERR_MAP_NO_SPLIT, address(20));
    assert_ok(vregion_protect(&s->v, address(22), PAGES(1), RW)); /* these it has: no cut */
    assert_ok(vregion_protect(&s->v, address(12), PAGES(18), CAP_READ));
    assert_int_equal(vregion_next(&s->v, address(12))->bytes, PAGES(8));
    assert_int_equal(vregion_next(&s->v, address(20))->bytes, PAGES(10)); /* another region: not joined */
}

static void rights_may_be_widened_to_the_maximum(void **state)
{
    struct space *s = *state;
    struct vregion_request q = {
        .kind = VREGION_IMAGE, .rights = RW, .rights_max = RX, .bytes = PAGES(4), .splits = 1};
    assert_ok(vregion_place(&s->v, NULL, &q, NULL));
    assert_ok(vregion_protect(&s->v, address(0), PAGES(2), RX));
    assert_ok(vregion_protect(&s->v, address(0), PAGES(2), CAP_READ));
}

/* With no page more to be had: whole regions go, edges go, and each region's promised splits succeed. */
static void promises_hold_without_memory(void **state)
{
    struct space *s = *state;
    (void)place(s, 10, 40, 3);
    (void)place(s, 60, 40, 2);
    s->refills = 0;
    struct vregion_request q = {.kind = VREGION_FRAME, .fixed = true, .bytes = PAGES(1), .splits = 1};
    unsigned placed = 0;
    for (q.base = address(200); err_ok(vregion_place(&s->v, NULL, &q, NULL)); q.base += PAGE_SIZE) {
        placed++;
    }
    assert_true(placed > 0);
    q.splits = 0;
    while (err_ok(vregion_place(&s->v, NULL, &q, NULL))) {
        q.base += PAGE_SIZE;
    }
    assert_err(vregion_place(&s->v, NULL, &q, NULL), ERR_NO_MEMORY, 0);
    space_check(s);

    assert_ok(vregion_remove(&s->v, address(40), PAGES(2)));
    assert_ok(vregion_protect(&s->v, address(20), PAGES(2), CAP_READ));
    assert_ok(vregion_remove(&s->v, address(45), PAGES(1))); /* another piece, the same promise */
    assert_ok(vregion_protect(&s->v, address(70), PAGES(2), CAP_READ));
    assert_ok(vregion_protect(&s->v, address(80), PAGES(2), CAP_READ));
    space_check(s);

    assert_ok(vregion_remove(&s->v, address(60), PAGES(1))); /* edges */
    assert_ok(vregion_remove(&s->v, address(99), PAGES(1)));
    assert_ok(vregion_remove(&s->v, address(0), PAGES(100))); /* whole ones */
    assert_int_equal(s->users[10], 0);
    assert_int_equal(s->users[60], 0);
}

/* Beyond the promises it goes on while there are objects, then refuses and changes nothing, then recovers. */
static void beyond_the_promise_it_refuses_cleanly(void **state)
{
    struct space *s = *state;
    (void)place(s, 0, 400, 1);
    s->refills = 0;
    unsigned page = 1;
    while (err_ok(vregion_may_remove(&s->v, address(page), PAGES(1)))) {
        assert_ok(vregion_remove(&s->v, address(page), PAGES(1)));
        page += 2;
    }
    assert_true(page > 3 && page < 100);
    struct vregion_stats before;
    struct vregion_stats after;
    vregions_stats(&s->v, &before);
    assert_err(vregion_remove(&s->v, address(page), PAGES(1)), ERR_NO_MEMORY, 0);
    assert_err(vregion_protect(&s->v, address(page), PAGES(1), CAP_READ), ERR_NO_MEMORY, 0);
    vregions_stats(&s->v, &after);
    assert_memory_equal(&before, &after, sizeof(before));
    s->refills = -1;
    for (; page < 399; page += 2) {
        assert_ok(vregion_remove(&s->v, address(page), PAGES(1)));
    }
    assert_int_equal(s->users[0], 200);
}

/* Refill that needs address space itself finds objects for it, at whatever number of regions it is called. */
static void refill_may_place_regions(void **state)
{
    struct space *s = *state;
    s->refill_places = true;
    for (unsigned i = 0; i < 200; i++) {
        (void)place(s, 511 - 2 * i, 1, i % 3);
        space_check(s);
    }
    assert_true(s->refill_calls > 4);
}

struct text {
    char bytes[2048];
    size_t length;
};

static void keep(void *context, const char *bytes, size_t count)
{
    struct text *t = context;
    assert_true(t->length + count < sizeof(t->bytes));
    memcpy(t->bytes + t->length, bytes, count);
    t->length += count;
}

static void dump_and_stats(void **state)
{
    struct space *s = *state;
    struct vregion_request q = {.kind = VREGION_RESERVED, .bytes = PAGES(16), .name = "heap"};
    struct vregion *heap;
    assert_ok(vregion_place(&s->v, NULL, &q, &heap));
    struct vregion_request stack = {.kind = VREGION_LAZY,
                                    .fault = VREGION_ZERO,
                                    .rights = RW,
                                    .bytes = PAGES(4),
                                    .guard_low = PAGES(1),
                                    .name = "stack"};
    struct vregion *r;
    assert_ok(vregion_place(&s->v, heap, &stack, &r));
    struct vregion_request code = {.kind = VREGION_IMAGE, .rights = RX, .bytes = PAGES(2)};
    assert_ok(vregion_place(&s->v, NULL, &code, NULL));
    space_map(s, 1, 3, true);
    vregion_count_fault(r);
    struct text text = {0};
    vregions_dump(&s->v, keep, &text);
    assert_string_equal(text.bytes,
                        "0x7f0000000000..0x7f00001fffff\n"
                        "  0x7f0000000000..0x7f000000ffff 64 KiB reserved --- heap\n"
                        "    0x7f0000001000..0x7f0000004fff 16 KiB lazy rw- zero resident 12 KiB faults 1"
                        " guards 4+0 KiB stack\n"
                        "  0x7f0000010000..0x7f0000011fff 8 KiB image r-x fatal resident 0 KiB faults 0\n");
    struct vregion_stats stats;
    vregions_stats(&s->v, &stats);
    assert_int_equal(stats.regions, 2);
    assert_int_equal(stats.reservations, 1);
    assert_int_equal(stats.bytes[VREGION_LAZY], PAGES(4));
    assert_int_equal(stats.bytes[VREGION_RESERVED], PAGES(16));
    assert_int_equal(stats.guards, PAGES(1));
    assert_int_equal(stats.resident, PAGES(3));
    assert_int_equal(stats.faults, 1);
    assert_int_equal(stats.own, PAGES(1));
    space_map(s, 1, 3, false);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(init_refuses),
        CASE(place_refuses_bad_requests),
        CASE(anywhere_is_the_lowest_gap_that_fits),
        CASE(the_space_can_be_filled_to_the_last_page),
        CASE(an_address_means_body_guard_or_nothing),
        CASE(only_who_names_a_reservation_gets_space_in_it),
        CASE(removal_in_parts),
        CASE(removal_refusals),
        CASE(guards_go_with_their_page),
        CASE(rights_in_parts_and_back),
        CASE(protect_refusals),
        CASE(rights_may_be_widened_to_the_maximum),
        CASE(promises_hold_without_memory),
        CASE(beyond_the_promise_it_refuses_cleanly),
        CASE(refill_may_place_regions),
        CASE(dump_and_stats),
    };
    return cmocka_run_group_tests_name("vspace_region", tests, NULL, NULL);
}
