/* SPDX-License-Identifier: MIT */
/* The table's rules, one by one. */
#include "world.h"

static const struct text all = {NULL, 0};

/* NS-REG-001: every refusal of a registration, in the order they are promised; none leaves a trace. */
static void refusals(void **state)
{
    struct world w;
    uint64_t g;
    struct ns_owner me = owner(0, 1, 1);
    (void)state;

    world_begin(&w, 4);
    assert_err(ns_grant_make(&w.t, NS_GRANT_ROOT, text_of("app"), &g), ERR_OK, 0);
    uint64_t held = put(&w, "app.held", me);
    uint64_t bytes = w.out;
    assert_err(offer(&w, 99, "a..b", "=", me, 9, NULL, NULL), ERR_NAME_SYNTAX, 2);
    assert_err(offer(&w, 99, "app.x", "=", me, 9, NULL, NULL), ERR_NAME_ATTRIBUTES, 0);
    assert_err(offer(&w, 99, "app.x", NULL, me, 9, NULL, NULL), ERR_BAD_ARGUMENT, 6);
    assert_err(offer(&w, 99, "app.x", NULL, me, NS_REFUSE, NULL, NULL), ERR_NAME_PREFIX, 0);
    assert_err(offer(&w, g, "apps", NULL, me, NS_REFUSE, NULL, NULL), ERR_NAME_PREFIX, 0);
    w.service = held;
    assert_err(offer(&w, g, "app.held", NULL, me, NS_REFUSE, NULL, NULL), ERR_EXISTS, 0);
    assert_err(offer(&w, g, "app.held", NULL, me, NS_REFUSE, NULL, NULL), ERR_NAME_TAKEN, 0);
    assert_err(offer(&w, g, "app.held", NULL, me, NS_REPLACE, NULL, NULL), ERR_NAME_TAKEN, 0);
    assert_int_equal(w.out, bytes);
    assert_int_equal(ns_revision(&w.t), 1);
    world_end(&w);
}

/* NS-REG-002: what was registered is found, with everything said about it. */
static void found(void **state)
{
    struct world w;
    struct ns_view view;
    struct ns_registered r;
    uint64_t service;
    (void)state;

    world_begin(&w, 4);
    assert_err(
        offer(&w, NS_GRANT_ROOT, "dev.uart.0", "kind=serial raw", owner(2, 3, 4), NS_QUEUE, &service, &r),
        ERR_OK, 0);
    assert_false(r.queued);
    assert_int_equal(r.generation, 1);
    assert_int_equal(r.revision, 1);
    assert_err(ns_lookup(&w.t, text_of("dev.uart.0"), &view), ERR_OK, 0);
    assert_true(text_is(view.name, "dev.uart.0") && text_is(view.attributes, "kind=serial raw"));
    assert_int_equal(view.service, service);
    assert_int_equal(view.generation, 1);
    assert_int_equal(view.grant, NS_GRANT_ROOT);
    assert_int_equal(view.owner.core, 2);
    assert_int_equal(view.owner.epoch, 3);
    assert_int_equal(view.owner.process, 4);
    assert_err(ns_lookup(&w.t, text_of("dev.uart"), &view), ERR_NAME_UNKNOWN, 0);
    assert_err(ns_lookup(&w.t, text_of("dev uart"), &view), ERR_NAME_SYNTAX, 3);
    world_end(&w);
}

/* NS-REG-003: only the owner deregisters, once; the name is gone at once and the service told once. */
static void deregister(void **state)
{
    struct world w;
    (void)state;

    world_begin(&w, 4);
    uint64_t s = put(&w, "app.x", owner(0, 1, 1));
    assert_err(ns_deregister(&w.t, owner(0, 1, 2), s), ERR_NOT_FOUND, 0);
    assert_err(ns_deregister(&w.t, owner(0, 2, 1), s), ERR_NOT_FOUND, 0);
    assert_err(ns_deregister(&w.t, owner(0, 1, 1), s + 1), ERR_NOT_FOUND, 0);
    assert_err(ns_deregister(&w.t, owner(0, 1, 1), s), ERR_OK, 0);
    assert_err(ns_deregister(&w.t, owner(0, 1, 1), s), ERR_NOT_FOUND, 0);
    assert_int_equal(holder(&w, "app.x"), 0);
    assert_ended(&w, s, 1);
    assert_no_more_ended(&w);
    world_end(&w);
}

