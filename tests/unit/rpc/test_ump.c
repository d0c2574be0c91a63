/* SPDX-License-Identifier: MIT */
/* Calls through rings: everything that goes right, and what each end does when the other goes wrong. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <mudskipper/pure/hash.h>
#include "rings.h"

static struct world w;
static struct rings r;
static uint8_t data[RPC_MESSAGE_MAX];
static uint8_t back[RPC_MESSAGE_MAX];

static int begin_with(unsigned lines)
{
    world_init(&w);
    rings_init(&r, &w, lines);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    return begin_with(32);
}

static int begin_small(void **state)
{
    (void)state;
    return begin_with(RPC_UMP_LINES_MIN);
}

static int end(void **state)
{
    (void)state;
    rings_end(&r);
    world_check_empty(&w, 0);
    assert_int_equal(r.on_the_way, 0);
    return 0;
}

#define assert_ok(e)           assert_true(err_ok(e))
#define assert_error(e, cause) assert_true(err_is((e), ERR_##cause))

/* ---- what goes right */

/* RPC-UMP-001 */
static void a_small_call_is_a_line_each_way_and_needs_no_memory(void **state)
{
    uint64_t sum;

    (void)state;
    for (uint64_t i = 1; i <= 100; i++) {
        assert_ok(demo_add(&r.channel, i, 1000, &sum));
        assert_int_equal(sum, i + 1000);
        assert_int_equal(r.client.out.position, i);
        assert_int_equal(r.server.out.position, i);
    }
    assert_int_equal(w.allocations, 0);
    assert_int_equal(r.sleeps, 100);
}

/* RPC-UMP-002 */
static void every_length_comes_and_goes(void **state)
{
    uint32_t written;
    uint64_t hash;
    size_t count;

    (void)state;
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = demo_byte(i);
    }
    for (size_t bytes = 0; bytes <= 60000; bytes += bytes < 300 ? 1 : 5970) {
        assert_ok(demo_write(&r.channel, data, bytes, &written, &hash));
        assert_int_equal(written, bytes);
        assert_int_equal(hash, hash_fnv(HASH_FNV_START, data, bytes));
        assert_ok(demo_read(&r.channel, (uint32_t)bytes, back, sizeof(back), &count));
        assert_int_equal(count, bytes);
        assert_memory_equal(back, data, bytes);
    }
}

/* RPC-UMP-003 */
static void numbers_strings_and_errors_come_back(void **state)
{
    uint8_t a;
    uint16_t b;
    uint32_t c;
    uint64_t d;
    bool f;
    char text[DEMO_REVERSE_REVERSED_MAX + 1];
    err_t e;

    (void)state;
    assert_ok(demo_numbers(&r.channel, 1, 2, 3, 4, true, &f, &d, &c, &b, &a));
    assert_false(f);
    assert_int_equal(a + b + c + d, 14);
    assert_ok(demo_reverse(&r.channel, "mudskipper", text, sizeof(text)));
    assert_string_equal(text, "reppiksdum");
    e = demo_fail(&r.channel, 4711);
    assert_false(err_ok(e));
    assert_int_equal(e.detail, 4711);
    assert_error(demo_unanswered(&r.channel, &a), MSG_UNANSWERED);
}

/* RPC-UMP-004 */
static void capabilities_go_both_ways(void **state)
{
    cptr_t given[DEMO_SWAP_ALL_GIVEN_MAX];
    cptr_t got[DEMO_SWAP_ALL_GIVEN_MAX];
    size_t count;

    (void)state;
    for (unsigned i = 0; i < ARRAY_LENGTH(given); i++) {
        given[i] = world_object(&w, 100 + i);
    }
    for (size_t n = 0; n <= ARRAY_LENGTH(given); n++) {
        assert_ok(demo_swap_all(&r.channel, given, n, got, ARRAY_LENGTH(got), &count));
        assert_int_equal(count, n);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(w.objects[got[i]], 100 + n - 1 - i);
            world_give(&w, got[i]);
        }
    }
    assert_int_equal(w.slots_used, ARRAY_LENGTH(given));
    for (unsigned i = 0; i < ARRAY_LENGTH(given); i++) {
        world_give(&w, given[i]);
    }
}

/* RPC-UMP-005 */
static void what_may_not_be_sent_is_refused_and_the_channel_goes_on(void **state)
{
    cptr_t forbidden = world_object(&w, OBJECT_NO_GRANT | 1);
    cptr_t given;
    cptr_t maybe;
    uint64_t sum;

    (void)state;
    assert_error(demo_exchange(&r.channel, forbidden, CPTR_NULL, &given, &maybe), CAP_MISSING_RIGHT);
    assert_int_equal(r.client.parts_out, 0);
    assert_ok(demo_add(&r.channel, 1, 2, &sum));
    world_give(&w, forbidden);
}

