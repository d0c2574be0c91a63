/* SPDX-License-Identifier: MIT */
/* What goes wrong in the middle: nothing is lost, nothing is left, and everybody learns it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "world.h"

static struct world w;
static uint8_t data[RPC_MESSAGE_MAX];

static int begin(void **state)
{
    (void)state;
    world_init(&w);
    return 0;
}

static int end(void **state)
{
    (void)state;
    world_check_empty(&w, 0);
    return 0;
}

#define assert_ok(e)           assert_true(err_ok(e))
#define assert_error(e, cause) assert_true(err_is((e), ERR_##cause))

/* ---- calls of all shapes, for sweeps: each leaves nothing behind */

static err_t call_write(void)
{
    return demo_write(&w.channel, data, 1000, &(uint32_t){0}, &(uint64_t){0});
}

static err_t call_read(void)
{
    return demo_read(&w.channel, 1000, data, sizeof(data), &(size_t){0});
}

static err_t call_swap(void)
{
    cptr_t given[6];
    cptr_t back[6];
    size_t count;
    err_t e;

    for (unsigned i = 0; i < ARRAY_LENGTH(given); i++) {
        given[i] = world_object(&w, i + 1);
    }
    e = demo_swap_all(&w.channel, given, ARRAY_LENGTH(given), back, ARRAY_LENGTH(back), &count);
    for (unsigned i = 0; i < ARRAY_LENGTH(given); i++) {
        if (err_ok(e)) {
            world_give(&w, back[i]);
        }
        world_give(&w, given[i]);
    }
    return e;
}

static err_t call_exchange(void)
{
    cptr_t given = world_object(&w, 1);
    cptr_t back;
    cptr_t maybe;
    err_t e = demo_exchange(&w.channel, given, CPTR_NULL, &back, &maybe);

    if (err_ok(e)) {
        world_give(&w, back);
    }
    world_give(&w, given);
    return e;
}

static err_t call_find(void)
{
    static struct demo_entry entries[DEMO_FIND_ENTRIES_MAX];
    size_t count;
    bool more;
    err_t e = demo_find(&w.channel, "x", 0, entries, DEMO_FIND_ENTRIES_MAX, &count, &more);

    for (size_t i = 0; err_ok(e) && i < count; i++) {
        if (entries[i].content != CPTR_NULL) {
            world_give(&w, entries[i].content);
        }
    }
    return e;
}

static err_t call_store(void)
{
    static struct demo_album album;
    static struct demo_entry others[20];
    static struct demo_album was;

    return demo_store(&w.channel, &album, others, 20, &was);
}

static bool answer_kept(struct world *world)
{
    return err_ok(demo_later_reply(world->kept, 7));
}

static err_t call_later(void)
{
    uint64_t answer;

    w.wait = answer_kept;
    return demo_later(&w.channel, 7, &answer);
}

static err_t (*const calls[])(void) = {call_write, call_read,  call_swap, call_exchange,
                                       call_find,  call_store, call_later};

/* RPC-FAULT-001: every allocation of every call fails once. */
static void memory_runs_out_anywhere(void **state)
{
    (void)state;
    for (unsigned c = 0; c < ARRAY_LENGTH(calls); c++) {
        err_t e = err_make(ERR_NO_MEMORY, 0);

        for (size_t nth = 0; !err_ok(e); nth++) {
            assert_error(e, NO_MEMORY);
            w.fail_allocation = w.allocations + nth;
            e = calls[c]();
            w.fail_allocation = SIZE_MAX;
            world_check_empty(&w, 0);
        }
        assert_ok(calls[c]());
    }
}

/* RPC-FAULT-002 */
static void slots_run_out_anywhere(void **state)
{
    (void)state;
    for (unsigned c = 0; c < ARRAY_LENGTH(calls); c++) {
        err_t e = err_make(ERR_CAP_SLOTS_EXHAUSTED, 0);

        for (unsigned room = 6; !err_ok(e); room++) { /* what the caller itself needs */
            assert_true(err_is(e, ERR_CAP_SLOTS_EXHAUSTED) || err_is(e, ERR_MSG_NO_RECEIVE_SLOT));
            w.slots_room = room;
            e = calls[c]();
            world_check_empty(&w, 0);
        }
        w.slots_room = WORLD_SLOTS - 1;
        assert_ok(calls[c]());
    }
}