/* NS-REG-004: generations only rise, over vacancy and over being forgotten; an old handle is STALE. */
static void generations(void **state)
{
    struct world w;
    struct ns_view view;
    struct ns_owner me = owner(0, 1, 1);
    (void)state;

    for (size_t remember = 0; remember < 3; remember++) {
        world_begin(&w, remember);
        uint64_t last = 0;
        for (unsigned i = 0; i < 6; i++) {
            struct ns_registered r;
            uint64_t s;
            assert_err(offer(&w, NS_GRANT_ROOT, "app.x", NULL, me, NS_REFUSE, &s, &r), ERR_OK, 0);
            assert_true(r.generation > last);
            assert_true(remember == 0 || i > 2 || r.generation == i + 1);
            if (last > 0) {
                assert_err(ns_lookup_same(&w.t, text_of("app.x"), last, &view), ERR_STALE, r.generation);
            }
            last = r.generation;
            assert_err(ns_lookup_same(&w.t, text_of("app.x"), last, &view), ERR_OK, 0);
            assert_err(ns_deregister(&w.t, me, s), ERR_OK, 0);
            assert_err(ns_lookup_same(&w.t, text_of("app.x"), last, &view), ERR_NAME_UNKNOWN, 0);
            if (i == 2) { /* two others come and go: app.x is forgotten, wherever fewer are remembered */
                assert_err(ns_deregister(&w.t, me, put(&w, "app.y", me)), ERR_OK, 0);
                assert_err(ns_deregister(&w.t, me, put(&w, "app.z", me)), ERR_OK, 0);
            }
        }
        world_end(&w);
    }
}

/* NS-REG-005: those queued take over in order; one that leaves the queue is passed over. */
static void queue(void **state)
{
    struct world w;
    uint64_t s[4];
    struct ns_registered r;
    struct ns_view view;
    (void)state;

    world_begin(&w, 4);
    s[0] = put(&w, "app.x", owner(0, 1, 1));
    for (unsigned i = 1; i < 4; i++) {
        assert_err(offer(&w, NS_GRANT_ROOT, "app.x", NULL, owner(i, 1, 1), NS_QUEUE, &s[i], &r), ERR_OK, 0);
        assert_true(r.queued && r.generation == 0);
        assert_false(ns_service_find(&w.t, s[i], &view));
    }
    assert_int_equal(ns_revision(&w.t), 1);
    assert_err(ns_deregister(&w.t, owner(1, 1, 1), s[1]), ERR_OK, 0);
    assert_int_equal(ns_revision(&w.t), 1);
    assert_ended(&w, s[1], 0);
    assert_int_equal(ns_owner_gone(&w.t, owner(0, 1, 1)), 1);
    assert_int_equal(holder(&w, "app.x"), s[2]);
    assert_int_equal(ns_revision(&w.t), 2);
    assert_err(ns_lookup(&w.t, text_of("app.x"), &view), ERR_OK, 0);
    assert_true(view.generation == 2 && view.queued == 1);
    world_end(&w);
}

/* NS-REG-006: a process that holds a name and queues for it does not follow itself when it dies. */
static void no_takeover_by_the_dead(void **state)
{
    struct world w;
    (void)state;

    world_begin(&w, 4);
    put(&w, "app.x", owner(1, 1, 1));
    assert_err(offer(&w, NS_GRANT_ROOT, "app.x", NULL, owner(1, 1, 1), NS_QUEUE, NULL, NULL), ERR_OK, 0);
    assert_err(offer(&w, NS_GRANT_ROOT, "app.x", NULL, owner(1, 1, 2), NS_QUEUE, NULL, NULL), ERR_OK, 0);
    uint64_t other;
    assert_err(offer(&w, NS_GRANT_ROOT, "app.x", NULL, owner(2, 1, 1), NS_QUEUE, &other, NULL), ERR_OK, 0);
    assert_int_equal(ns_core_gone(&w.t, 1, 1), 3);
    assert_int_equal(holder(&w, "app.x"), other);
    assert_int_equal(ns_revision(&w.t), 2);
    world_end(&w);
}

