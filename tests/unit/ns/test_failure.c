/* SPDX-License-Identifier: MIT */
/* The n-th allocation fails, for every n: a refused operation leaves no trace. Ending needs no memory. */
#include <stdio.h>
#include "world.h"

struct picture {
    char text[4096];
    struct format_buffer buffer;
};

static void take_picture(struct world *w, struct picture *p)
{
    p->buffer = format_buffer(p->text, sizeof(p->text));
    ns_dump(&w->t, format_into, &p->buffer);
    assert_true(p->buffer.used > 0 && p->buffer.used < sizeof(p->text) - 1);
}

static err_t register_new(struct world *w)
{
    return offer(w, NS_GRANT_ROOT, "app.x", "k=v", owner(1, 1, 7), NS_REFUSE, NULL, NULL);
}

static err_t register_queue(struct world *w)
{
    return offer(w, NS_GRANT_ROOT, "app.held", "k=v", owner(1, 1, 7), NS_QUEUE, NULL, NULL);
}

static err_t register_replace(struct world *w)
{
    return offer(w, NS_GRANT_ROOT, "app.held", NULL, owner(1, 1, 7), NS_REPLACE, NULL, NULL);
}

static err_t grant(struct world *w)
{
    uint64_t id = 0;
    err_t e = ns_grant_make(&w->t, NS_GRANT_ROOT, text_of("app"), &id);
    assert_true(err_ok(e) == (id != 0));
    return e;
}

static err_t wait_for(struct world *w)
{
    uint64_t id = 0;
    err_t e = ns_wait(&w->t, owner(3, 1, 9), text_of("app.late"), 100, 1, &id);
    assert_true(err_ok(e) == (id != 0));
    return e;
}

/* How many allocations the operation asks for. */
static size_t sweep(err_t (*operation)(struct world *w), bool only_once)
{
    for (long n = 0;; n++) {
        struct world w;
        struct picture before, after;
        world_begin(&w, 4);
        put(&w, "app.held", owner(0, 1, 1));
        take_picture(&w, &before);
        uint64_t bytes = w.out;
        w.fail_after = n;
        w.only_once = only_once;
        err_t e = operation(&w);
        w.fail_after = -1;
        world_check(&w);
        if (err_ok(e)) {
            assert_int_equal(w.failures, 0);
            world_end(&w);
            return (size_t)n;
        }
        assert_err(e, ERR_NO_MEMORY, 0);
        assert_true(w.failures > 0);
        assert_int_equal(w.out, bytes);
        take_picture(&w, &after);
        assert_string_equal(before.text, after.text);
        assert_err(operation(&w), ERR_OK, 0);
        world_end(&w);
    }
}

/* NS-FAIL-001: register, queue, replace, grant and wait, at every allocation. */
static void every_allocation(void **state)
{
    (void)state;
    for (int only_once = 0; only_once < 2; only_once++) {
        assert_int_equal(sweep(register_new, only_once), 3); /* name, service, owner */
        assert_int_equal(sweep(register_queue, only_once), 2);
        assert_int_equal(sweep(register_replace, only_once), 2);
        assert_int_equal(sweep(grant, only_once), 1);
        assert_int_equal(sweep(wait_for, only_once), 2); /* waiter, owner */
    }
}

/* NS-FAIL-002: an empty machine refuses the first table too. */
static void no_table(void **state)
{
    struct world w;
    (void)state;

    world_begin(&w, 0);
    ns_table_end(&w.t);
    w.fail_after = 0;
    struct ns_memory memory = w.t.memory;
    assert_err(ns_table_init(&w.t, &memory, 0), ERR_NO_MEMORY, 0);
    assert_int_equal(w.out, 0);
}

/* NS-FAIL-003: with no memory left at all, everything can end, in every way, and queued ones take over. */
static void endings(void **state)
{
    struct world w;
    uint64_t g, waiter;
    struct ns_woken woken;
    (void)state;

    world_begin(&w, 2);
    assert_err(ns_grant_make(&w.t, NS_GRANT_ROOT, text_of("net"), &g), ERR_OK, 0);
    uint64_t a = put(&w, "app.a", owner(0, 1, 1));
    uint64_t b = put(&w, "app.b", owner(1, 1, 2));
    uint64_t c, d;
    assert_err(offer(&w, g, "net.c", NULL, owner(2, 1, 3), NS_REFUSE, &c, NULL), ERR_OK, 0);
    assert_err(offer(&w, NS_GRANT_ROOT, "app.a", NULL, owner(3, 1, 4), NS_QUEUE, &d, NULL), ERR_OK, 0);
    assert_err(ns_wait(&w.t, owner(3, 1, 4), text_of("app.never"), 5, 9, &waiter), ERR_OK, 0);
    w.fail_after = 0;
    assert_err(ns_deregister(&w.t, owner(0, 1, 1), a), ERR_OK, 0);
    assert_int_equal(holder(&w, "app.a"), d);
    assert_int_equal(ns_owner_gone(&w.t, owner(1, 1, 2)), 1);
    assert_err(ns_grant_revoke(&w.t, g), ERR_OK, 0);
    ns_expire(&w.t, 5);
    assert_true(ns_woken(&w.t, &woken));
    assert_err(woken.error, ERR_TIMEOUT, 0);
    assert_int_equal(ns_core_gone(&w.t, 3, 1), 1);
    world_check(&w);
    assert_ended(&w, a, 1);
    assert_ended(&w, b, 1);
    assert_ended(&w, c, 1);
    assert_ended(&w, d, 2);
    assert_no_more_ended(&w);
    assert_int_equal(w.failures, 0);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation), cmocka_unit_test(no_table),
                                       cmocka_unit_test(endings)};
    return cmocka_run_group_tests_name("ns_failure", tests, NULL, NULL);
}
