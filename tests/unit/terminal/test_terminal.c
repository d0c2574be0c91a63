/* SPDX-License-Identifier: MIT */
/* Queues and line discipline, on a device that takes and gives what a test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <mudskipper/pure/bytes.h>
#include "../../../services/terminal/terminal.h"

/* ---- the device */

static struct {
    char sent[16384];
    uint32_t sent_count;
    uint32_t takes; /* bytes until it is full */
    char input[8192];
    uint32_t input_count, input_at;
    bool idle, end;
    bool wants_send, wants_receive;
} dev;

static bool dev_start(const struct device *d)
{
    (void)d;
    return true;
}

static uint32_t dev_send(const struct device *d, const uint8_t *bytes, uint32_t count)
{
    uint32_t now = count < dev.takes ? count : dev.takes;

    (void)d;
    mem_copy(dev.sent + dev.sent_count, bytes, now);
    dev.sent_count += now;
    dev.takes -= now;
    return now;
}

static uint32_t dev_receive(const struct device *d, uint8_t *to, uint32_t room)
{
    uint32_t left = dev.input_count - dev.input_at;
    uint32_t now = room < left ? room : left;

    (void)d;
    mem_copy(to, dev.input + dev.input_at, now);
    dev.input_at += now;
    return now;
}

static void dev_want(const struct device *d, bool to_send, bool to_receive)
{
    (void)d;
    dev.wants_send = to_send;
    dev.wants_receive = to_receive;
}

static bool dev_sent(const struct device *d)
{
    (void)d;
    return dev.idle;
}

static bool dev_ended(const struct device *d)
{
    (void)d;
    return dev.end && dev.input_at == dev.input_count;
}

static bool dev_interactive(const struct device *d)
{
    (void)d;
    return true;
}

static const struct terminal_driver driver = {NULL,     dev_start, dev_send,  dev_receive,
                                              dev_want, dev_sent,  dev_ended, dev_interactive};

/* ---- the clients */

struct client {
    struct waiting waiting;
    bool answered, gone;
    char read[64];
    uint32_t count;
};

static void on_written(struct waiting *w)
{
    CONTAINER_OF(w, struct client, waiting)->answered = true;
}

static bool on_read(struct waiting *w, const uint8_t *bytes, uint32_t count)
{
    struct client *c = CONTAINER_OF(w, struct client, waiting);

    c->answered = true;
    assert_true(count <= sizeof(c->read));
    mem_copy(c->read, bytes, count);
    c->count = count;
    return !c->gone;
}

static bool on_interrupted(struct waiting *w)
{
    struct client *c = CONTAINER_OF(w, struct client, waiting);

    c->answered = true;
    return !c->gone;
}

static const struct terminal_calls calls = {on_written, on_read, on_interrupted, on_written};

static struct terminal t;

static int fresh(void **state)
{
    static const struct device device = {&driver, NULL, NULL};

    (void)state;
    mem_set(&dev, 0, sizeof(dev));
    dev.takes = sizeof(dev.sent);
    dev.idle = true;
    terminal_init(&t, &device, &calls);
    return 0;
}

static void type(const char *text)
{
    size_t count = str_length(text);

    mem_copy(dev.input + dev.input_count, text, count);
    dev.input_count += (uint32_t)count;
    terminal_run(&t);
}

static void read_some(struct client *c, uint32_t most)
{
    *c = (struct client){.waiting = {.client = c->waiting.client, .count = most}, .gone = c->gone};
    terminal_add_reader(&t, &c->waiting);
    terminal_run(&t);
}

/* As the service does. */
static void write_some(struct client *c, const char *text, uint32_t count)
{
    *c = (struct client){.answered = terminal_take(&t, (const uint8_t *)text, count)};
    if (!c->answered) {
        c->waiting = (struct waiting){.data = (const uint8_t *)text, .count = count, .total = count};
        terminal_add_writer(&t, &c->waiting);
    }
    terminal_run(&t);
}

/* ---- writing */