/* NS-REG-007: a core's death ends what its epoch and those before registered, and nothing newer or elsewhere.
 */
static void epochs(void **state)
{
    struct world w;
    (void)state;

    world_begin(&w, 8);
    put(&w, "a", owner(1, 1, 1));
    put(&w, "b", owner(1, 2, 1));
    put(&w, "c", owner(1, 3, 1));
    put(&w, "d", owner(0, 1, 1));
    put(&w, "e", owner(2, 1, 1));
    assert_int_equal(ns_core_gone(&w.t, 1, 2), 2);
    assert_true(holder(&w, "a") == 0 && holder(&w, "b") == 0);
    assert_true(holder(&w, "c") && holder(&w, "d") && holder(&w, "e"));
    assert_int_equal(ns_core_gone(&w.t, 1, UINT32_MAX), 1);
    assert_int_equal(ns_core_gone(&w.t, 7, UINT32_MAX), 0);
    world_end(&w);
}

/* NS-REG-008: replacing needs the holder's grant or one above it; the queue stays. */
static void replacing(void **state)
{
    struct world w;
    uint64_t net, eth, other, s, queued, mine;
    struct ns_registered r;
    struct ns_owner me = owner(0, 1, 1);
    (void)state;

    world_begin(&w, 4);
    assert_err(ns_grant_make(&w.t, NS_GRANT_ROOT, text_of("net"), &net), ERR_OK, 0);
    assert_err(ns_grant_make(&w.t, net, text_of("net.eth0"), &eth), ERR_OK, 0);
    assert_err(ns_grant_make(&w.t, NS_GRANT_ROOT, text_of("net"), &other), ERR_OK, 0);
    assert_err(offer(&w, eth, "net.eth0.rx", NULL, me, NS_REPLACE, &s, &r), ERR_OK, 0);
    assert_err(offer(&w, other, "net.eth0.rx", NULL, me, NS_QUEUE, &queued, NULL), ERR_OK, 0);
    assert_err(offer(&w, other, "net.eth0.rx", NULL, me, NS_REPLACE, NULL, NULL), ERR_NAME_TAKEN, 0);
    assert_err(offer(&w, net, "net.eth0.rx", NULL, me, NS_REPLACE, &mine, &r), ERR_OK, 0);
    assert_true(!r.queued && r.generation == 2 && r.revision == 2);
    assert_int_equal(holder(&w, "net.eth0.rx"), mine);
    assert_ended(&w, s, 1);
    assert_no_more_ended(&w);
    assert_err(ns_deregister(&w.t, me, mine), ERR_OK, 0);
    assert_int_equal(holder(&w, "net.eth0.rx"), queued);
    world_end(&w);
}

