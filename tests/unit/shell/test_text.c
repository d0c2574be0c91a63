/* SPDX-License-Identifier: MIT */
/* Buffers, strings, UTF-8, tables, values, history. */
#include "test.h"

#include "history.h"
#include "table.h"
#include "utf8.h"
#include "value.h"

static void assert_text(const struct buffer *b, const char *expected)
{
    assert_string_equal(buffer_text(b), expected);
    assert_int_equal(b->length, strlen(expected));
}

/* --- sizes and durations, one row each ---- */

struct row {
    const char *name;
    bool (*put)(struct buffer *to, uint64_t value);
    uint64_t value;
    const char *text;
};

static const struct row rows[] = {
    {"SHELL-TEXT-001 no bytes", put_size, 0, "0 B"},
    {"SHELL-TEXT-002 bytes are exact", put_size, 1023, "1023 B"},
    {"SHELL-TEXT-003 a whole KiB", put_size, 1024, "1 KiB"},
    {"SHELL-TEXT-004 one decimal", put_size, 1536, "1.5 KiB"},
    {"SHELL-TEXT-005 rounding goes up into the next unit", put_size, (1 << 20) - 1, "1.0 MiB"},
    {"SHELL-TEXT-006 many MiB", put_size, 128ull << 20, "128 MiB"},
    {"SHELL-TEXT-007 the largest number", put_size, UINT64_MAX, "16.0 EiB"},
    {"SHELL-TEXT-008 a size that is not round", put_size, 31 * 1024 * 1024 + 700 * 1024, "31.7 MiB"},
    {"SHELL-TEXT-009 nanoseconds", put_duration, 999, "999 ns"},
    {"SHELL-TEXT-010 microseconds", put_duration, 12345, "12.345 us"},
    {"SHELL-TEXT-011 milliseconds", put_duration, 1200000, "1.200 ms"},
    {"SHELL-TEXT-012 seconds", put_duration, 59999999999, "59.999 s"},
    {"SHELL-TEXT-013 minutes", put_duration, 123000000000, "2 min 03 s"},
    {"SHELL-TEXT-014 hours", put_duration, 18007000000000, "5 h 00 min 07 s"},
};

static void puts_value(void **state)
{
    const struct row *r = *state;
    struct buffer b;

    buffer_init(&b, &test_memory);
    assert_true(r->put(&b, r->value));
    assert_text(&b, r->text);
    buffer_free(&b);
    assert_int_equal(test_memory_blocks(), 0);
}

/* --- buffers ---- */

static void buffer_grows(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, &test_memory);
    assert_string_equal(buffer_text(&b), "");
    for (int i = 0; i < 1000; i++) {
        assert_true(buffer_byte(&b, (char)('a' + i % 26)));
    }
    assert_int_equal(b.length, 1000);
    buffer_remove(&b, 1, 998);
    assert_text(&b, "al");
    assert_true(buffer_insert(&b, 1, "--", 2));
    assert_text(&b, "a--l");
    assert_true(buffer_set(&b, "new", 3));
    assert_text(&b, "new");
    buffer_free(&b);
    assert_int_equal(test_memory_blocks(), 0);
}

static void buffer_remembers_refusal(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, &test_memory);
    test_memory_refuse(1);
    assert_false(buffer_string(&b, "lost"));
    assert_true(b.failed);
    assert_string_equal(buffer_text(&b), "");
    assert_true(buffer_string(&b, "kept"));
    assert_true(b.failed);
    test_memory_refuse(1);
    assert_false(buffer_repeat(&b, '.', 1000));
    assert_text(&b, "kept");
    buffer_clear(&b);
    assert_false(b.failed);
    buffer_free(&b);
    (void)test_memory_refused();
}

/* --- UTF-8 ---- */

static void utf8_refuses_what_is_none(void **state)
{
    static const char *const bad[] = {"\x80",     "\xc0\x80",     "\xc3",
                                      "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                      "\xff",     "\xe0\x80\x80", "\xc3\x28"};
    uint32_t point;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_int_equal(utf8_decode(bad[i], strlen(bad[i]), &point), 0);
    }
    assert_int_equal(utf8_decode("\xf0\x9f\x90\x9f", 4, &point), 4);
    assert_int_equal(point, 0x1f41f);
    assert_int_equal(utf8_decode("", 0, &point), 0);
}