static void what_is_written_is_sent(void **state)
{
    struct client c;

    (void)state;
    write_some(&c, "hello\n", 6);
    assert_true(c.answered);
    assert_int_equal(dev.sent_count, 6);
    assert_memory_equal(dev.sent, "hello\n", 6);
    assert_false(dev.wants_send);
}

static void writers_wait_in_order_and_lose_nothing(void **state)
{
    static char a[RING_BYTES + 100], b[8] = "bbbbbbb\n";
    struct client first, second;

    (void)state;
    mem_set(a, 'a', sizeof(a));
    dev.takes = 0;
    write_some(&first, a, sizeof(a));
    write_some(&second, b, sizeof(b));
    assert_false(first.answered);
    assert_false(second.answered);
    assert_true(dev.wants_send);
    dev.takes = 100;
    terminal_run(&t);
    assert_true(first.answered);
    assert_false(second.answered);
    dev.takes = sizeof(dev.sent) - 100;
    terminal_run(&t);
    assert_true(second.answered);
    assert_int_equal(dev.sent_count, sizeof(a) + sizeof(b));
    assert_memory_equal(dev.sent, a, sizeof(a));
    assert_memory_equal(dev.sent + sizeof(a), b, sizeof(b));
}

static void nobody_overtakes_a_waiting_writer(void **state)
{
    static char a[RING_BYTES + 1];
    struct client first;

    (void)state;
    dev.takes = 0;
    write_some(&first, a, sizeof(a));
    ring_drop(&t.out, 10); /* as if the device had taken them */
    assert_false(terminal_take(&t, (const uint8_t *)"x", 1));
}

/* The client has the bytes and tries again. */
static void a_writer_whose_bytes_nobody_keeps_waits_for_room(void **state)
{
    static char a[RING_BYTES];
    struct client first;
    struct client poor = {0};

    (void)state;
    dev.takes = 0;
    write_some(&first, a, sizeof(a));
    terminal_add_writer(&t, &poor.waiting);
    terminal_run(&t);
    assert_false(poor.answered);
    dev.takes = 1;
    terminal_run(&t);
    assert_true(poor.answered);
    assert_int_equal(poor.waiting.total, 0);
}

static void flush_waits_for_the_device(void **state)
{
    struct client writer;
    struct client flusher = {0};

    (void)state;
    dev.takes = 2;
    dev.idle = false;
    write_some(&writer, "hello", 5);
    terminal_add_flusher(&t, &flusher.waiting);
    assert_false(terminal_run(&t)); /* the device tells when it takes more */
    assert_false(flusher.answered);
    dev.takes = 10;
    assert_true(terminal_run(&t)); /* it does not tell when all has left */
    assert_false(flusher.answered);
    dev.idle = true;
    assert_false(terminal_run(&t));
    assert_true(flusher.answered);
}

/* ---- reading */

static void readers_are_served_in_order(void **state)
{
    struct client first = {0}, second = {0};

    (void)state;
    read_some(&first, 2);
    read_some(&second, 64);
    assert_false(first.answered);
    type("abc");
    assert_int_equal(first.count, 2);
    assert_memory_equal(first.read, "ab", 2);
    assert_int_equal(second.count, 1);
    assert_memory_equal(second.read, "c", 1);
}

static void what_a_dead_reader_would_get_is_the_next_ones(void **state)
{
    struct client dead = {.gone = true}, next = {0};

    (void)state;
    read_some(&dead, 64);
    read_some(&next, 64);
    type("abc");
    assert_true(dead.answered);
    assert_int_equal(next.count, 3);
    assert_memory_equal(next.read, "abc", 3);
}

static void input_that_nobody_reads_stays_in_the_device(void **state)
{
    struct client c = {0};
    uint32_t got = 0;

    (void)state;
    mem_set(dev.input, 'i', sizeof(dev.input));
    dev.input_count = sizeof(dev.input);
    terminal_run(&t);
    assert_int_equal(dev.input_at, RING_BYTES);
    assert_false(dev.wants_receive);
    while (got < sizeof(dev.input)) {
        read_some(&c, 64);
        assert_true(c.answered);
        got += c.count;
    }
    assert_int_equal(dev.input_at, sizeof(dev.input));
    assert_true(dev.wants_receive);
}

