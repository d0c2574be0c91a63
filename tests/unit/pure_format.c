/* SPDX-License-Identifier: MIT */
/* The formatter, against texts and against the host's snprintf. */
#include "pure_test.h"
#include <limits.h>
#include <stdio.h>
#include <mudskipper/pure/format.h>

/* Formats into an exact buffer and compares text and length. */
#define expect(text, ...)                                                                                    \
    do {                                                                                                     \
        size_t length_ = strlen(text);                                                                       \
        char *buffer_ = malloc(length_ + 1);                                                                 \
        assert_non_null(buffer_);                                                                            \
        assert_int_equal(format_to(buffer_, length_ + 1, __VA_ARGS__), length_);                             \
        assert_string_equal(buffer_, text);                                                                  \
        free(buffer_);                                                                                       \
    } while (0)

/* For formats that the compiler would rightly refuse. */
static size_t unchecked(char *buffer, size_t size, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    size_t count = format_args_to(buffer, size, format, list);
    va_end(list);
    return count;
}

#define expect_unchecked(text, ...)                                                                          \
    do {                                                                                                     \
        char buffer_[128];                                                                                   \
        assert_int_equal(unchecked(buffer_, sizeof(buffer_), __VA_ARGS__), strlen(text));                    \
        assert_string_equal(buffer_, text);                                                                  \
    } while (0)

static void test_plain(void **state)
{
    (void)state;
    expect("plain", "plain");
    expect("", "%s", "");
    expect("100 %", "100 %%");
    expect("a%b", "a%%b");
    expect("x", "%c", 'x');
    expect("   x", "%4c", 'x');
    expect("x   |", "%-4c|", 'x');
}

static void test_numbers(void **state)
{
    (void)state;
    expect("0", "%d", 0);
    expect("-2147483648", "%d", INT_MIN);
    expect("2147483647", "%i", INT_MAX);
    expect("4294967295", "%u", UINT_MAX);
    expect("deadbeef", "%x", 0xdeadbeefu);
    expect("DEADBEEF", "%X", 0xdeadbeefu);
    expect("-9223372036854775808", "%ld", LONG_MIN);
    expect("-9223372036854775808", "%lld", LLONG_MIN);
    expect("18446744073709551615", "%llu", ULLONG_MAX);
    expect("ffffffffffffffff", "%lx", ULONG_MAX);
    expect("18446744073709551615", "%zu", SIZE_MAX);
    expect("-1", "%zd", (ssize_t)-1);
    expect("-1", "%td", (ptrdiff_t)-1);
    expect("7", "%jd", (intmax_t)7);
    expect("-1 255", "%hhd %hhu", (signed char)-1, (unsigned char)255);
    expect("-1 65535", "%hd %hu", (short)-1, (unsigned short)65535);
    expect("0x1234", "%p", (void *)0x1234);
    expect("0x0", "%p", NULL);
}

static void test_truncating_lengths(void **state)
{
    (void)state;
    expect_unchecked("52 -52 3434", "%hhx %hhd %hx", 0x152, -0x134, 0x123434);
}

static void test_width(void **state)
{
    (void)state;
    expect("   42", "%5d", 42);
    expect("42   |", "%-5d|", 42);
    expect("00042", "%05d", 42);
    expect("-0042", "%05d", -42);
    expect("+0042", "%+05d", 42);
    expect(" 42", "% d", 42);
    expect("   42", "%*d", 5, 42);
    expect("42   |", "%*d|", -5, 42);
    expect("123456", "%3d", 123456);
    expect("0x0000ff", "%#08x", 255);
    expect("    0xff", "%#8x", 255);
    expect("0XFF", "%#X", 255);
    expect("0", "%#x", 0);
    expect("    0x1234", "%10p", (void *)0x1234);
    expect("-5", "%-d", -5);
}

static void test_precision(void **state)
{
    (void)state;
    expect("007", "%.3d", 7);
    expect("-007", "%.3d", -7);
    expect("  007", "%5.3d", 7);
    expect("", "%.0d", 0);
    expect("", "%.d", 0);
    expect("0001f", "%.5x", 0x1f);
    expect("abc", "%.3s", "abcdef");
    expect("abc", "%.*s", 3, "abcdef");
    expect("abcdef", "%.*s", -1, "abcdef");
    expect("   ab", "%5.2s", "abcdef");
    expect("ab   |", "%-5.2s|", "abcdef");
}

/* The bytes behind the precision are not there: ASan and Valgrind would see a read. */
static void test_precision_bounds(void **state)
{
    char *three = exact_copy("abc", 3);

    (void)state;
    expect("abc", "%.3s", three);
    expect("abc", "%.*s", 3, three);
    free(three);
    expect("", "%.0s", (const char *)"abc");
}

static void test_null_string(void **state)
{
    const char *volatile none = NULL;

    (void)state;
    expect("(null)", "%s", none);
    expect("(nu", "%.3s", none);
}

static void test_unknown(void **state)
{
    (void)state;
    expect_unchecked("%q", "%q");
    expect_unchecked("%-5.2lf 7", "%-5.2lf %d", 7); /* takes no argument */
    expect_unchecked("%", "%");
    expect_unchecked("50%", "50%");
    expect_unchecked("%-08.3ll", "%-08.3ll");
    expect_unchecked("%n", "%n");
}