/* The client's own slots, of which so many are left. */
static unsigned slots_left;

static cptr_t take_of_few(void *context)
{
    if (slots_left == 0) {
        return CPTR_NULL;
    }
    slots_left--;
    return w.slots.take(context);
}

/* RPC-FAULT-018: the server does not come to believe that the client has what it had no place for. */
static void a_call_whose_results_find_no_place_is_not_made(void **state)
{
    struct rpc_slots few = w.slots;
    cptr_t given = world_object(&w, 1);
    cptr_t back;
    cptr_t maybe;

    (void)state;
    few.take = take_of_few;
    w.link.slots = &few;
    for (unsigned left = 0; left < 2; left++) {
        slots_left = left;
        assert_error(demo_exchange(&w.channel, given, given, &back, &maybe), CAP_SLOTS_EXHAUSTED);
        assert_int_equal(w.exchanges, 0);
        assert_int_equal(w.slots_used, 1);
    }
    slots_left = 2;
    assert_ok(demo_exchange(&w.channel, given, given, &back, &maybe));
    w.link.slots = &w.slots;
    world_give(&w, back);
    world_give(&w, maybe);
    world_give(&w, given);
}

static unsigned fail_at;
static err_t fail_with;

/* Lets some exchanges pass, then has the next fail before it happens. */
static void count_down(struct world *world, struct rpc_part *part)
{
    (void)part;
    if (fail_at-- == 0) {
        world->exchange_error = fail_with;
    }
}

/* RPC-FAULT-017: each capability of each call, there and back, is revoked on its way once. */
static void capabilities_are_revoked_on_their_way(void **state)
{
    unsigned gone = 0;

    (void)state;
    for (unsigned c = 0; c < ARRAY_LENGTH(calls); c++) {
        err_t e = err_make(ERR_MSG_CAP_GONE, 0);

        for (unsigned nth = 1; !err_ok(e); nth++) {
            w.revoked = nth;
            e = calls[c]();
            assert_true(err_ok(e) || err_is(e, ERR_MSG_CAP_GONE));
            gone += !err_ok(e);
            world_check_empty(&w, 0);
        }
        w.revoked = 0;
    }
    assert_true(gone > 4);
}

/* RPC-FAULT-003: the transport fails at every exchange of every call. */
static void exchanges_fail_anywhere(void **state)
{
    static const enum err_code causes[] = {ERR_TIMEOUT, ERR_PEER_GONE, ERR_CANCELLED};

    (void)state;
    for (unsigned c = 0; c < ARRAY_LENGTH(calls) * ARRAY_LENGTH(causes); c++) {
        err_t (*call)(void) = calls[c / ARRAY_LENGTH(causes)];
        err_t e = OK;
        unsigned nth = 0;

        fail_with = err_make(causes[c % ARRAY_LENGTH(causes)], 0);
        w.exchange_error = fail_with;
        assert_true(err_is(call(), (enum err_code)fail_with.code[0]));
        do {
            unsigned before = w.exchanges;

            fail_at = nth++;
            w.on_answer = count_down;
            e = call();
            w.on_answer = NULL;
            world_check_empty(&w, 0); /* CANCEL has taken away what was left */
            if (err_ok(e)) {
                assert_true(w.exchanges - before <= nth);
                w.exchange_error = OK;
            } else {
                assert_true(err_is(e, (enum err_code)fail_with.code[0]));
            }
        } while (!err_ok(e));
    }
}

/* RPC-FAULT-004 */
static void a_lost_cancel_is_made_up_for_by_forgetting(void **state)
{
    (void)state;
    w.lose_posts = true;
    fail_with = err_make(ERR_TIMEOUT, 0);
    for (unsigned c = 0; c < 3; c++) {
        fail_at = 2;
        w.on_answer = count_down;
        assert_error(calls[c](), TIMEOUT);
        w.on_answer = NULL;
        assert_int_equal(rpc_server_check(&w.server, to_stderr, NULL), 0);
        assert_int_equal(w.server.figures.clients, 1);
        rpc_server_forget(&w.server, w.badge + 1); /* somebody else */
        assert_int_equal(w.server.figures.clients, 1);
        rpc_server_forget(&w.server, w.badge);
        world_check_empty(&w, 0);
    }
}