/* ---- later */

static bool answer_later(struct world *world)
{
    struct rpc_request *kept = world->kept;

    world->kept = NULL;
    if (kept != NULL) {
        err_t e = demo_later_reply(kept, 4711);

        (void)e; /* the caller sees */
    }
    return kept != NULL;
}

/* RPC-UMP-010 */
static void a_kept_call_is_answered_later(void **state)
{
    uint64_t answer = 0;

    (void)state;
    w.wait = answer_later;
    for (unsigned i = 0; i < 100; i++) {
        assert_ok(demo_later(&r.channel, 1, &answer));
        assert_int_equal(answer, 4711);
    }
    assert_int_equal(r.client.parts_out, 0);
    assert_true(list_empty(&r.server.kept));
}

/* RPC-UMP-011 */
static void a_deadline_cancels_a_kept_call_whose_answer_goes_nowhere(void **state)
{
    uint64_t answer = 5;
    uint64_t sum;

    (void)state;
    assert_error(demo_later(&r.channel, 1, &answer), TIMEOUT);
    (void)rings_serve(&r);
    assert_true(rpc_is_cancelled(w.kept));
    assert_ok(demo_later_reply(w.kept, 1));
    assert_int_equal(answer, 5);
    assert_ok(demo_add(&r.channel, 1, 2, &sum));
    assert_int_equal(r.client.figures.late, 1);
}

/* RPC-UMP-013 */
static void who_is_silent_and_comes_back_finds_the_call_cancelled(void **state)
{
    uint64_t answer;
    uint64_t sum;
    err_t e;

    (void)state;
    r.silent = true;
    e = demo_later(&r.channel, 1, &answer);
    assert_error(e, PEER_GONE);
    assert_int_equal(e.detail, 7); /* what the hooks know */
    assert_int_equal(r.client.parts_out, 0);
    (void)rings_serve(&r);
    assert_true(rpc_is_cancelled(w.kept));
    assert_ok(demo_later_reply(w.kept, 1));
    assert_ok(demo_add(&r.channel, 1, 2, &sum));
    assert_int_equal(r.client.figures.late, 1);
}

/* A client by hand, which need not keep to the rules. */
struct raw {
    struct ump_writer out;
    struct ump_reader in;
};

static struct raw raw_client(void)
{
    struct raw raw;

    ump_writer_init(&raw.out, r.to_server, (RPC_UMP_LINES_MIN + UMP_HEAD_LINES) * UMP_LINE_BYTES);
    ump_reader_init(&raw.in, r.to_client, (RPC_UMP_LINES_MIN + UMP_HEAD_LINES) * UMP_LINE_BYTES);
    return raw;
}

static bool raw_call(struct raw *raw, uint32_t call, uint16_t method, uint64_t argument)
{
    struct rpc_header h = {.kind = RPC_REQUEST, .method = method, .call = call, .bytes = 8};
    struct rpc_part part;
    bool wake;

    rpc_part_write(&part, &h, &argument);
    if (!ump_send(&raw->out, part.words, part.length * 8, 0, true, &wake)) {
        return false;
    }
    r.at_server.wakes += wake;
    return true;
}

#define LATER      12u /* its number in demo.rpc */
#define TAG_CREDIT 8u

/* RPC-UMP-012 */
static void answers_that_come_late_wait_for_room_and_keep_their_order(void **state)
{
    struct rpc_request *kept[20];
    struct raw raw = raw_client();
    uint64_t line[UMP_PAYLOAD / 8];
    unsigned answers = 0;
    unsigned bytes;
    uint8_t tag;

    (void)state;
    for (uint32_t i = 0; i < ARRAY_LENGTH(kept); i++) {
        assert_true(raw_call(&raw, i, LATER, i));
        (void)rings_serve(&r);
        kept[i] = w.kept;
        assert_true(ump_receive(&raw.in, line, &bytes, &tag));
        assert_int_equal(bytes, 0); /* it was kept, and its line is free */
        assert_int_equal(tag, TAG_CREDIT);
    }
    for (uint32_t i = 0; i < ARRAY_LENGTH(kept); i++) {
        assert_ok(demo_later_reply(kept[i], 1000 + i));
    }
    assert_true(r.server.figures.waiting > 0);
    assert_int_equal(r.server.figures.lies, 0);
    while (answers < ARRAY_LENGTH(kept)) {
        if (ump_receive(&raw.in, line, &bytes, &tag)) {
            assert_int_equal((uint32_t)line[0], answers);
            assert_int_equal(line[RPC_HEADER_WORDS], 1000 + answers);
            answers++;
        } else {
            (void)ump_prepare_sleep(&raw.in);
        }
        if (ump_wake_writer(&raw.in)) {
            r.at_server.wakes++; /* without this nobody would send the rest */
            (void)rings_serve(&r);
        }
    }
    assert_true(list_empty(&r.server.late_answers));
}

