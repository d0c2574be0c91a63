/* SPDX-License-Identifier: MIT */
/* What the manager may cost: at most 0.5 byte of own data per page frame when all is free, 1 byte when all is
 * out, page by page. */
#include "world.h"

#define BASE 0x80000000ull

struct shape {
    uint64_t bytes;
    unsigned clients;
    bool scattered; /* owners change from page to page, else mm_alloc decides */
    double most;    /* bytes per frame, all out */
};

static void measure(const struct shape *s)
{
    struct world *w = world_make();
    w->refill_from_self = true;
    world_add(w, BASE, s->bytes);
    double frames = (double)(s->bytes / PAGE_SIZE);
    double empty = (double)world_own_bytes(w) / frames;
    for (mm_client_t c = 0; c < s->clients; c++) {
        assert_ok(mm_client_add(&w->mm, c, MM_NO_QUOTA));
    }
    for (uint64_t i = 0; w->mm.pages_free > 0; i++) {
        mm_client_t client = (mm_client_t)(i % s->clients);
        paddr_t base = BASE + i * PAGE_SIZE;
        if (!s->scattered) {
            (void)err_ok(mm_alloc(&w->mm, client, PAGE_SIZE, PAGE_SIZE, NULL, &base));
        } else if (w->region[0].page[i].state == ORACLE_FREE) {
            (void)err_ok(mm_alloc_range(&w->mm, client, base, PAGE_SIZE, NULL));
        }
    }
    double out = (double)world_own_bytes(w) / frames;
    print_message("# %5u MiB, %2u clients%s: %.3f byte per frame when empty, %.3f with all out\n",
                  (unsigned)(s->bytes >> 20), s->clients, s->scattered ? " scattered" : "", empty, out);
    assert_true(empty <= 0.5);
    assert_true(out <= s->most);
    assert_int_equal(mm_validate(&w->mm, NULL, NULL), 0);
    world_end(w);
}

static void own_data_per_frame(void **state)
{
    (void)state;
    static const struct shape shapes[] = {
        {MIB(128), 1, false, 1.0}, {GIB(1), 1, false, 0.5},   {GIB(1), 30, false, 0.5},
        {MIB(256), 4, true, 1.0},  {MIB(256), 15, true, 1.3}, {MIB(256), 200, true, 5.5},
    };
    for (unsigned i = 0; i < ARRAY_LENGTH(shapes); i++) {
        measure(&shapes[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_data_per_frame),
    };
    return cmocka_run_group_tests_name("mm_figures", tests, NULL, NULL);
}