static void utf8_counts_columns(void **state)
{
    (void)state;
    assert_int_equal(utf8_columns("abc", 3), 3);
    assert_int_equal(utf8_columns("\xc3\xa9", 2), 1);         /* é */
    assert_int_equal(utf8_columns("e\xcc\x81", 3), 1);        /* e and a combining accent */
    assert_int_equal(utf8_columns("\xe6\xbc\xa2", 3), 2);     /* a Han character */
    assert_int_equal(utf8_columns("\xf0\x9f\x90\x9f", 4), 2); /* a fish */
    assert_int_equal(utf8_columns("a\xff"
                                  "b",
                                  3),
                     3);
}

static void utf8_steps_by_whole_characters(void **state)
{
    static const char text[] = "ae\xcc\x81\xe6\xbc\xa2";

    (void)state;
    assert_int_equal(utf8_next(text, 7, 0), 1);
    assert_int_equal(utf8_next(text, 7, 1), 4);
    assert_int_equal(utf8_next(text, 7, 4), 7);
    assert_int_equal(utf8_next(text, 7, 7), 7);
    assert_int_equal(utf8_previous(text, 7), 4);
    assert_int_equal(utf8_previous(text, 4), 1);
    assert_int_equal(utf8_previous(text, 1), 0);
    assert_int_equal(utf8_previous(text, 0), 0);
}

/* --- strings ---- */

static void strings_sort_and_share_a_prefix(void **state)
{
    static const char *const words[] = {"caf\xc3\xa9", "caf\xc3\xa8", "caf\xc3\xa9", "caff"};
    struct strings s;

    (void)state;
    strings_init(&s, &test_memory);
    for (size_t i = 0; i < 3; i++) {
        assert_true(strings_add_string(&s, words[i]));
    }
    assert_true(strings_sort_unique(&s));
    assert_int_equal(s.count, 2);
    assert_string_equal(s.items[0], words[1]);
    assert_int_equal(strings_common_prefix(&s), 3); /* not in the middle of the last character */
    assert_true(strings_add_string(&s, words[3]));
    assert_int_equal(strings_common_prefix(&s), 3);
    strings_free(&s);
    assert_int_equal(strings_common_prefix(&s), 0);
    assert_int_equal(test_memory_blocks(), 0);
}

static int by_first_byte(const void *a, const void *b)
{
    return *(const char *)a - *(const char *)b;
}

/* Against the same rows sorted by insertion, which is stable. */
static void sorting_is_stable(void **state)
{
    char texts[100][3];
    void *items[100];
    unsigned random = 1;

    (void)state;
    for (size_t n = 0; n <= 100; n++) {
        for (size_t i = 0; i < n; i++) {
            random = random * 1103515245u + 12345u;
            texts[i][0] = (char)('a' + random / 65536 % 5);
            texts[i][1] = (char)i;
            items[i] = texts[i];
        }
        assert_true(sort_pointers(&test_memory, items, n, by_first_byte));
        for (size_t i = 1; i < n; i++) {
            const char *before = items[i - 1];
            const char *after = items[i];
            assert_true(before[0] < after[0] || (before[0] == after[0] && before[1] < after[1]));
        }
    }
    test_memory_refuse(1);
    assert_false(sort_pointers(&test_memory, items, 2, by_first_byte));
    assert_true(test_memory_refused());
}

/* --- tables ---- */