/* ---- the end */

static void take_away(struct rings *rings)
{
    memset(rings->to_client, 0, sizeof(rings->to_client));
    memset(rings->to_server, 0, sizeof(rings->to_server));
    atomic_store(&rings->gone, true);
}

/* RPC-UMP-020 */
static void rings_that_are_taken_away_end_calls_with_peer_gone(void **state)
{
    uint64_t sum;

    (void)state;
    assert_ok(demo_add(&r.channel, 1, 2, &sum));
    r.on_sleep = take_away;
    assert_error(demo_add(&r.channel, 1, 2, &sum), PEER_GONE);
    assert_error(demo_add(&r.channel, 1, 2, &sum), PEER_GONE);
    assert_int_equal(rpc_ump_serve(&r.server), RPC_UMP_ENDED);
}

/* RPC-UMP-021 */
static void calls_that_were_kept_outlive_their_rings(void **state)
{
    uint64_t answer;

    (void)state;
    assert_error(demo_later(&r.channel, 1, &answer), TIMEOUT);
    rpc_ump_close(&r.server);
    assert_true(rpc_is_cancelled(w.kept));
    memset(&r.server, 0xdd, sizeof(r.server)); /* it is not looked at any more */
    assert_ok(demo_later_reply(w.kept, 1));
    rings_init(&r, &w, 32);
}

static void hang_up(struct rings *rings)
{
    rpc_ump_close(&rings->client);
}

/* RPC-UMP-022 */
static void closing_ends_calls_under_way(void **state)
{
    uint64_t sum;

    (void)state;
    r.on_sleep = hang_up;
    assert_error(demo_add(&r.channel, 1, 2, &sum), PEER_GONE);
}

/* ---- lies */

struct wrong {
    const char *what;
    unsigned bytes;
    unsigned tag;
    unsigned before; /* a good first line with MORE and so many bytes comes before; 0: none */
};

static const struct wrong wrong_lines[] = {
    {"no whole words", 17, 0, 0},
    {"an unknown tag", 16, 16, 0},
    {"nothing at all", 0, 0, 0},
    {"nothing, and more of it", 0, 9, 0},
    {"a second line first", 16, 2, 0},
    {"word 7 first", 16, 4, 0},
    {"a second line that is none", 16, 0, 56},
    {"an empty second line", 0, 2, 56},
    {"a second line with credit", 8, 10, 56},
    {"a third line", 8, 3, 56},
    {"word 7 of a short part", 8, 6, 48},
    {"too many words for a capability", 56, 2, 56},
    {"credit for nothing", 0, 8, 0},
};

static void send_wrong(struct ump_writer *out, const struct wrong *wrong)
{
    static const uint64_t line[UMP_PAYLOAD / 8] = {(uint64_t)RPC_REQUEST << 56};
    bool wake;

    if (wrong->before > 0) {
        assert_true(ump_send(out, line, wrong->before, 1, false, &wake));
    }
    assert_true(ump_send(out, line, wrong->bytes, (uint8_t)wrong->tag, true, &wake));
}

/* RPC-UMP-030 */
static void a_wrong_line_ends_the_servers_end_only(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_LENGTH(wrong_lines); i++) {
        struct raw raw = raw_client();

        send_wrong(&raw.out, &wrong_lines[i]);
        while (rpc_ump_serve(&r.server) == RPC_UMP_AGAIN) {
        }
        if (!r.server.ended) {
            fail_msg("the server accepts %s", wrong_lines[i].what);
        }
        assert_int_equal(r.server.figures.lies, 1);
        rings_end(&r);
        rings_init(&r, &w, RPC_UMP_LINES_MIN);
    }
}

static const struct wrong *next_wrong;

static void answer_wrong(struct rings *rings)
{
    struct ump_writer out;

    (void)rings;
    ump_writer_init(&out, r.to_client, (RPC_UMP_LINES_MIN + UMP_HEAD_LINES) * UMP_LINE_BYTES);
    r.at_client.wakes = 1;
    r.on_sleep = NULL;
    send_wrong(&out, next_wrong);
}