/* RPC-FAULT-005 */
static void a_restarted_client_is_not_disturbed_by_what_it_left(void **state)
{
    (void)state;
    w.lose_posts = true;
    fail_with = err_make(ERR_TIMEOUT, 0);
    for (unsigned c = 0; c < ARRAY_LENGTH(calls); c++) {
        fail_at = 1;
        w.on_answer = count_down;
        (void)err_ok(call_write());
        w.on_answer = NULL;
        w.exchange_error = OK;
        world_restart_client(&w);
        assert_ok(calls[c]()); /* bears the same call id */
        world_check_empty(&w, 0);
        world_restart_client(&w);
    }
}

/* RPC-FAULT-006 */
static void a_client_is_limited_and_others_are_not(void **state)
{
    unsigned begun = 0;
    err_t e;

    (void)state;
    w.lose_posts = true;
    fail_with = err_make(ERR_TIMEOUT, 0);
    do {
        fail_at = 0;
        w.on_answer = count_down;
        e = demo_write(&w.channel, data, 50000, &(uint32_t){0}, &(uint64_t){0});
        w.on_answer = NULL;
        begun += err_is(e, ERR_TIMEOUT);
        assert_true(begun < 100);
    } while (err_is(e, ERR_TIMEOUT));
    assert_error(e, LIMIT);
    assert_int_equal(e.detail, RPC_CLIENT_BYTES);
    w.exchange_error = OK;
    assert_int_equal(begun, RPC_CLIENT_BYTES / 50000);
    assert_ok(call_read()); /* short ones still fit */
    assert_ok(demo_nothing(&w.channel));
    w.badge++;
    assert_ok(demo_write(&w.channel, data, 50000, &(uint32_t){0}, &(uint64_t){0}));
    w.badge--;
    rpc_server_forget(&w.server, w.badge);
}

/* RPC-FAULT-007 */
static void a_smaller_limit_refuses_long_messages(void **state)
{
    (void)state;
    w.server.client_bytes = 500;
    assert_error(call_write(), LIMIT);
    assert_error(call_read(), LIMIT);
    assert_ok(call_exchange());
    w.server.client_bytes = 0;
    assert_error(call_later(), LIMIT);
    assert_ok(demo_nothing(&w.channel));
    w.server.client_bytes = RPC_CLIENT_BYTES;
    w.server.client_slots = 5;
    assert_error(call_swap(), LIMIT); /* it sends six */
    assert_error(call_find(), LIMIT);
    assert_ok(call_read());
    w.server.client_slots = 0;
    assert_error(call_later(), LIMIT);
    assert_ok(call_exchange()); /* a single one goes straight through */
}

/* RPC-FAULT-008 */
static void the_server_ends_with_unfinished_business(void **state)
{
    (void)state;
    w.lose_posts = true;
    fail_with = err_make(ERR_TIMEOUT, 0);
    for (unsigned i = 0; i < 9; i++) {
        w.badge = RPC_BADGE(WORLD_SERVICE, i / 2);
        fail_at = 2;
        w.on_answer = count_down;
        assert_error(calls[i % 3](), TIMEOUT);
        w.on_answer = NULL;
    }
    assert_int_equal(w.server.figures.clients, 5);
    rpc_server_end(&w.server);
}

/* ---- a client that does not keep to the rules */

/* Sends a part as a call; what is answered comes back in it. */
static enum rpc_kind send_raw(enum rpc_kind kind, uint32_t call, uint32_t part, uint32_t bytes, unsigned caps,
                              struct rpc_part *answer)
{
    struct rpc_header h = {
        .kind = kind, .method = DEMO_METHOD_WRITE, .call = call, .part = part, .bytes = bytes, .caps = caps};
    struct rpc_part p;
    struct rpc_header got;

    rpc_part_write(&p, &h, data);
    w.calls[0] = (struct world_call){.open = true};
    assert_true(rpc_server_take(&w.server, &w.port, w.badge, true, &p, answer));
    assert_ok(rpc_part_read(answer, &got));
    assert_int_equal(got.call, call);
    return got.kind;
}