/* NS-GRANT-001: rights narrow only; revoking ends the descendants and what they registered. */
static void grants(void **state)
{
    struct world w;
    uint64_t net, eth, id;
    struct ns_grant_view view;
    (void)state;

    world_begin(&w, 4);
    assert_err(ns_grant_make(&w.t, NS_GRANT_ROOT, text_of("net"), &net), ERR_OK, 0);
    assert_err(ns_grant_make(&w.t, net, text_of("net.eth0"), &eth), ERR_OK, 0);
    assert_err(ns_grant_make(&w.t, eth, text_of("net"), &id), ERR_NAME_PREFIX, 0);
    assert_err(ns_grant_make(&w.t, eth, text_of(""), &id), ERR_NAME_PREFIX, 0);
    assert_err(ns_grant_make(&w.t, eth, text_of("net.eth01"), &id), ERR_NAME_PREFIX, 0);
    assert_err(ns_grant_make(&w.t, net, text_of("net."), &id), ERR_NAME_SYNTAX, 4);
    assert_err(ns_grant_make(&w.t, 77, text_of("net"), &id), ERR_NOT_FOUND, 0);
    assert_err(ns_grant_check(&w.t, eth, text_of("net.eth0")), ERR_OK, 0);
    assert_err(ns_grant_check(&w.t, eth, text_of("net.eth1")), ERR_NAME_PREFIX, 0);
    assert_err(offer(&w, eth, "net.eth0.rx", NULL, owner(0, 1, 1), NS_REFUSE, NULL, NULL), ERR_OK, 0);
    assert_err(offer(&w, net, "net.tcp", NULL, owner(0, 1, 1), NS_REFUSE, NULL, NULL), ERR_OK, 0);
    put(&w, "net.mine", owner(0, 1, 1));
    assert_true(ns_grant_next(&w.t, net + 1, &view) && view.grant == eth && view.parent == net);
    assert_true(view.services == 1 && text_is(view.prefix, "net.eth0"));
    assert_err(ns_grant_revoke(&w.t, NS_GRANT_ROOT), ERR_BAD_ARGUMENT, 1);
    assert_err(ns_grant_revoke(&w.t, net), ERR_OK, 0);
    assert_err(ns_grant_revoke(&w.t, eth), ERR_NOT_FOUND, 0);
    assert_true(holder(&w, "net.eth0.rx") == 0 && holder(&w, "net.tcp") == 0 && holder(&w, "net.mine") != 0);
    assert_err(ns_grant_check(&w.t, eth, text_of("net.eth0")), ERR_NAME_PREFIX, 0);
    assert_false(ns_grant_next(&w.t, 2, &view));
    world_end(&w);
}

/* NS-GRANT-002: a chain of 10,000 grants is revoked without a deep stack. */
static void long_chain(void **state)
{
    struct world w;
    uint64_t first, last;
    (void)state;

    world_begin(&w, 0);
    assert_err(ns_grant_make(&w.t, NS_GRANT_ROOT, text_of("a"), &first), ERR_OK, 0);
    last = first;
    for (unsigned i = 0; i < 10000; i++) {
        assert_err(ns_grant_make(&w.t, last, text_of("a"), &last), ERR_OK, 0);
    }
    assert_err(offer(&w, last, "a.b", NULL, owner(0, 0, 0), NS_REFUSE, NULL, NULL), ERR_OK, 0);
    assert_err(ns_grant_revoke(&w.t, first), ERR_OK, 0);
    assert_int_equal(holder(&w, "a.b"), 0);
    world_end(&w);
}

/* NS-ENUM-001: pages in order below a prefix; what stays is given once, whatever comes and goes between. */
static void enumerate(void **state)
{
    static const char *const names[] = {"cpu", "dev", "dev.a", "dev.b", "dev.c", "dev-x", "device"};
    struct world w;
    struct ns_cursor cursor = {0};
    struct ns_view v[2];
    uint64_t s[7];
    struct ns_owner me = owner(0, 1, 1);
    (void)state;

    world_begin(&w, 4);
    for (unsigned i = 7; i-- > 0;) {
        s[i] = put(&w, names[i], me);
    }
    assert_int_equal(ns_enumerate(&w.t, text_of("dev"), NULL, &cursor, v, 2), 2);
    assert_true(text_is(v[0].name, "dev") && text_is(v[1].name, "dev.a"));
    assert_err(ns_deregister(&w.t, me, s[2]), ERR_OK, 0); /* the cursor's own */
    assert_err(ns_deregister(&w.t, me, s[3]), ERR_OK, 0);
    put(&w, "dev.aa", me);
    assert_int_equal(ns_enumerate(&w.t, text_of("dev"), NULL, &cursor, v, 2), 2);
    assert_true(text_is(v[0].name, "dev.aa") && text_is(v[1].name, "dev.c"));
    assert_int_equal(ns_enumerate(&w.t, text_of("dev"), NULL, &cursor, v, 2), 0);
    assert_int_equal(ns_enumerate(&w.t, text_of("dev"), NULL, &cursor, v, 2), 0);
    cursor = (struct ns_cursor){0};
    assert_int_equal(ns_enumerate(&w.t, text_of("dev."), NULL, &cursor, v, 2), 0);
    assert_int_equal(ns_enumerate(&w.t, text_of("\xff"), NULL, &cursor, v, 2), 0);
    memset(&cursor, 0xff, sizeof(cursor)); /* a cursor that came from a stranger */
    assert_int_equal(ns_enumerate(&w.t, all, NULL, &cursor, v, 2), 0);
    cursor = (struct ns_cursor){.length = 1, .name = "a"};
    assert_int_equal(ns_enumerate(&w.t, text_of("device"), NULL, &cursor, v, 2), 1);
    world_end(&w);
}

