/* SPDX-License-Identifier: MIT */
/* Whole calls through generated stubs, both state machines and generated dispatch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <mudskipper/pure/hash.h>
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

/* RPC-CALL-001 */
static void small_calls_take_one_exchange_and_no_memory(void **state)
{
    uint64_t sum = 0;

    (void)state;
    assert_ok(demo_nothing(&w.channel));
    assert_ok(demo_add(&w.channel, 40, 2, &sum));
    assert_int_equal(sum, 42);
    assert_int_equal(w.exchanges, 2);
    assert_int_equal(w.allocations, 0);
    assert_int_equal(w.server.figures.requests, 2);
}

/* RPC-CALL-002 */
static void every_number_type_comes_back(void **state)
{
    bool f;
    uint64_t d;
    uint32_t c;
    uint16_t b;
    uint8_t a;

    (void)state;
    assert_ok(demo_numbers(&w.channel, 254, 65534, 0xfffffffe, UINT64_MAX - 1, true, &f, &d, &c, &b, &a));
    assert_false(f);
    assert_true(d == UINT64_MAX);
    assert_true(c == UINT32_MAX);
    assert_int_equal(b, UINT16_MAX);
    assert_int_equal(a, UINT8_MAX);
}

/* RPC-CALL-003: at and around every border of parts, and the longest. */
static void requests_of_any_length_arrive(void **state)
{
    static const size_t around[] = {0, 44, 92, 140, 1000, 4092, 30000, DEMO_WRITE_DATA_MAX - 2};
    uint64_t seed = 3;

    (void)state;
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)world_random(&seed);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(around) * 5; i++) {
        size_t bytes = around[i / 5] + i % 5;
        uint32_t written = 0;
        uint64_t hash = 0;
        err_t e = bytes >= 2 ? demo_write(&w.channel, data, bytes - 2, &written, &hash) : err_make(ERR_OK, 0);

        if (bytes < 2) {
            continue;
        }
        assert_ok(e);
        assert_int_equal(written, bytes - 2);
        assert_int_equal(w.written_bytes, bytes - 2);
        assert_memory_equal(w.written, data, bytes - 2);
        assert_true(hash == hash_fnv(HASH_FNV_START, data, bytes - 2));
        world_check_empty(&w, 0);
    }
    assert_ok(demo_write(&w.channel, data, DEMO_WRITE_DATA_MAX, &(uint32_t){0}, &(uint64_t){0}));
    assert_error(demo_write(&w.channel, data, DEMO_WRITE_DATA_MAX + 1, &(uint32_t){0}, &(uint64_t){0}),
                 MSG_TOO_LONG);
}

/* RPC-CALL-004 */
static void replies_of_any_length_arrive(void **state)
{
    static const uint32_t lengths[] = {0, 1, 43, 44, 45, 92, 93, 1000, 4096, DEMO_READ_DATA_MAX};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
        size_t bytes = 12345;

        assert_ok(demo_read(&w.channel, lengths[i], data, sizeof(data), &bytes));
        assert_int_equal(bytes, lengths[i]);
        for (size_t at = 0; at < bytes; at++) {
            assert_int_equal(data[at], demo_byte(at));
        }
        world_check_empty(&w, 0);
    }
}

/* RPC-CALL-005: out-parameters keep what they had. */
static void results_that_do_not_fit_are_an_error(void **state)
{
    size_t bytes = 12345;
    char text[4];
    err_t e = demo_read(&w.channel, 100, data, 99, &bytes);

    (void)state;
    assert_error(e, MSG_TOO_LONG);
    assert_int_equal(e.detail, 99);
    assert_int_equal(bytes, 12345);
    assert_error(demo_read(&w.channel, DEMO_READ_DATA_MAX + 1, data, sizeof(data), &bytes), MSG_TOO_LONG);
    assert_ok(demo_reverse(&w.channel, "abc", text, sizeof(text)));
    assert_string_equal(text, "cba");
    assert_error(demo_reverse(&w.channel, "abcd", text, sizeof(text)), MSG_TOO_LONG);
}

