/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <mudskipper/msg/ump.h>

#define BYTES 1024u /* 16 lines, 8 of them for messages */
#define LINES 8u

static void *new_ring(void)
{
    void *ring = aligned_alloc(UMP_LINE_BYTES, BYTES);

    assert_non_null(ring);
    return memset(ring, 0, BYTES);
}

/* UMP-SIZE-001 */
static void lines_are_the_largest_power_of_two_that_fits(void **state)
{
    (void)state;
    assert_int_equal(ump_lines(0), 0);
    assert_int_equal(ump_lines(2 * UMP_LINE_BYTES), 0);
    assert_int_equal(ump_lines(3 * UMP_LINE_BYTES), 1);
    assert_int_equal(ump_lines(BYTES), LINES);
    assert_int_equal(ump_lines(4096), 32);
}

/* UMP-ORDER-001 */
static void messages_arrive_in_order_with_bytes_and_tag(void **state)
{
    void *ring = new_ring();
    struct ump_writer w;
    struct ump_reader r;
    bool wake;

    (void)state;
    ump_writer_init(&w, ring, BYTES);
    ump_reader_init(&r, ring, BYTES);
    for (unsigned i = 0; i < 1000; i++) {
        char out[UMP_PAYLOAD];
        char in[UMP_PAYLOAD];
        unsigned bytes;
        uint8_t tag;

        memset(out, (int)i, sizeof(out));
        assert_true(ump_send(&w, out, i % (UMP_PAYLOAD + 1), (uint8_t)i, true, &wake));
        assert_false(wake);
        assert_true(ump_receive(&r, in, &bytes, &tag));
        assert_int_equal(bytes, i % (UMP_PAYLOAD + 1));
        assert_int_equal(tag, (uint8_t)i);
        assert_memory_equal(in, out, bytes);
        assert_false(ump_receive(&r, in, &bytes, &tag));
    }
    free(ring);
}

/* UMP-FULL-001 */
static void a_full_ring_refuses_and_loses_nothing(void **state)
{
    void *ring = new_ring();
    struct ump_writer w;
    struct ump_reader r;
    bool wake;
    uint64_t value[UMP_PAYLOAD / 8];
    unsigned bytes;
    uint8_t tag;

    (void)state;
    ump_writer_init(&w, ring, BYTES);
    ump_reader_init(&r, ring, BYTES);
    for (uint64_t i = 0; i < LINES; i++) {
        assert_true(ump_send(&w, &i, sizeof(i), 0, false, &wake));
    }
    assert_false(ump_send(&w, value, sizeof(value), 0, true, &wake));
    assert_int_equal(ump_room(&w), 0);
    for (uint64_t i = 0; i < LINES; i++) {
        assert_true(ump_receive(&r, value, &bytes, &tag));
        assert_int_equal(value[0], i);
    }
    assert_true(ump_room(&w) > 0);
    free(ring);
}

/* UMP-LIE-001 */
static void a_line_that_claims_too_many_bytes_breaks_the_reader_only(void **state)
{
    struct ump_ring *ring = new_ring();
    struct ump_reader r;
    char in[UMP_PAYLOAD];
    unsigned bytes;
    uint8_t tag;

    (void)state;
    ump_reader_init(&r, ring, BYTES);
    atomic_store(&ring->lines[0].control, (uint64_t)1 << 16 | 57);
    assert_false(ump_receive(&r, in, &bytes, &tag));
    assert_true(r.broken);
    free(ring);
}

/* UMP-LIE-002 */
static void progress_beyond_what_was_written_breaks_the_writer_only(void **state)
{
    struct ump_ring *ring = new_ring();
    struct ump_writer w;
    bool wake;

    (void)state;
    ump_writer_init(&w, ring, BYTES);
    for (uint64_t i = 0; i < LINES; i++) {
        assert_true(ump_send(&w, &i, sizeof(i), 0, true, &wake));
    }
    atomic_store(&ring->progress, LINES + 1);
    assert_false(ump_send(&w, &wake, 1, 0, true, &wake));
    assert_true(w.broken);
    free(ring);
}

/* UMP-SLEEP-001 */
static void a_sleeping_reader_is_to_be_woken_once_a_line_is_there(void **state)
{
    void *ring = new_ring();
    struct ump_writer w;
    struct ump_reader r;
    bool wake;

    (void)state;
    ump_writer_init(&w, ring, BYTES);
    ump_reader_init(&r, ring, BYTES);
    assert_true(ump_prepare_sleep(&r));
    assert_true(ump_send(&w, "x", 1, 0, false, &wake));
    assert_false(wake); /* not the last of its batch */
    assert_true(ump_send(&w, "y", 1, 0, true, &wake));
    assert_true(wake);
    ump_awake(&r);
    assert_false(ump_prepare_sleep(&r)); /* lines are there */
    free(ring);
}

/* A stand-in for Notify: a counter with a lock. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned wakes;
} bell = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

#define MESSAGES 20000u

static void *write_all(void *ring)
{
    struct ump_writer w;

    ump_writer_init(&w, ring, BYTES);
    for (uint64_t i = 0; i < MESSAGES; i++) {
        bool wake;

        while (!ump_send(&w, &i, sizeof(i), 0, true, &wake)) {
            sched_yield();
        }
        if (wake) {
            pthread_mutex_lock(&bell.lock);
            bell.wakes++;
            pthread_cond_signal(&bell.changed);
            pthread_mutex_unlock(&bell.lock);
        }
    }
    return NULL;
}

static void sleep_until_woken(struct ump_reader *r)
{
    pthread_mutex_lock(&bell.lock);
    bell.wakes = 0;
    pthread_mutex_unlock(&bell.lock);
    if (!ump_prepare_sleep(r)) {
        return;
    }
    pthread_mutex_lock(&bell.lock);
    while (bell.wakes == 0) {
        pthread_cond_wait(&bell.changed, &bell.lock);
    }
    pthread_mutex_unlock(&bell.lock);
    ump_awake(r);
}

/* UMP-SLEEP-002: a lost wake-up hangs here, and the run's time-out tells. */
static void two_threads_that_sleep_all_the_time_lose_no_wake_up(void **state)
{
    void *ring = new_ring();
    struct ump_reader r;
    pthread_t writer;

    (void)state;
    ump_reader_init(&r, ring, BYTES);
    assert_int_equal(pthread_create(&writer, NULL, write_all, ring), 0);
    for (uint64_t i = 0; i < MESSAGES; i++) {
        uint64_t value[UMP_PAYLOAD / 8];
        unsigned bytes;
        uint8_t tag;

        while (!ump_receive(&r, value, &bytes, &tag)) {
            sleep_until_woken(&r);
        }
        assert_int_equal(value[0], i);
    }
    pthread_join(writer, NULL);
    free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_the_largest_power_of_two_that_fits),
        cmocka_unit_test(messages_arrive_in_order_with_bytes_and_tag),
        cmocka_unit_test(a_full_ring_refuses_and_loses_nothing),
        cmocka_unit_test(a_line_that_claims_too_many_bytes_breaks_the_reader_only),
        cmocka_unit_test(progress_beyond_what_was_written_breaks_the_writer_only),
        cmocka_unit_test(a_sleeping_reader_is_to_be_woken_once_a_line_is_there),
        cmocka_unit_test(two_threads_that_sleep_all_the_time_lose_no_wake_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