/* NS-ENUM-002: attribute queries. */
static void find(void **state)
{
    struct world w;
    struct ns_cursor cursor = {0};
    struct ns_query query = {text_of("kind"), text_of("serial")};
    struct ns_view v[4];
    (void)state;

    world_begin(&w, 4);
    assert_err(offer(&w, 1, "a", "kind=serial", owner(0, 0, 0), NS_REFUSE, NULL, NULL), ERR_OK, 0);
    assert_err(offer(&w, 1, "b", "kind=disk", owner(0, 0, 0), NS_REFUSE, NULL, NULL), ERR_OK, 0);
    assert_err(offer(&w, 1, "c", "x kind=serial", owner(0, 0, 0), NS_REFUSE, NULL, NULL), ERR_OK, 0);
    assert_int_equal(ns_enumerate(&w.t, all, &query, &cursor, v, 4), 2);
    assert_true(text_is(v[0].name, "a") && text_is(v[1].name, "c"));
    world_end(&w);
}

/* NS-WATCH-001: puts and deletes below a prefix in order; a slow watcher gets last states; the lost are told.
 */
static void watch(void **state)
{
    struct world w;
    struct ns_view v;
    uint64_t r = 0;
    struct ns_owner me = owner(0, 1, 1);
    (void)state;

    world_begin(&w, 1);
    uint64_t a = put(&w, "app.a", me);
    put(&w, "net.a", me);
    uint64_t b = put(&w, "app.b", me);
    assert_int_equal(ns_watch(&w.t, text_of("app"), &r, &v), NS_PUT);
    assert_true(r == 1 && text_is(v.name, "app.a") && v.service == a);
    assert_err(ns_deregister(&w.t, me, a), ERR_OK, 0);
    a = put(&w, "app.a", me);
    assert_int_equal(ns_watch(&w.t, text_of("app"), &r, &v), NS_PUT);
    assert_true(r == 3 && v.service == b);
    assert_int_equal(ns_watch(&w.t, text_of("app"), &r, &v), NS_PUT);
    assert_true(r == 5 && v.service == a && v.generation == 2);
    assert_int_equal(ns_watch(&w.t, text_of("app"), &r, &v), NS_NONE);
    assert_err(ns_deregister(&w.t, me, b), ERR_OK, 0);
    assert_int_equal(ns_watch(&w.t, text_of("app"), &r, &v), NS_DELETE);
    assert_true(r == 6 && text_is(v.name, "app.b") && v.generation == 1);
    r = 5;
    assert_err(ns_deregister(&w.t, me, a), ERR_OK, 0); /* only one is remembered: app.b is forgotten */
    assert_int_equal(ns_watch(&w.t, text_of("app"), &r, &v), NS_LOST);
    assert_int_equal(r, 7);
    r = 6;
    assert_int_equal(ns_watch(&w.t, text_of("app"), &r, &v), NS_DELETE);
    assert_int_equal(ns_watch(&w.t, text_of("app"), &r, &v), NS_NONE);
    r = UINT64_MAX;
    assert_int_equal(ns_watch(&w.t, text_of("app"), &r, &v), NS_LOST);
    assert_int_equal(r, 7);
    world_end(&w);
}

