/* SPDX-License-Identifier: MIT */
/* Lines that a person types for a program: what the program gets, and what appears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "../../../core/rt/line.h"

static struct line line;
static char shown[8 * LINE_BYTES];
static size_t shown_count;

static void show(void *context, const char *bytes, size_t count)
{
    assert_ptr_equal(context, &line);
    assert_true(shown_count + count < sizeof(shown));
    memcpy(shown + shown_count, bytes, count);
    shown_count += count;
    shown[shown_count] = '\0';
}

static int fresh(void **state)
{
    (void)state;
    memset(&line, 0, sizeof(line));
    shown_count = 0;
    shown[0] = '\0';
    return 0;
}

static void type(const char *keys)
{
    while (*keys != '\0') {
        assert_false(line.whole);
        line_take(&line, *keys++, show, &line);
    }
}

/* The line is whole; the next begins. */
static void take(const char *expected)
{
    assert_true(line.whole);
    assert_int_equal(line.count, strlen(expected));
    assert_memory_equal(line.bytes, expected, line.count);
    line.count = 0;
    line.whole = false;
}

static void enter_ends_a_line(void **state)
{
    (void)state;
    type("some words\r");
    take("some words\n");
    assert_string_equal(shown, "some words\n");
    type("\r");
    take("\n");
}

static void line_feeds_end_lines_too_but_not_twice(void **state)
{
    (void)state;
    type("a\r");
    take("a\n");
    type("\nb\n");
    take("b\n");
    type("\n");
    take("\n");
    assert_string_equal(shown, "a\nb\n\n");
}

static void backspace_removes_a_character(void **state)
{
    (void)state;
    type("\b"
         "ab\x7f"
         "c\bd\r");
    take("ad\n");
    assert_string_equal(shown, "ab\b \bc\b \bd\n");
}

static void backspace_removes_all_bytes_of_a_character(void **state)
{
    (void)state;
    type("a\u00e4\u20ac\b\b\r");
    take("a\n");
    assert_string_equal(shown, "a\u00e4\u20ac\b \b\b \b\n");
}

static void bytes_that_continue_nothing_harm_nobody(void **state)
{
    (void)state;
    type("\x80\x80\b\b\r");
    take("\n");
}

static void ctrl_u_removes_the_line(void **state)
{
    (void)state;
    type("abc\x15"
         "d\r");
    take("d\n");
    assert_string_equal(shown, "abc\b \b\b \b\b \bd\n");
}

static void ctrl_d_ends_the_input_in_an_empty_line_only(void **state)
{
    (void)state;
    type("a\x04");
    assert_false(line.whole);
    type("\r");
    take("a\n");
    type("\x04");
    take("");
    assert_string_equal(shown, "a\n");
}

static void other_control_characters_are_dropped(void **state)
{
    (void)state;
    type("a\x01\x1b[A\tb\r");
    take("a[A\tb\n");
}

static void a_line_that_is_too_long_is_cut(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * LINE_BYTES; i++) {
        type("x");
    }
    assert_int_equal(shown_count, LINE_BYTES - 1);
    type("\r");
    assert_true(line.whole);
    assert_int_equal(line.count, LINE_BYTES);
    assert_int_equal(line.bytes[LINE_BYTES - 1], '\n');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(enter_ends_a_line, fresh),
        cmocka_unit_test_setup(line_feeds_end_lines_too_but_not_twice, fresh),
        cmocka_unit_test_setup(backspace_removes_a_character, fresh),
        cmocka_unit_test_setup(backspace_removes_all_bytes_of_a_character, fresh),
        cmocka_unit_test_setup(bytes_that_continue_nothing_harm_nobody, fresh),
        cmocka_unit_test_setup(ctrl_u_removes_the_line, fresh),
        cmocka_unit_test_setup(ctrl_d_ends_the_input_in_an_empty_line_only, fresh),
        cmocka_unit_test_setup(other_control_characters_are_dropped, fresh),
        cmocka_unit_test_setup(a_line_that_is_too_long_is_cut, fresh),
    };

    return cmocka_run_group_tests_name("LINE", tests, NULL, NULL);
}
