/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <mudskipper/msg/ump_call.h>

#define BYTES 640u /* 8 lines */
#define LINES 8u

static _Alignas(UMP_LINE_BYTES) uint8_t memory[BYTES];
static uint64_t caller_open[UMP_CALL_WORDS(BYTES)];
static uint64_t callee_open[UMP_CALL_WORDS(BYTES)];
static struct ump_call_side caller;
static struct ump_call_side callee;
static uint8_t got[UMP_PAYLOAD];
static unsigned bytes;
static uint8_t tag;
static bool wake;

static int begin(void **state)
{
    (void)state;
    memset(memory, 0, sizeof(memory));
    ump_call_init(&caller, memory, BYTES, caller_open);
    ump_call_init(&callee, memory, BYTES, callee_open);
    return 0;
}

/* UMP-CALL-001 */
static void an_answer_comes_back_in_its_requests_line(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        uint8_t sent[UMP_PAYLOAD];
        unsigned length = i % (UMP_PAYLOAD + 1);
        uint64_t call;
        uint64_t taken;

        memset(sent, (int)i, sizeof(sent));
        assert_true(ump_call(&caller, sent, length, (uint8_t)i, &call, &wake));
        assert_false(wake);
        assert_int_equal(call, i);
        assert_false(ump_call_answer(&caller, call, got, &bytes, &tag));
        assert_true(ump_call_next(&callee, got, &bytes, &tag, &taken));
        assert_int_equal(taken, call);
        assert_int_equal(bytes, length);
        assert_int_equal(tag, (uint8_t)i);
        assert_memory_equal(got, sent, length);
        assert_false(ump_call_next(&callee, got, &bytes, &tag, &taken));
        sent[0] ^= 0xff;
        assert_true(ump_call_reply(&callee, call, sent, length, (uint8_t)~i, &wake));
        assert_true(ump_call_answer(&caller, call, got, &bytes, &tag));
        assert_int_equal(bytes, length);
        assert_int_equal(tag, (uint8_t)~i);
        assert_memory_equal(got, sent, length);
        assert_false(ump_call_answer(&caller, call, got, &bytes, &tag)); /* once */
    }
}

/* UMP-CALL-002 */
static void answers_come_in_any_order(void **state)
{
    static const unsigned order[LINES] = {3, 0, 7, 1, 2, 6, 5, 4};
    uint64_t call;

    (void)state;
    for (unsigned i = 0; i < LINES; i++) {
        assert_true(ump_call(&caller, &i, sizeof(i), 0, &call, &wake));
    }
    assert_false(ump_call(&caller, "x", 1, 0, &call, &wake)); /* as many as there are lines */
    for (unsigned i = 0; i < LINES; i++) {
        assert_true(ump_call_next(&callee, got, &bytes, &tag, &call));
        assert_int_equal(call, i);
    }
    for (unsigned i = 0; i < LINES; i++) {
        assert_true(ump_call_reply(&callee, order[i], &order[i], sizeof(order[i]), 0, &wake));
        assert_false(ump_call_reply(&callee, order[i], "again", 5, 0, &wake)); /* one answer each */
        assert_true(ump_call_answer(&caller, order[i], got, &bytes, &tag));
        assert_memory_equal(got, &order[i], sizeof(order[i]));
    }
    assert_true(ump_call(&caller, "x", 1, 0, &call, &wake));
}

/* UMP-CALL-003 */
static void what_was_never_asked_is_not_answered(void **state)
{
    uint64_t call;

    (void)state;
    assert_false(ump_call_reply(&callee, 0, "x", 1, 0, &wake));
    assert_true(ump_call(&caller, "x", 1, 0, &call, &wake));
    assert_true(ump_call_next(&callee, got, &bytes, &tag, &call));
    assert_false(ump_call_reply(&callee, LINES, "x", 1, 0, &wake));
    assert_false(ump_call_answer(&caller, LINES, got, &bytes, &tag));
    assert_true(ump_call_reply(&callee, 0, "x", 1, 0, &wake));
}

/* UMP-CALL-004 */
static void lies_break_the_side_that_reads_them(void **state)
{
    struct ump_call_ring *ring = (struct ump_call_ring *)memory;
    uint64_t call;

    atomic_store(&ring->lines[0].control, (uint64_t)1 << 16 | 57);
    assert_false(ump_call_next(&callee, got, &bytes, &tag, &call));
    assert_true(callee.broken);

    begin(state);
    assert_true(ump_call(&caller, "x", 1, 0, &call, &wake));
    atomic_store(&ring->lines[0].control, (uint64_t)2 << 16 | 255);
    assert_false(ump_call_answer(&caller, call, got, &bytes, &tag));
    assert_true(caller.broken);
    assert_false(ump_call(&caller, "x", 1, 0, &call, &wake));

    begin(state); /* a line is used again before it was answered */
    assert_true(ump_call(&caller, "x", 1, 0, &call, &wake));
    assert_true(ump_call_next(&callee, got, &bytes, &tag, &call));
    for (unsigned i = 1; i <= LINES; i++) {
        atomic_store(&ring->lines[i % LINES].control, (uint64_t)(2 * i + 1) << 16);
        assert_int_equal(ump_call_next(&callee, got, &bytes, &tag, &call), i < LINES);
    }
    assert_true(callee.broken);
}

/* UMP-CALL-005 */
static void who_sleeps_is_woken_once(void **state)
{
    uint64_t call;
    uint64_t taken;

    (void)state;
    assert_true(ump_call_prepare_rest(&callee));
    assert_true(ump_call(&caller, "x", 1, 0, &call, &wake));
    assert_true(wake);
    assert_true(ump_call(&caller, "y", 1, 0, &taken, &wake));
    assert_false(wake); /* it is on its way */
    assert_false(ump_call_prepare_rest(&callee));
    assert_true(ump_call_next(&callee, got, &bytes, &tag, &taken));
    assert_true(ump_call_next(&callee, got, &bytes, &tag, &taken));
    assert_true(ump_call_prepare_sleep(&caller));
    assert_true(ump_call_reply(&callee, taken, "y", 1, 0, &wake));
    assert_true(wake);
    assert_false(ump_call_prepare_sleep(&caller)); /* any answer will do */
    assert_true(ump_call_answer(&caller, taken, got, &bytes, &tag));
    assert_true(ump_call_prepare_sleep(&caller));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_answer_comes_back_in_its_requests_line, begin),
        cmocka_unit_test_setup(answers_come_in_any_order, begin),
        cmocka_unit_test_setup(what_was_never_asked_is_not_answered, begin),
        cmocka_unit_test_setup(lies_break_the_side_that_reads_them, begin),
        cmocka_unit_test_setup(who_sleeps_is_woken_once, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