/* NS-WAIT-001: woken by name in order, at once when it is there, by deadline, cancelled, dead. */
static void waiting(void **state)
{
    struct world w;
    struct ns_woken n;
    uint64_t id[5];
    struct ns_owner me = owner(0, 1, 1);
    (void)state;

    world_begin(&w, 4);
    assert_int_equal(ns_deadline(&w.t), NANOS_NEVER);
    assert_err(ns_wait(&w.t, me, text_of(".x"), 5, 0, &id[0]), ERR_NAME_SYNTAX, 0);
    assert_err(ns_wait(&w.t, me, text_of("app.x"), 50, 10, &id[0]), ERR_OK, 0);
    assert_err(ns_wait(&w.t, me, text_of("app.x"), NANOS_NEVER, 11, &id[1]), ERR_OK, 0);
    assert_err(ns_wait(&w.t, me, text_of("app.y"), 40, 12, &id[2]), ERR_OK, 0);
    assert_err(ns_wait(&w.t, me, text_of("app.y"), NANOS_NEVER, 13, &id[3]), ERR_OK, 0);
    assert_err(ns_wait(&w.t, owner(1, 1, 1), text_of("app.y"), NANOS_NEVER, 14, &id[4]), ERR_OK, 0);
    assert_err(ns_wait_cancel(&w.t, owner(1, 1, 1), id[3]), ERR_NOT_FOUND, 0);
    assert_err(ns_wait_cancel(&w.t, me, id[3]), ERR_OK, 0);
    assert_err(ns_wait_cancel(&w.t, me, id[3]), ERR_NOT_FOUND, 0);
    assert_int_equal(ns_owner_gone(&w.t, owner(1, 1, 1)), 0);
    assert_int_equal(ns_deadline(&w.t), 40);
    assert_false(ns_woken(&w.t, &n));
    uint64_t s = put(&w, "app.x", me);
    world_check(&w);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(ns_woken(&w.t, &n));
        assert_true(n.waiter == id[i] && n.cookie == 10 + i && n.view.service == s && err_ok(n.error));
    }
    ns_expire(&w.t, 39);
    assert_false(ns_woken(&w.t, &n));
    ns_expire(&w.t, NANOS_NEVER);
    assert_true(ns_woken(&w.t, &n) && n.cookie == 12);
    assert_err(n.error, ERR_TIMEOUT, 0);
    assert_false(ns_woken(&w.t, &n));
    assert_err(ns_wait(&w.t, me, text_of("app.x"), 0, 15, &id[0]), ERR_OK, 0);
    assert_true(ns_woken(&w.t, &n) && n.cookie == 15 && n.view.service == s);
    world_end(&w);
}

/* NS-WAIT-002: woken by somebody who is gone before it was told: goes on waiting. */
static void woken_in_vain(void **state)
{
    struct world w;
    struct ns_woken n;
    uint64_t id;
    struct ns_owner me = owner(0, 1, 1);
    (void)state;

    world_begin(&w, 0);
    assert_err(ns_wait(&w.t, me, text_of("app.x"), 50, 10, &id), ERR_OK, 0);
    assert_err(ns_deregister(&w.t, me, put(&w, "app.x", me)), ERR_OK, 0);
    assert_false(ns_woken(&w.t, &n));
    world_check(&w);
    assert_int_equal(ns_deadline(&w.t), 50);
    put(&w, "app.x", me);
    assert_true(ns_woken(&w.t, &n) && n.waiter == id && n.view.generation == 2);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),    cmocka_unit_test(found),     cmocka_unit_test(deregister),
        cmocka_unit_test(generations), cmocka_unit_test(queue),     cmocka_unit_test(no_takeover_by_the_dead),
        cmocka_unit_test(epochs),      cmocka_unit_test(replacing), cmocka_unit_test(grants),
        cmocka_unit_test(long_chain),  cmocka_unit_test(enumerate), cmocka_unit_test(find),
        cmocka_unit_test(watch),       cmocka_unit_test(waiting),   cmocka_unit_test(woken_in_vain)};
    return cmocka_run_group_tests_name("ns_table", tests, NULL, NULL);
}