static enum err_code error_in(const struct rpc_part *answer)
{
    return (enum err_code)rpc_part_error(answer).code[0];
}

/* RPC-FAULT-009 */
static void parts_out_of_order_end_the_call(void **state)
{
    struct rpc_part a;

    (void)state;
    assert_int_equal(send_raw(RPC_REQUEST, 1, 1, 200, 0, &a), RPC_ERROR); /* never begun */
    assert_int_equal(error_in(&a), ERR_MSG_MALFORMED);
    assert_int_equal(send_raw(RPC_REQUEST, 1, 0, 200, 0, &a), RPC_CONTINUE);
    assert_int_equal(send_raw(RPC_REQUEST, 1, 2, 200, 0, &a), RPC_ERROR); /* one left out */
    world_check_empty(&w, 0);
    assert_int_equal(send_raw(RPC_REQUEST, 1, 0, 200, 0, &a), RPC_CONTINUE);
    assert_int_equal(send_raw(RPC_REQUEST, 1, 1, 201, 0, &a), RPC_ERROR); /* another length */
    assert_int_equal(send_raw(RPC_REQUEST, 1, 0, 200, 0, &a), RPC_CONTINUE);
    assert_int_equal(send_raw(RPC_REQUEST, 1, 0, 100, 0, &a), RPC_CONTINUE); /* begun anew */
    assert_int_equal(send_raw(RPC_FETCH, 1, 1, 0, 0, &a), RPC_ERROR);        /* not what it is */
    assert_int_equal(send_raw(RPC_REQUEST, 1, 0, 10, 1, &a), RPC_ERROR);     /* where is it? */
    assert_int_equal(error_in(&a), ERR_MSG_CAP_GONE);
    assert_int_equal(send_raw(RPC_FETCH, 1, 1, 0, 0, &a), RPC_ERROR); /* there is nothing */
    assert_int_equal(send_raw(RPC_REPLY, 1, 0, 0, 0, &a), RPC_ERROR); /* not a client's */
    assert_int_equal(send_raw(RPC_CONTINUE, 1, 0, 0, 0, &a), RPC_ERROR);
    assert_int_equal(send_raw(RPC_CANCEL, 1, 0, 0, 0, &a), RPC_ERROR); /* not as a call */
}

/* RPC-FAULT-010 */
static void a_capability_that_nobody_announced_goes_back(void **state)
{
    struct rpc_header h = {.kind = RPC_REQUEST, .method = DEMO_METHOD_NOTHING, .call = 1};
    struct rpc_part p;
    struct rpc_part a;

    (void)state;
    rpc_part_write(&p, &h, NULL);
    p.cap = world_object(&w, 5);
    assert_true(rpc_server_take(&w.server, &w.port, w.badge, true, &p, &a));
    assert_int_equal(error_in(&a), ERR_MSG_MALFORMED);
    world_check_empty(&w, 0);
    p.cap = world_object(&w, 5);
    assert_false(
        rpc_server_take(&w.server, &w.port, w.badge, false, &p, &a)); /* one-way: not even an error */
    assert_int_equal(w.server.figures.malformed, 2);
    world_check_empty(&w, 0);
    p = (struct rpc_part){.length = 0, .cap = world_object(&w, 5)};
    assert_true(rpc_server_take(&w.server, &w.port, w.badge, true, &p, &a));
    p = (struct rpc_part){.length = 1, .words = {0x0102030405060708}};
    assert_true(rpc_server_take(&w.server, &w.port, w.badge, true, &p, &a));
    assert_ok(rpc_part_read(&a, &h));
    assert_int_equal(h.call, 0x05060708); /* what could be read comes back, so that its sender knows it */
}

/* ---- answers that cannot be sent */

static unsigned bad_one; /* which capability of the answer may not be sent */

static err_t answer_badly(void *context, struct rpc_request *request, const cptr_t *given, size_t given_count)
{
    cptr_t back[3] = {CPTR_NULL};
    err_t e;

    (void)context;
    (void)given;
    for (unsigned i = 0; i < given_count; i++) {
        back[i] = world_object(&w, (i + 1) | (i == bad_one ? OBJECT_NO_GRANT : 0));
    }
    e = demo_swap_all_reply(request, back, given_count);
    for (unsigned i = 0; i < given_count; i++) {
        world_give(&w, back[i]);
    }
    return e;
}