static void test_huge_width(void **state)
{
    char buffer[8];

    (void)state;
    assert_true(unchecked(buffer, sizeof(buffer), "%200000d", 1) == 200000);
    assert_string_equal(buffer, "       ");
    /* a number that no int holds stays finite */
    assert_true(unchecked(buffer, sizeof(buffer), "%.99999999999999999999s", "abc") == 3);
}

static void test_cut_off(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 12; size++) {
        char *buffer = malloc(size > 0 ? size : 1);
        assert_non_null(buffer);
        assert_int_equal(format_to(size > 0 ? buffer : NULL, size, "%s-%d", "hello", 1234), 10);
        if (size > 0) {
            size_t kept = size > 10 ? 10 : size - 1;
            assert_int_equal(strlen(buffer), kept);
            assert_memory_equal(buffer, "hello-1234", kept);
        }
        free(buffer);
    }
}

struct seen {
    char text[64];
    size_t used;
    unsigned calls;
};

static void remember(void *context, const char *bytes, size_t count)
{
    struct seen *s = context;

    assert_true(count > 0 && count <= sizeof(s->text) - s->used);
    memcpy(s->text + s->used, bytes, count);
    s->used += count;
    s->calls++;
}

static void test_sink(void **state)
{
    struct seen s = {.used = 0};

    (void)state;
    assert_int_equal(format(remember, &s, "%s is %05d%s", "it", 42, ""), 11);
    assert_int_equal(s.used, 11);
    assert_memory_equal(s.text, "it is 00042", 11);
    assert_int_equal(format(remember, &s, "%s", ""), 0);
}

static void test_steps(void **state)
{
    char text[8];
    struct format_buffer b = format_buffer(text, sizeof(text));

    (void)state;
    assert_string_equal(text, "");
    format(format_into, &b, "%d", 12);
    assert_string_equal(text, "12");
    format(format_into, &b, "-%d", 345678);
    assert_string_equal(text, "12-3456");
    assert_int_equal(b.used, 7);
}

/* Random specifications of one integer conversion, as the host prints them. */
static void test_against_host(void **state)
{
    uint64_t seed = 0x70726e74;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        char spec[64], wanted[256], found[256];
        char flags[8], width[8] = "", precision[8] = "";
        unsigned n = 0;
        char conversion = "diuxX"[random_below(&seed, 5)];
        bool is_signed = conversion == 'd' || conversion == 'i';
        bool is_hex = conversion == 'x' || conversion == 'X';
        for (const char *f = "-0"; *f; f++) {
            flags[n] = *f;
            n += random_below(&seed, 3) == 0 ? 1 : 0;
        }
        if (is_signed || is_hex) {
            flags[n] = is_hex ? '#' : "+ "[random_below(&seed, 2)];
            n += random_below(&seed, 3) == 0 ? 1 : 0;
        }
        flags[n] = '\0';
        if (random_below(&seed, 2) == 0) {
            snprintf(width, sizeof(width), "%u", (unsigned)random_below(&seed, 40) + 1);
        }
        if (random_below(&seed, 2) == 0) {
            snprintf(precision, sizeof(precision), ".%u", (unsigned)random_below(&seed, 30));
        }
        snprintf(spec, sizeof(spec), "<%%%s%s%sll%c>", flags, width, precision, conversion);
        uint64_t value = random_next(&seed) >> random_below(&seed, 64);
        value = random_below(&seed, 10) == 0 ? 0 : value;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        int length = snprintf(wanted, sizeof(wanted), spec, (unsigned long long)value);
#pragma GCC diagnostic pop
        assert_int_equal(unchecked(found, sizeof(found), spec, (unsigned long long)value), length);
        assert_string_equal(found, wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("FORMAT-TEXT-001 plain text, %%, characters and strings", test_plain),
        TEST("FORMAT-NUMBER-001 integers of every length, to their limits", test_numbers),
        TEST("FORMAT-NUMBER-002 h and hh cut the argument", test_truncating_lengths),
        TEST("FORMAT-WIDTH-001 width, zeros, left, sign and 0x", test_width),
        TEST("FORMAT-PRECISION-001 precision of integers and strings", test_precision),
        TEST("FORMAT-PRECISION-002 a string is not read beyond its precision", test_precision_bounds),
        TEST("FORMAT-TEXT-002 a NULL string prints (null)", test_null_string),
        TEST("FORMAT-TEXT-003 what is no conversion prints itself and takes no argument", test_unknown),
        TEST("FORMAT-WIDTH-002 absurd widths cost time, not memory", test_huge_width),
        TEST("FORMAT-BUFFER-001 every size of buffer is filled, cut and terminated", test_cut_off),
        TEST("FORMAT-BUFFER-002 a text made in steps grows until the buffer is full", test_steps),
        TEST("FORMAT-SINK-001 the sink gets every byte once and no empty chunk", test_sink),
        TEST("FORMAT-HOST-001 20,000 random specifications print as the host's snprintf", test_against_host),
    };
    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