/* RPC-UMP-031 */
static void a_wrong_line_ends_the_clients_calls_with_peer_gone(void **state)
{
    uint64_t sum;

    (void)state;
    for (unsigned i = 0; i + 1 < ARRAY_LENGTH(wrong_lines); i++) { /* credit is due here */
        next_wrong = &wrong_lines[i];
        r.on_sleep = answer_wrong;
        r.at_server.asleep = true; /* the server says nothing */
        assert_error(demo_add(&r.channel, 1, 2, &sum), PEER_GONE);
        assert_int_equal(r.client.figures.lies, 1);
        rings_end(&r);
        rings_init(&r, &w, RPC_UMP_LINES_MIN);
    }
}

/* RPC-UMP-032 */
static void a_client_that_does_not_read_ends_its_own_channel(void **state)
{
    struct raw raw = raw_client();
    unsigned sent = 0;

    (void)state;
    while (!r.server.ended && sent < 100) {
        sent += raw_call(&raw, sent, 2, 1);
        (void)rings_serve(&r);
    }
    assert_true(r.server.ended);
    assert_int_equal(r.server.figures.lies, 1);
    assert_true(sent <= 2 * RPC_UMP_LINES_MIN);
}

/* RPC-UMP-033 */
static void a_client_that_serves_nobody_is_not_called(void **state)
{
    struct ump_writer out;
    uint64_t sum;

    (void)state;
    ump_writer_init(&out, r.to_client, (RPC_UMP_LINES_MIN + UMP_HEAD_LINES) * UMP_LINE_BYTES);
    send_wrong(&out, &(struct wrong){"a request", 16, 0, 0});
    assert_error(demo_add(&r.channel, 1, 2, &sum), PEER_GONE);
    assert_int_equal(r.client.figures.lies, 1);
}

/* ---- everything fails once */

static err_t call_write(void)
{
    return demo_write(&r.channel, data, 1000, &(uint32_t){0}, &(uint64_t){0});
}

static err_t call_read(void)
{
    return demo_read(&r.channel, 1000, back, sizeof(back), &(size_t){0});
}

static err_t call_swap(void)
{
    cptr_t given[6];
    cptr_t got[6];
    size_t count;
    err_t e;

    for (unsigned i = 0; i < ARRAY_LENGTH(given); i++) {
        given[i] = world_object(&w, i + 1);
    }
    e = demo_swap_all(&r.channel, given, ARRAY_LENGTH(given), got, ARRAY_LENGTH(got), &count);
    for (unsigned i = 0; i < ARRAY_LENGTH(given); i++) {
        if (err_ok(e)) {
            world_give(&w, got[i]);
        }
        world_give(&w, given[i]);
    }
    return e;
}

static err_t call_later(void)
{
    return demo_later(&r.channel, 1, &(uint64_t){0});
}

static err_t (*const shapes[])(void) = {call_write, call_read, call_swap, call_later};

/* Each shape, with one thing after the other failing, until nothing does. */
static void sweep(void (*arm)(unsigned nth))
{
    for (unsigned i = 0; i < ARRAY_LENGTH(shapes); i++) {
        unsigned nth = 0;
        err_t e;

        do {
            arm(nth);
            w.kept = NULL;
            e = shapes[i]();
            assert_true(nth < 100);
            arm(UINT_MAX);
            (void)rings_serve(&r);
            if (!err_ok(e)) {
                assert_int_equal(rpc_ump_check(&r.client, to_stderr, NULL), 0);
                assert_int_equal(rpc_ump_check(&r.server, to_stderr, NULL), 0);
                assert_false(r.client.ended || r.server.ended);
            }
            nth++;
        } while (!err_ok(e));
        assert_ok(shapes[i]());
    }
}

static void arm_memory(unsigned nth)
{
    w.fail_allocation = nth != UINT_MAX ? w.allocations + nth : SIZE_MAX;
}

static void arm_send(unsigned nth)
{
    r.fail_send = nth != UINT_MAX ? r.caps_sent + nth : UINT_MAX;
}

static void arm_take(unsigned nth)
{
    r.fail_take = nth != UINT_MAX ? r.caps_taken + nth : UINT_MAX;
}

static void arm_slots(unsigned nth)
{
    w.slots_room = nth != UINT_MAX ? w.slots_used + 6 + nth : WORLD_SLOTS - 1;
}