static void the_end_of_input_is_an_empty_read(void **state)
{
    struct client c = {0};

    (void)state;
    type("x");
    dev.end = true;
    read_some(&c, 64);
    assert_int_equal(c.count, 1);
    read_some(&c, 64);
    assert_true(c.answered);
    assert_int_equal(c.count, 0);
}

/* ---- Ctrl-C */

enum { SHELL = 1, PROGRAM = 2, INNER_SHELL = 3 };

static void wait_for_ctrl_c(struct client *c, uint32_t client)
{
    c->waiting.client = client;
    terminal_add_interrupted(&t, &c->waiting);
}

static void who_reads_itself_gets_ctrl_c_as_a_byte(void **state)
{
    struct client dead = {.waiting.client = PROGRAM, .gone = true};
    struct client reader = {.waiting.client = SHELL}, interrupt = {0};

    (void)state;
    wait_for_ctrl_c(&interrupt, SHELL);
    read_some(&dead, 64);
    read_some(&reader, 64);
    type("\3");
    assert_false(interrupt.answered);
    assert_int_equal(reader.count, 1);
    assert_int_equal(reader.read[0], 3);
}

static void a_program_that_reads_does_not_get_ctrl_c(void **state)
{
    struct client reader = {.waiting.client = PROGRAM}, interrupt = {0};

    (void)state;
    wait_for_ctrl_c(&interrupt, SHELL);
    read_some(&reader, 64);
    type("\3");
    assert_true(interrupt.answered);
    assert_false(reader.answered);
}

static void ctrl_c_is_for_who_came_last_and_is_there(void **state)
{
    struct client outer = {0}, inner = {0}, gone = {.gone = true};

    (void)state;
    wait_for_ctrl_c(&outer, SHELL);
    wait_for_ctrl_c(&inner, INNER_SHELL);
    wait_for_ctrl_c(&gone, PROGRAM);
    type("\3");
    assert_true(gone.answered);
    assert_true(inner.answered);
    assert_false(outer.answered);
    type("\3");
    assert_true(outer.answered);
}

static void without_reader_ctrl_c_interrupts_and_drops_what_was_typed(void **state)
{
    struct client reader = {0}, interrupt = {0};

    (void)state;
    wait_for_ctrl_c(&interrupt, SHELL);
    type("abc\3d");
    assert_true(interrupt.answered);
    read_some(&reader, 64);
    assert_int_equal(reader.count, 1);
    assert_memory_equal(reader.read, "d", 1);
}

static void ctrl_c_that_nobody_waits_for_is_a_byte(void **state)
{
    struct client reader = {0};

    (void)state;
    type("a\3");
    read_some(&reader, 64);
    assert_int_equal(reader.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_written_is_sent, fresh),
        cmocka_unit_test_setup(writers_wait_in_order_and_lose_nothing, fresh),
        cmocka_unit_test_setup(nobody_overtakes_a_waiting_writer, fresh),
        cmocka_unit_test_setup(a_writer_whose_bytes_nobody_keeps_waits_for_room, fresh),
        cmocka_unit_test_setup(flush_waits_for_the_device, fresh),
        cmocka_unit_test_setup(readers_are_served_in_order, fresh),
        cmocka_unit_test_setup(what_a_dead_reader_would_get_is_the_next_ones, fresh),
        cmocka_unit_test_setup(input_that_nobody_reads_stays_in_the_device, fresh),
        cmocka_unit_test_setup(the_end_of_input_is_an_empty_read, fresh),
        cmocka_unit_test_setup(who_reads_itself_gets_ctrl_c_as_a_byte, fresh),
        cmocka_unit_test_setup(a_program_that_reads_does_not_get_ctrl_c, fresh),
        cmocka_unit_test_setup(ctrl_c_is_for_who_came_last_and_is_there, fresh),
        cmocka_unit_test_setup(without_reader_ctrl_c_interrupts_and_drops_what_was_typed, fresh),
        cmocka_unit_test_setup(ctrl_c_that_nobody_waits_for_is_a_byte, fresh),
    };

    return cmocka_run_group_tests_name("TERMINAL", tests, NULL, NULL);
}
