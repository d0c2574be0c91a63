/* SPDX-License-Identifier: MIT */
/* The sleep handshakes under stress: two threads, of which both sleep whenever they can, so that a wake-up
 * that is lost stops the test, and its time-out tells. UMP_SLEEPS says how many rounds; the default is short.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <mudskipper/msg/ump_call.h>

#define BYTES 640u

/* A stand-in for Notify: it remembers being rung, once. */
struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung_now;
    bool rung;
};

static void ring_bell(struct bell *b)
{
    pthread_mutex_lock(&b->lock);
    b->rung = true;
    pthread_cond_signal(&b->rung_now);
    pthread_mutex_unlock(&b->lock);
}

static void await_bell(struct bell *b)
{
    pthread_mutex_lock(&b->lock);
    while (!b->rung) {
        pthread_cond_wait(&b->rung_now, &b->lock);
    }
    b->rung = false;
    pthread_mutex_unlock(&b->lock);
}

static _Alignas(UMP_LINE_BYTES) uint8_t there[BYTES];
static _Alignas(UMP_LINE_BYTES) uint8_t back[BYTES];
static struct bell at_first = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
static struct bell at_second = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
static uint64_t rounds;

static int begin(void **state)
{
    const char *wanted = getenv("UMP_SLEEPS");

    (void)state;
    memset(there, 0, sizeof(there));
    memset(back, 0, sizeof(back));
    at_first.rung = at_second.rung = false;
    rounds = wanted != NULL ? strtoull(wanted, NULL, 10) : 20000;
    return 0;
}

/* ---- rings: the reader waits for a line, the writer for room */

static uint64_t receive(struct ump_reader *r, struct bell *own, struct bell *others)
{
    uint64_t value[UMP_PAYLOAD / 8];
    unsigned bytes;
    uint8_t tag;

    while (!ump_receive(r, value, &bytes, &tag)) {
        bool sleeps = ump_prepare_sleep(r);

        if (ump_wake_writer(r)) {
            ring_bell(others);
        }
        if (sleeps) {
            await_bell(own);
            ump_awake(r);
        }
    }
    if (ump_wake_writer(r)) {
        ring_bell(others);
    }
    return value[0];
}

static void send(struct ump_writer *w, uint64_t value, struct bell *own, struct bell *others)
{
    bool wake;

    while (!ump_send(w, &value, sizeof(value), 0, true, &wake)) {
        if (ump_prepare_wait(w, 1)) {
            await_bell(own);
        }
    }
    if (wake) {
        ring_bell(others);
    }
}

static void *echo_lines(void *unused)
{
    struct ump_reader in;
    struct ump_writer out;

    ump_reader_init(&in, there, BYTES);
    ump_writer_init(&out, back, BYTES);
    for (uint64_t i = 0; i < rounds; i++) {
        send(&out, receive(&in, &at_second, &at_first), &at_second, &at_first);
    }
    return unused;
}

/* UMP-SLEEP-003 */
static void a_bounce_between_sleepers_never_stops(void **state)
{
    struct ump_reader in;
    struct ump_writer out;
    pthread_t other;

    (void)state;
    ump_reader_init(&in, back, BYTES);
    ump_writer_init(&out, there, BYTES);
    assert_int_equal(pthread_create(&other, NULL, echo_lines, NULL), 0);
    for (uint64_t i = 0; i < rounds; i++) {
        send(&out, i, &at_first, &at_second);
        assert_int_equal(receive(&in, &at_first, &at_second), i);
    }
    pthread_join(other, NULL);
}

static void *swallow_lines(void *unused)
{
    struct ump_reader in;

    ump_reader_init(&in, there, BYTES);
    for (uint64_t i = 0; i < 4 * rounds; i++) {
        if (receive(&in, &at_second, &at_first) != i) {
            abort();
        }
    }
    return unused;
}

/* UMP-SLEEP-004 */
static void a_writer_that_waits_for_room_never_stops(void **state)
{
    struct ump_writer out;
    pthread_t other;

    (void)state;
    ump_writer_init(&out, there, BYTES);
    assert_int_equal(pthread_create(&other, NULL, swallow_lines, NULL), 0);
    for (uint64_t i = 0; i < 4 * rounds; i++) {
        send(&out, i, &at_first, &at_second);
    }
    pthread_join(other, NULL);
}

/* ---- answers in the request's line */

static void *answer_calls(void *unused)
{
    uint64_t open[UMP_CALL_WORDS(BYTES)];
    struct ump_call_side s;

    ump_call_init(&s, there, BYTES, open);
    for (uint64_t i = 0; i < rounds; i++) {
        uint64_t value[UMP_PAYLOAD / 8];
        uint64_t call;
        unsigned bytes;
        uint8_t tag;
        bool wake;

        while (!ump_call_next(&s, value, &bytes, &tag, &call)) {
            if (ump_call_prepare_rest(&s)) {
                await_bell(&at_second);
                ump_call_rested(&s);
            }
        }
        value[0]++;
        if (!ump_call_reply(&s, call, value, bytes, tag, &wake)) {
            abort();
        }
        if (wake) {
            ring_bell(&at_first);
        }
    }
    return unused;
}

/* UMP-SLEEP-005 */
static void calls_between_sleepers_never_stop(void **state)
{
    uint64_t open[UMP_CALL_WORDS(BYTES)];
    struct ump_call_side s;
    pthread_t other;

    (void)state;
    ump_call_init(&s, there, BYTES, open);
    assert_int_equal(pthread_create(&other, NULL, answer_calls, NULL), 0);
    for (uint64_t i = 0; i < rounds; i++) {
        uint64_t value[UMP_PAYLOAD / 8];
        uint64_t call;
        unsigned bytes;
        uint8_t tag;
        bool wake;

        assert_true(ump_call(&s, &i, sizeof(i), (uint8_t)i, &call, &wake));
        if (wake) {
            ring_bell(&at_second);
        }
        while (!ump_call_answer(&s, call, value, &bytes, &tag)) {
            if (ump_call_prepare_sleep(&s)) {
                await_bell(&at_first);
                ump_call_awake(&s);
            }
        }
        assert_int_equal(value[0], i + 1);
        assert_int_equal(tag, (uint8_t)i);
    }
    pthread_join(other, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_bounce_between_sleepers_never_stops, begin),
        cmocka_unit_test_setup(a_writer_that_waits_for_room_never_stops, begin),
        cmocka_unit_test_setup(calls_between_sleepers_never_stop, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
