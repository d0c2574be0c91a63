/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "../../../core/kernel/console.h"
#include "../../../core/kernel/log.h"

#define RING 1024u /* the smallest that a line is looked for in */

static char bytes[RING];

/* What kernel_log asks of the kernel; these tests do not call it. */
void *hal_core_data(void);
void *hal_core_data(void)
{
    return NULL;
}

nanos_t hal_now(void);
nanos_t hal_now(void)
{
    return 0;
}

void console_kernel_line(const char *text, size_t count)
{
    (void)text;
    (void)count;
}

static void append(struct log_ring *log, const char *text)
{
    log_append(log, text, strlen(text));
}

/* KERNEL-LOG-001 */
static void what_was_written_is_read(void **state)
{
    struct log_ring log;
    uint64_t position = 0;
    char to[64];

    (void)state;
    log_init(&log, bytes, RING);
    append(&log, "one\ntwo");
    assert_int_equal(log_read(&log, &position, to, 5), 5);
    assert_memory_equal(to, "one\nt", 5);
    assert_int_equal(log_read(&log, &position, to, sizeof(to)), 2);
    assert_int_equal(log_read(&log, &position, to, sizeof(to)), 0);
    position = UINT64_MAX;
    assert_int_equal(log_read(&log, &position, to, sizeof(to)), 0);
    assert_int_equal(position, 7);
}

/* KERNEL-LOG-002 */
static void a_late_reader_begins_with_a_whole_line(void **state)
{
    struct log_ring log;
    char to[8];

    (void)state;
    for (unsigned shift = 0; shift < 8; shift++) {
        uint64_t position = 0;

        log_init(&log, bytes, RING);
        log_append(&log, "1234567", shift);
        for (unsigned i = 0; i < RING / 4; i++) {
            append(&log, "abcdef\n"); /* 7: no divisor of the ring */
        }
        assert_int_equal(log_read(&log, &position, to, 7), 7);
        assert_memory_equal(to, "abcdef\n", 7);
    }
}

/* KERNEL-LOG-003 */
static void without_lines_it_begins_anywhere(void **state)
{
    struct log_ring log;
    uint64_t position = 0;
    char to[8];

    (void)state;
    log_init(&log, bytes, RING);
    for (unsigned i = 0; i < RING; i++) {
        append(&log, "xyz");
    }
    assert_int_equal(log_read(&log, &position, to, 8), 8);
    assert_int_equal(position, log.written - RING + 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(a_late_reader_begins_with_a_whole_line),
        cmocka_unit_test(without_lines_it_begins_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