/* RPC-FAULT-013 */
static void a_capability_that_cannot_be_sent_back_ends_the_call(void **state)
{
    struct demo_ops ops = {.swap_all = answer_badly};
    cptr_t mine = world_object(&w, 9);
    cptr_t given[] = {mine, mine, mine};
    cptr_t back[3];
    size_t count;

    (void)state;
    w.service.ops = &ops;
    for (size_t n = 1; n <= ARRAY_LENGTH(given); n++) {
        for (bad_one = 0; bad_one < n; bad_one++) {
            assert_error(demo_swap_all(&w.channel, given, n, back, ARRAY_LENGTH(back), &count),
                         CAP_MISSING_RIGHT);
            world_check_empty(&w, 1);
        }
        assert_ok(demo_swap_all(&w.channel, given, n, back, ARRAY_LENGTH(back), &count));
        for (size_t i = 0; i < n; i++) {
            world_give(&w, back[i]);
        }
    }
    world_give(&w, mine);
}

static bool hang_up(struct world *world)
{
    memset(world->calls, 0, sizeof(world->calls)); /* the client has died: the kernel knows of no call */
    return false;
}

/* RPC-FAULT-014 */
static void a_dead_client_is_no_error_for_the_server(void **state)
{
    uint64_t answer;

    (void)state;
    w.wait = hang_up;
    w.lose_posts = true;
    assert_error(demo_later(&w.channel, 1, &answer), TIMEOUT);
    assert_ok(demo_later_reply(w.kept, 1));
    assert_int_equal(w.server.figures.dropped, 1);
    assert_error(demo_later(&w.channel, 1, &answer), TIMEOUT);
    rpc_fail(w.kept, err_make(ERR_IO, 0));
    assert_int_equal(w.server.figures.dropped, 2);
}

/* RPC-FAULT-015 */
static void a_call_that_cannot_be_kept_is_answered_at_once(void **state)
{
    uint64_t answer;

    (void)state;
    for (unsigned i = 1; i < ARRAY_LENGTH(w.calls); i++) {
        w.calls[i].answered = true; /* nothing is free */
    }
    assert_error(demo_later(&w.channel, 1, &answer), CAP_SLOTS_EXHAUSTED);
}

/* ---- a server that does not keep to the rules */

static uint64_t spoil_word;
static unsigned spoil_at;

static void spoil(struct world *world, struct rpc_part *part)
{
    if (world->exchanges == spoil_at) {
        part->words[0] ^= spoil_word;
    }
}

/* RPC-FAULT-011: every field of every answer wrong once. */
static void wrong_answers_end_the_call(void **state)
{
    static const uint64_t words[] = {(uint64_t)1 << 56, (uint64_t)1 << 48, (uint64_t)1 << 32, 1};

    (void)state;
    for (unsigned c = 0; c < ARRAY_LENGTH(calls) * ARRAY_LENGTH(words); c++) {
        unsigned total = w.exchanges;

        assert_ok(calls[c / ARRAY_LENGTH(words)]());
        total = w.exchanges - total;
        spoil_word = words[c % ARRAY_LENGTH(words)];
        w.on_answer = spoil;
        for (unsigned nth = 1; nth <= total; nth++) {
            err_t e;

            spoil_at = w.exchanges + nth;
            e = calls[c / ARRAY_LENGTH(words)]();
            assert_false(err_ok(e));
            world_check_empty(&w, 0);
        }
        w.on_answer = NULL;
    }
}

static struct rpc_header wrong_header;

/* A well-formed part that is not the one that was asked for. */
static void replace(struct world *world, struct rpc_part *part)
{
    static const uint64_t error[RPC_ERROR_BYTES / 8] = {ERR_IO};
    struct rpc_header h;

    assert_ok(rpc_part_read(part, &h));
    if (world->exchanges == spoil_at) {
        wrong_header.call = h.call;
        wrong_header.method = h.method;
        rpc_part_write(part, &wrong_header, error);
    }
}