static void table_aligns(void **state)
{
    struct table t;
    struct buffer b;

    (void)state;
    buffer_init(&b, &test_memory);
    table_init(&t, &test_memory, ">N NAME LAST");
    table_cell(&t, "%d", 7);
    table_cell(&t, "%s", "\xc3\xa9t\xc3\xa9");
    table_cell(&t, "%s", "");
    table_cell(&t, "%d", 1000);
    table_cell(&t, "%s", "longer");
    table_rights(&t, 5, "rwx");
    assert_true(table_print(&t, &b));
    assert_text(&b, "   N  NAME    LAST\n"
                    "   7  \xc3\xa9t\xc3\xa9\n"
                    "1000  longer  r-x\n");
    table_free(&t);
    buffer_free(&b);
    assert_int_equal(test_memory_blocks(), 0);
}

static void table_says_when_memory_is_short(void **state)
{
    (void)state;
    for (size_t nth = 1;; nth++) {
        struct table t;
        struct buffer b;
        buffer_init(&b, &test_memory);
        assert_true(buffer_string(&b, "before"));
        test_memory_refuse(nth);
        table_init(&t, &test_memory, "A B");
        for (int i = 0; i < 40; i++) {
            table_cell(&t, "%d", i);
        }
        bool ok = table_print(&t, &b);
        bool refused = test_memory_refused();
        assert_int_equal(ok, !refused);
        if (!ok) {
            assert_text(&b, "before");
        }
        table_free(&t);
        buffer_free(&b);
        assert_int_equal(test_memory_blocks(), 0);
        if (!refused) {
            break;
        }
    }
}

static void unknown_text_is_made_harmless(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, &test_memory);
    assert_true(put_text(&b, "a\x1b[2J\xc3\xa9\xff\n\t\x7f", 11, true));
    assert_text(&b, "a\\x1b[2J\xc3\xa9\\xff\n\t\\x7f");
    buffer_clear(&b);
    assert_true(put_text(&b, "a\nb\xc2\x9b", 5, false));
    assert_text(&b, "a\\x0ab\\xc2\\x9b");
    buffer_free(&b);
}

/* --- values ---- */

static void values_are_read_and_written(void **state)
{
    static const struct {
        enum system_type type;
        const char *in, *out;
    } good[] = {
        {TYPE_BOOL, "true", "true"},
        {TYPE_BOOL, "false", "false"},
        {TYPE_U8, "255", "255"},
        {TYPE_U16, "0xffff", "65535"},
        {TYPE_U32, "4294967295", "4294967295"},
        {TYPE_U64, "18446744073709551615", "18446744073709551615"},
        {TYPE_I8, "-128", "-128"},
        {TYPE_I8, "127", "127"},
        {TYPE_I16, "-32768", "-32768"},
        {TYPE_I32, "-0x80000000", "-2147483648"},
        {TYPE_I64, "-9223372036854775808", "-9223372036854775808"},
        {TYPE_TEXT, "-5 apples", "-5 apples"},
        {TYPE_BYTES, "0x00fF10", "0x00ff10"},
        {TYPE_BYTES, "hi", "0x6869"},
        {TYPE_BYTES, "0x", "0x"},
        {TYPE_BYTES, "", "0x"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        struct buffer bytes;
        struct buffer out;
        struct system_value v;
        buffer_init(&bytes, &test_memory);
        buffer_init(&out, &test_memory);
        assert_null(value_read(good[i].type, good[i].in, &bytes, &v));
        assert_true(value_put(&out, &v));
        assert_text(&out, good[i].out);
        buffer_free(&bytes);
        buffer_free(&out);
    }
}

static void values_that_do_not_fit_are_refused(void **state)
{
    static const struct {
        enum system_type type;
        const char *in, *why;
    } bad[] = {
        {TYPE_BOOL, "yes", "is neither true nor false"},
        {TYPE_U8, "256", "is too large for it"},
        {TYPE_U8, "-1", "is negative"},
        {TYPE_U64, "18446744073709551616", "is not a number"},
        {TYPE_U32, "12x", "is not a number"},
        {TYPE_U32, "", "is not a number"},
        {TYPE_I8, "128", "is too large for it"},
        {TYPE_I8, "-129", "is too large for it"},
        {TYPE_I64, "-9223372036854775809", "is too large for it"},
        {TYPE_I32, "--5", "is not a number"},
        {TYPE_BYTES, "0x123", "has an odd number of hex digits"},
        {TYPE_BYTES, "0x1g", "has something that is no hex digit behind 0x"},
        {TYPE_CAP, "3.4", "cannot be given: a capability is not text"},
    };
    struct buffer bytes;
    struct system_value v = {.type = TYPE_CAP, .number = 7};

    (void)state;
    buffer_init(&bytes, &test_memory);
    assert_true(value_put(&bytes, &v));
    assert_text(&bytes, "capability");
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        const char *why = value_read(bad[i].type, bad[i].in, &bytes, &v);
        assert_non_null(why);
        assert_string_equal(why, bad[i].why);
    }
    buffer_free(&bytes);
}