/* RPC-CALL-006 */
static void structs_and_lists_come_back(void **state)
{
    static struct demo_entry entries[DEMO_FIND_ENTRIES_MAX];
    static struct demo_album album;
    static struct demo_album back;
    struct demo_point there;
    size_t count;
    bool more = false;

    (void)state;
    assert_ok(demo_move(&w.channel, &(struct demo_point){1, 2}, (struct demo_point[]){{10, 20}, {100, 200}},
                        2, &there));
    assert_int_equal(there.x, 111);
    assert_int_equal(there.y, 222);
    assert_ok(demo_move(&w.channel, &(struct demo_point){1, 2}, NULL, 0, &there));
    assert_int_equal(there.x, 1);
    assert_error(demo_move(&w.channel, &there, NULL, SIZE_MAX, &there), MSG_TOO_LONG);

    assert_ok(demo_find(&w.channel, "frog", 5, entries, DEMO_FIND_ENTRIES_MAX, &count, &more));
    assert_int_equal(count, DEMO_FIND_ENTRIES_MAX);
    assert_true(more);
    for (uint32_t i = 0; i < count; i++) {
        assert_string_equal(entries[i].name, "frog");
        assert_int_equal(entries[i].size, 5 + i);
        assert_int_equal(entries[i].key_bytes, i % (DEMO_ENTRY_KEY_MAX + 1));
        assert_int_equal(entries[i].corners_count, i % (DEMO_ENTRY_CORNERS_MAX + 1));
        assert_int_equal(w.objects[entries[i].content], i % 2 == 1 ? 1000 + i : 0);
    }
    for (uint32_t i = 1; i < count; i += 2) {
        world_give(&w, entries[i].content);
    }
    assert_error(demo_find(&w.channel, "frog", 5, entries, DEMO_FIND_ENTRIES_MAX - 1, &count, &more),
                 MSG_TOO_LONG);

    memset(album.title, 'x', DEMO_ALBUM_TITLE_MAX);
    album.counts_count = 3;
    album.counts[2] = 77;
    album.first.size = 5;
    album.first.content = world_object(&w, 9);
    assert_ok(demo_store(&w.channel, &album, entries, 3, &back)); /* the entries' capabilities are gone */
    world_give(&w, album.first.content);
    assert_string_equal(back.title, album.title);
    assert_int_equal(back.counts[2], 77);
    assert_int_equal(back.first.size, 5 + 5 + 6 + 7);
    assert_int_equal(w.objects[back.first.content], 9);
    world_give(&w, back.first.content);
}

/* RPC-CAP-001 */
static void capabilities_go_there_and_back(void **state)
{
    cptr_t mine = world_object(&w, 17);
    cptr_t other = world_object(&w, 18);
    cptr_t back = 0;
    cptr_t maybe = 0;

    (void)state;
    assert_ok(demo_exchange(&w.channel, mine, CPTR_NULL, &back, &maybe));
    assert_int_equal(w.objects[back], 17);
    assert_int_equal(maybe, CPTR_NULL);
    assert_int_not_equal(back, mine);
    world_give(&w, back);
    assert_ok(demo_exchange(&w.channel, mine, other, &back, &maybe));
    assert_int_equal(w.objects[back], 17);
    assert_int_equal(w.objects[maybe], 18);
    world_give(&w, back);
    world_give(&w, maybe);
    assert_error(demo_exchange(&w.channel, CPTR_NULL, other, &back, &maybe), BAD_ARGUMENT);
    world_give(&w, mine);
    world_give(&w, other);
}

/* RPC-CAP-002 */
static void many_capabilities_in_one_message(void **state)
{
    cptr_t mine[DEMO_SWAP_ALL_GIVEN_MAX];
    cptr_t back[DEMO_SWAP_ALL_BACK_MAX];
    size_t count;

    (void)state;
    for (unsigned i = 0; i < ARRAY_LENGTH(mine); i++) {
        mine[i] = world_object(&w, 100 + i);
    }
    for (size_t n = 0; n <= ARRAY_LENGTH(mine); n++) {
        assert_ok(demo_swap_all(&w.channel, mine, n, back, ARRAY_LENGTH(back), &count));
        assert_int_equal(count, n);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(w.objects[back[i]], 100 + n - 1 - i);
            world_give(&w, back[i]);
        }
        world_check_empty(&w, ARRAY_LENGTH(mine));
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(mine); i++) {
        world_give(&w, mine[i]);
    }
}

/* RPC-CAP-003: in the middle of a message too. */
static void a_capability_that_cannot_be_sent_ends_the_call(void **state)
{
    cptr_t good = world_object(&w, 1);
    cptr_t bad = world_object(&w, 2 | OBJECT_NO_GRANT);
    cptr_t back[4];
    size_t count;

    (void)state;
    assert_error(demo_swap_all(&w.channel, (cptr_t[]){bad}, 1, back, 4, &count), CAP_MISSING_RIGHT);
    assert_error(demo_swap_all(&w.channel, (cptr_t[]){good, bad, good}, 3, back, 4, &count),
                 CAP_MISSING_RIGHT);
    assert_error(demo_swap_all(&w.channel, (cptr_t[]){good, 555}, 2, back, 4, &count), CAP_EMPTY_SLOT);
    world_give(&w, good);
    world_give(&w, bad);
}