/* RPC-UMP-040 */
static void memory_slots_and_capabilities_fail_anywhere(void **state)
{
    (void)state;
    w.wait = answer_later;
    sweep(arm_memory);
    sweep(arm_send);
    sweep(arm_take);
    sweep(arm_slots);
}

/* ---- chance */

static uint64_t dice = 1;

/* Most of it hits the line that is read next. */
static void scribble(struct rings *rings)
{
    bool to_client = world_random(&dice) % 2 == 0;
    uint8_t *ring = to_client ? rings->to_client : rings->to_server;
    uint64_t read = to_client ? rings->client.in.position : rings->server.in.position;
    size_t line = (UMP_HEAD_LINES + read % RPC_UMP_LINES_MIN) * UMP_LINE_BYTES;

    for (unsigned i = (unsigned)(world_random(&dice) % 4); i > 0; i--) {
        size_t at = world_random(&dice) % 4 != 0
                        ? line + world_random(&dice) % UMP_LINE_BYTES
                        : world_random(&dice) % ((RPC_UMP_LINES_MIN + UMP_HEAD_LINES) * UMP_LINE_BYTES);

        ring[at] ^= (uint8_t)(1u << world_random(&dice) % 8);
    }
    rings->at_server.wakes++;
    rings->at_client.wakes++;
    if (world_random(&dice) % 2 == 0) {
        rings->on_sleep = NULL; /* else a call whose line is spoiled would never end */
    }
}

/* A spoiled line may be taken for any call, so that more than one is kept. */
static struct rpc_request *collected[64];
static unsigned collected_count;

static void collect(struct rings *rings)
{
    if (rings->w->kept != NULL) {
        assert_true(collected_count < ARRAY_LENGTH(collected));
        collected[collected_count++] = rings->w->kept;
        rings->w->kept = NULL;
    }
}

static bool answer_collected(struct world *world)
{
    bool any = collected_count > 0;

    while (collected_count > 0) {
        world->kept = collected[--collected_count];
        (void)answer_later(world);
    }
    return any;
}

/* RPC-UMP-050 */
static void scribbling_into_the_rings_harms_nobody_else(void **state)
{
    unsigned ended = 0;
    unsigned good = 0;

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        r.on_served = collect;
        w.wait = answer_collected;
        for (unsigned i = 0; i < 10 && !r.client.ended; i++) {
            r.on_sleep = world_random(&dice) % 4 == 0 ? scribble : NULL;
            good += err_ok(shapes[world_random(&dice) % ARRAY_LENGTH(shapes)]());
            assert_int_equal(rpc_server_check(&w.server, to_stderr, NULL), 0);
        }
        ended += r.client.ended + r.server.ended;
        rings_end(&r);
        (void)answer_collected(&w);
        world_check_empty(&w, 0);
        rings_init(&r, &w, RPC_UMP_LINES_MIN);
    }
    assert_true(ended > 100);
    assert_true(good > 100);
}

#define TEST(name)       cmocka_unit_test_setup_teardown(name, begin, end)
#define TEST_SMALL(name) cmocka_unit_test_setup_teardown(name, begin_small, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_small_call_is_a_line_each_way_and_needs_no_memory),
        TEST(every_length_comes_and_goes),
        TEST_SMALL(every_length_comes_and_goes),
        TEST(numbers_strings_and_errors_come_back),
        TEST(capabilities_go_both_ways),
        TEST_SMALL(capabilities_go_both_ways),
        TEST(what_may_not_be_sent_is_refused_and_the_channel_goes_on),
        TEST(a_kept_call_is_answered_later),
        TEST_SMALL(a_kept_call_is_answered_later),
        TEST(a_deadline_cancels_a_kept_call_whose_answer_goes_nowhere),
        TEST(who_is_silent_and_comes_back_finds_the_call_cancelled),
        TEST_SMALL(answers_that_come_late_wait_for_room_and_keep_their_order),
        TEST(rings_that_are_taken_away_end_calls_with_peer_gone),
        TEST(calls_that_were_kept_outlive_their_rings),
        TEST(closing_ends_calls_under_way),
        TEST_SMALL(a_wrong_line_ends_the_servers_end_only),
        TEST_SMALL(a_wrong_line_ends_the_clients_calls_with_peer_gone),
        TEST_SMALL(a_client_that_does_not_read_ends_its_own_channel),
        TEST_SMALL(a_client_that_serves_nobody_is_not_called),
        TEST_SMALL(memory_slots_and_capabilities_fail_anywhere),
        TEST_SMALL(scribbling_into_the_rings_harms_nobody_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