static void expect_wrong(err_t (*call)(void), unsigned nth, struct rpc_header h)
{
    spoil_at = w.exchanges + nth;
    wrong_header = h;
    assert_error(call(), MSG_MALFORMED);
    world_check_empty(&w, 0);
}

/* RPC-FAULT-016 */
static void other_answers_than_asked_for_end_the_call(void **state)
{
    (void)state;
    w.on_answer = replace;
    expect_wrong(call_write, 1, (struct rpc_header){.kind = RPC_REPLY});
    expect_wrong(call_write, 1, (struct rpc_header){.kind = RPC_CONTINUE, .part = 2});
    expect_wrong(call_write, 2, (struct rpc_header){.kind = RPC_CONTINUE, .part = 1});
    expect_wrong(call_write, 1, (struct rpc_header){.kind = RPC_FETCH, .part = 1});
    expect_wrong(call_read, 1, (struct rpc_header){.kind = RPC_CONTINUE, .part = 1});
    expect_wrong(call_read, 1,
                 (struct rpc_header){.kind = RPC_REPLY, .bytes = 16, .caps = 1}); /* it has none */
    expect_wrong(call_read, 2, (struct rpc_header){.kind = RPC_REPLY});
    expect_wrong(call_exchange, 1, (struct rpc_header){.kind = RPC_REPLY, .bytes = 2});
    spoil_at = w.exchanges + 3;
    wrong_header = (struct rpc_header){.kind = RPC_ERROR, .bytes = RPC_ERROR_BYTES};
    assert_error(call_read(), IO); /* but it may fail at any time */
    assert_int_equal(rpc_server_check(&w.server, to_stderr, NULL), 0);
    rpc_server_forget(&w.server, w.badge); /* the real one has not failed, and its client knows no better */
}

static void add_cap(struct world *world, struct rpc_part *part)
{
    (void)world;
    part->words[1] += 100000; /* a longer reply than the method can have */
}

/* RPC-FAULT-012 */
static void a_reply_longer_than_the_method_allows_is_refused(void **state)
{
    uint64_t sum = 3;

    (void)state;
    w.on_answer = add_cap;
    assert_error(demo_add(&w.channel, 1, 1, &sum), MSG_TOO_LONG);
    assert_int_equal(sum, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory_runs_out_anywhere, begin, end),
        cmocka_unit_test_setup_teardown(slots_run_out_anywhere, begin, end),
        cmocka_unit_test_setup_teardown(a_call_whose_results_find_no_place_is_not_made, begin, end),
        cmocka_unit_test_setup_teardown(capabilities_are_revoked_on_their_way, begin, end),
        cmocka_unit_test_setup_teardown(exchanges_fail_anywhere, begin, end),
        cmocka_unit_test_setup_teardown(a_lost_cancel_is_made_up_for_by_forgetting, begin, end),
        cmocka_unit_test_setup_teardown(a_restarted_client_is_not_disturbed_by_what_it_left, begin, end),
        cmocka_unit_test_setup_teardown(a_client_is_limited_and_others_are_not, begin, end),
        cmocka_unit_test_setup_teardown(a_smaller_limit_refuses_long_messages, begin, end),
        cmocka_unit_test_setup_teardown(the_server_ends_with_unfinished_business, begin, end),
        cmocka_unit_test_setup_teardown(parts_out_of_order_end_the_call, begin, end),
        cmocka_unit_test_setup_teardown(a_capability_that_nobody_announced_goes_back, begin, end),
        cmocka_unit_test_setup_teardown(a_capability_that_cannot_be_sent_back_ends_the_call, begin, end),
        cmocka_unit_test_setup_teardown(a_dead_client_is_no_error_for_the_server, begin, end),
        cmocka_unit_test_setup_teardown(a_call_that_cannot_be_kept_is_answered_at_once, begin, end),
        cmocka_unit_test_setup_teardown(wrong_answers_end_the_call, begin, end),
        cmocka_unit_test_setup_teardown(other_answers_than_asked_for_end_the_call, begin, end),
        cmocka_unit_test_setup_teardown(a_reply_longer_than_the_method_allows_is_refused, begin, end),
    };

    return cmocka_run_group_tests_name("rpc-faults", tests, NULL, NULL);
}