/* RPC-ERROR-001 */
static void errors_travel_with_their_context(void **state)
{
    err_t e = demo_fail(&w.channel, 0x1122334455667788);

    (void)state;
    assert_int_equal(e.code[0], ERR_ELF_MAGIC);
    assert_int_equal(e.code[1], ERR_WHILE_LOAD);
    assert_int_equal(e.code[2], ERR_WHILE_SPAWN);
    assert_true(e.detail == 0x1122334455667788);
}

/* RPC-ERROR-002 */
static void what_the_server_does_not_have(void **state)
{
    struct rpc_call call;
    uint8_t never;
    err_t e;

    (void)state;
    assert_error(demo_register(&w.channel, "x", 1), NOT_SUPPORTED);
    assert_error(demo_unanswered(&w.channel, &never), MSG_UNANSWERED);
    rpc_call_begin(&call, &w.channel, 999);
    rpc_call_perform(&call, 0, 0);
    e = rpc_call_end(&call);
    assert_error(e, MSG_NO_METHOD);
    assert_int_equal(e.detail, 999);
    w.badge = RPC_BADGE(WORLD_SERVICE + 1, 42);
    assert_error(demo_nothing(&w.channel), MSG_NO_TARGET);
    rpc_server_remove(&w.server, &w.service);
    w.badge = WORLD_CLIENT;
    assert_error(demo_nothing(&w.channel), MSG_NO_TARGET);
}

/* RPC-ERROR-003 */
static void service_numbers_are_unique(void **state)
{
    struct rpc_service second = w.service;

    (void)state;
    assert_error(rpc_server_add(&w.server, &second), EXISTS);
    second.number = 0;
    assert_error(rpc_server_add(&w.server, &second), BAD_ARGUMENT);
    second.number = WORLD_SERVICE + 1;
    assert_ok(rpc_server_add(&w.server, &second));
    w.badge = RPC_BADGE(WORLD_SERVICE + 1, 1);
    assert_ok(demo_nothing(&w.channel));
    rpc_server_remove(&w.server, &second);
}

/* ---- answering later */

static bool answer_later(struct world *world)
{
    struct rpc_request *kept = world->kept;

    world->kept = NULL;
    assert_false(rpc_is_cancelled(kept));
    assert_int_equal(rpc_client(kept), 42);
    assert_ok(demo_later_reply(kept, 4711));
    return true;
}

static bool fail_later(struct world *world)
{
    rpc_fail(world->kept, err_make(ERR_IO, 3));
    return true;
}

static bool let_time_pass(struct world *world)
{
    (void)world;
    return false;
}

/* RPC-KEEP-001 */
static void a_kept_call_is_answered_later(void **state)
{
    uint64_t answer = 0;

    (void)state;
    w.wait = answer_later;
    assert_ok(demo_later(&w.channel, 1, &answer));
    assert_int_equal(answer, 4711);
    w.wait = fail_later;
    assert_error(demo_later(&w.channel, 1, &answer), IO);
}

/* RPC-KEEP-002 */
static void a_deadline_cancels_a_kept_call(void **state)
{
    uint64_t answer = 5;

    (void)state;
    w.wait = let_time_pass;
    assert_error(demo_later(&w.channel, 1, &answer), TIMEOUT);
    assert_int_equal(w.posts, 1);
    assert_true(rpc_is_cancelled(w.kept));
    assert_int_equal(w.server.figures.clients, 1);
    assert_ok(demo_later_reply(w.kept, 1)); /* nobody wants it, and that is no error */
    assert_int_equal(w.server.figures.dropped, 1);
    assert_int_equal(answer, 5);
}

/* RPC-KEEP-003 */
static void a_forgotten_client_gets_no_answer(void **state)
{
    uint64_t answer;

    (void)state;
    w.wait = let_time_pass;
    w.lose_posts = true;
    assert_error(demo_later(&w.channel, 1, &answer), TIMEOUT);
    assert_false(rpc_is_cancelled(w.kept));
    rpc_server_forget(&w.server, w.badge);
    assert_true(rpc_is_cancelled(w.kept));
    rpc_fail(w.kept, err_make(ERR_IO, 0));
}

static err_t keep_twice(void *context, struct rpc_request *request)
{
    struct rpc_request *again;

    (void)context;
    assert_ok(rpc_keep(request, &w.kept));
    assert_error(rpc_keep(request, &again), MSG_REPLY_USED);
    assert_error(rpc_keep(w.kept, &again), MSG_REPLY_USED);
    assert_error(demo_unanswered_reply(request, 1), MSG_REPLY_USED);
    assert_ok(demo_unanswered_reply(w.kept, 9));
    return err_make(ERR_IO, 0); /* too late */
}