/* --- history ---- */

static void history_is_bounded_and_unique(void **state)
{
    struct history h;
    size_t at;

    (void)state;
    history_init(&h, &test_memory, 3);
    assert_true(history_add(&h, "one", 3));
    assert_true(history_add(&h, "  ", 2));
    assert_true(history_add(&h, "two", 3));
    assert_true(history_add(&h, "one", 3));
    assert_int_equal(history_count(&h), 2);
    assert_string_equal(history_line(&h, 1), "one");
    assert_string_equal(history_line(&h, 2), "two");
    assert_true(history_add(&h, "three", 5));
    assert_true(history_add(&h, "four", 4));
    assert_int_equal(history_count(&h), 3);
    assert_string_equal(history_line(&h, 3), "one");
    assert_int_equal(history_search(&h, "o", 1, 1, &at), 1);
    assert_int_equal(at, 1);
    assert_int_equal(history_search(&h, "one", 3, 2, &at), 3);
    assert_int_equal(history_search(&h, "none", 4, 1, &at), 0);
    history_free(&h);
    assert_int_equal(test_memory_blocks(), 0);
}

static void history_of_no_lines_keeps_none(void **state)
{
    struct history h;

    (void)state;
    history_init(&h, &test_memory, 0);
    assert_true(history_add(&h, "one", 3));
    assert_int_equal(history_count(&h), 0);
    history_free(&h);
    history_init(&h, &test_memory, 2);
    test_memory_refuse(1);
    assert_false(history_add(&h, "one", 3));
    assert_true(test_memory_refused());
    assert_int_equal(history_count(&h), 0);
    history_free(&h);
}

int main(void)
{
    static const struct CMUnitTest more[] = {
        TEST("SHELL-TEXT-020 a buffer grows without limit", buffer_grows),
        TEST("SHELL-TEXT-021 a buffer remembers that memory was refused", buffer_remembers_refusal),
        TEST("SHELL-TEXT-022 bytes that are no UTF-8 are refused", utf8_refuses_what_is_none),
        TEST("SHELL-TEXT-023 columns of narrow, wide and combining characters", utf8_counts_columns),
        TEST("SHELL-TEXT-024 steps go by whole characters with their marks", utf8_steps_by_whole_characters),
        TEST("SHELL-TEXT-025 strings sort, lose repetitions, share a prefix",
             strings_sort_and_share_a_prefix),
        TEST("SHELL-TEXT-026 sorting is stable for 0 to 100 items", sorting_is_stable),
        TEST("SHELL-TEXT-027 a table aligns columns and ends no line in blanks", table_aligns),
        TEST("SHELL-TEXT-028 a table without memory prints nothing", table_says_when_memory_is_short),
        TEST("SHELL-TEXT-029 control characters of unknown text are shown, not obeyed",
             unknown_text_is_made_harmless),
        TEST("SHELL-TEXT-030 values of all types are read and written", values_are_read_and_written),
        TEST("SHELL-TEXT-031 values that do not fit are refused with a reason",
             values_that_do_not_fit_are_refused),
        TEST("SHELL-TEXT-032 history is bounded and keeps each line once", history_is_bounded_and_unique),
        TEST("SHELL-TEXT-033 history of no lines, or without memory", history_of_no_lines_keeps_none),
    };
    return run_rows(rows, sizeof(rows[0]), ARRAY_LENGTH(rows), puts_value, more, ARRAY_LENGTH(more));
}
