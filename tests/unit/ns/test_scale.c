/* SPDX-License-Identifier: MIT */
/* 100,000 names. No time is asserted; the test's time limit is a hang detector. */
#include "world.h"

#define NAMES 100000u
#define CORES 64u

static struct text name_of(char *to, unsigned i)
{
    return (struct text){to, format_to(to, 64, "app.g%u.n%u", i % 100, i)};
}

static void fill(struct world *w)
{
    char name[64];
    for (unsigned i = 0; i < NAMES; i++) {
        name_of(name, i);
        put(w, name, owner(i % CORES, 1, i % 1000));
    }
}

/* NS-SCALE-001: every name is found, enumerated once in pages, and its death is one watch event. */
static void many(void **state)
{
    static struct ns_view page[128];
    struct world w;
    struct ns_cursor cursor = {0};
    struct ns_view view;
    char name[64];
    size_t got, sum = 0, below = 0;
    (void)state;

    world_begin(&w, NAMES);
    fill(&w);
    for (unsigned i = 0; i < NAMES; i++) {
        assert_err(ns_lookup(&w.t, name_of(name, i), &view), ERR_OK, 0);
        assert_int_equal(view.service, i + 1);
    }
    while ((got = ns_enumerate(&w.t, text_of("app"), NULL, &cursor, page, 128)) > 0) {
        sum += got;
    }
    assert_int_equal(sum, NAMES);
    cursor = (struct ns_cursor){0};
    while ((got = ns_enumerate(&w.t, text_of("app.g7"), NULL, &cursor, page, 128)) > 0) {
        below += got;
    }
    assert_int_equal(below, NAMES / 100);
    world_check(&w);
    uint64_t revision = ns_revision(&w.t);
    size_t ended = ns_core_gone(&w.t, 5, 1);
    assert_in_range(ended, NAMES / CORES, NAMES / CORES + 1);
    for (size_t i = 0; i < ended; i++) {
        assert_int_equal(ns_watch(&w.t, text_of(""), &revision, &view), NS_DELETE);
    }
    assert_int_equal(ns_watch(&w.t, text_of(""), &revision, &view), NS_NONE);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(many)};
    return cmocka_run_group_tests_name("ns_scale", tests, NULL, NULL);
}