static err_t answer_twice(void *context, struct rpc_request *request)
{
    struct rpc_request *kept;

    (void)context;
    assert_ok(demo_unanswered_reply(request, 8));
    assert_error(demo_unanswered_reply(request, 7), MSG_REPLY_USED);
    assert_error(rpc_keep(request, &kept), MSG_REPLY_USED);
    rpc_fail(request, err_make(ERR_IO, 0));
    return err_make(ERR_IO, 0);
}

/* RPC-KEEP-004 */
static void a_call_is_answered_once(void **state)
{
    struct demo_ops ops = {.unanswered = keep_twice};
    uint8_t value = 0;

    (void)state;
    w.service.ops = &ops;
    assert_ok(demo_unanswered(&w.channel, &value));
    assert_int_equal(value, 9);
    ops.unanswered = answer_twice;
    assert_ok(demo_unanswered(&w.channel, &value));
    assert_int_equal(value, 8);
}

static err_t keep_long(void *context, struct rpc_request *request, uint32_t count)
{
    (void)context;
    assert_int_equal(count, 5000);
    return rpc_keep(request, &w.kept);
}

static bool answer_long(struct world *world)
{
    for (size_t i = 0; i < 5000; i++) {
        data[i] = demo_byte(i);
    }
    assert_ok(demo_read_reply(world->kept, data, 5000));
    memset(data, 0, 5000);
    return true;
}

/* RPC-KEEP-005 */
static void a_kept_call_may_have_a_long_answer(void **state)
{
    struct demo_ops ops = {.read = keep_long};
    size_t bytes;

    (void)state;
    w.service.ops = &ops;
    w.wait = answer_long;
    assert_ok(demo_read(&w.channel, 5000, data, sizeof(data), &bytes));
    assert_int_equal(bytes, 5000);
    for (size_t i = 0; i < bytes; i++) {
        assert_int_equal(data[i], demo_byte(i));
    }
}

static err_t take_one(void *context, struct rpc_request *request, cptr_t given, cptr_t perhaps)
{
    (void)context;
    (void)perhaps;
    rpc_take_cap(request, given);
    return err_make(ERR_IO, given);
}

/* RPC-CAP-004 */
static void a_service_may_take_a_capability(void **state)
{
    struct demo_ops ops = {.exchange = take_one};
    cptr_t one = world_object(&w, 1);
    cptr_t two = world_object(&w, 2);
    cptr_t back;
    cptr_t maybe;
    err_t e;

    (void)state;
    w.service.ops = &ops;
    e = demo_exchange(&w.channel, one, two, &back, &maybe);
    assert_error(e, IO);
    world_check_empty(&w, 3);
    assert_int_equal(w.objects[e.detail], 1);
    world_give(&w, one);
    world_give(&w, two);
    world_give(&w, (cptr_t)e.detail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(small_calls_take_one_exchange_and_no_memory, begin, end),
        cmocka_unit_test_setup_teardown(every_number_type_comes_back, begin, end),
        cmocka_unit_test_setup_teardown(requests_of_any_length_arrive, begin, end),
        cmocka_unit_test_setup_teardown(replies_of_any_length_arrive, begin, end),
        cmocka_unit_test_setup_teardown(results_that_do_not_fit_are_an_error, begin, end),
        cmocka_unit_test_setup_teardown(structs_and_lists_come_back, begin, end),
        cmocka_unit_test_setup_teardown(capabilities_go_there_and_back, begin, end),
        cmocka_unit_test_setup_teardown(many_capabilities_in_one_message, begin, end),
        cmocka_unit_test_setup_teardown(a_capability_that_cannot_be_sent_ends_the_call, begin, end),
        cmocka_unit_test_setup_teardown(a_service_may_take_a_capability, begin, end),
        cmocka_unit_test_setup_teardown(errors_travel_with_their_context, begin, end),
        cmocka_unit_test_setup_teardown(what_the_server_does_not_have, begin, end),
        cmocka_unit_test_setup_teardown(service_numbers_are_unique, begin, end),
        cmocka_unit_test_setup_teardown(a_kept_call_is_answered_later, begin, end),
        cmocka_unit_test_setup_teardown(a_deadline_cancels_a_kept_call, begin, end),
        cmocka_unit_test_setup_teardown(a_forgotten_client_gets_no_answer, begin, end),
        cmocka_unit_test_setup_teardown(a_call_is_answered_once, begin, end),
        cmocka_unit_test_setup_teardown(a_kept_call_may_have_a_long_answer, begin, end),
    };

    return cmocka_run_group_tests_name("rpc-calls", tests, NULL, NULL);
}
