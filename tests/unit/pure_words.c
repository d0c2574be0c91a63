/* SPDX-License-Identifier: MIT */
/* Words with quotation marks, and the kernel's command line. */
#include "pure_test.h"
#include <mudskipper/pure/command_line.h>
#include <mudskipper/pure/words.h>

/* Takes the next word, compares what it says. */
static void expect_word(struct text *line, enum word_result result, const char *says)
{
    struct text word = {NULL, 0};
    char buffer[64];

    assert_int_equal(word_next(line, &word), result);
    if (result != WORD_END) {
        assert_int_equal(word_copy(buffer, sizeof(buffer), word), strlen(says));
        assert_string_equal(buffer, says);
        assert_true(word_is(word, says));
    }
}

static void test_words(void **state)
{
    struct text line = text_of("  one\ttwo\r\nthree  ");

    (void)state;
    expect_word(&line, WORD_FOUND, "one");
    expect_word(&line, WORD_FOUND, "two");
    expect_word(&line, WORD_FOUND, "three");
    expect_word(&line, WORD_END, NULL);
    expect_word(&line, WORD_END, NULL);
    line = text_of("");
    expect_word(&line, WORD_END, NULL);
    line = text_of(" \t ");
    expect_word(&line, WORD_END, NULL);
}

static void test_quotes(void **state)
{
    struct text line = text_of("a\"b c\"d \"\" \"say \\\"hi\\\\\" back\\slash \"a\"\"b\" x=\"1 2\"");

    (void)state;
    expect_word(&line, WORD_FOUND, "ab cd");
    expect_word(&line, WORD_FOUND, "");
    expect_word(&line, WORD_FOUND, "say \"hi\\");
    expect_word(&line, WORD_FOUND, "back\\slash");
    expect_word(&line, WORD_FOUND, "ab");
    expect_word(&line, WORD_FOUND, "x=1 2");
    expect_word(&line, WORD_END, NULL);
}

static void test_bad_words(void **state)
{
    struct text line = text_of("\"open to the end");

    (void)state;
    expect_word(&line, WORD_QUOTE, "open to the end");
    expect_word(&line, WORD_END, NULL);
    line = text_of("\"ends in \\\"");
    expect_word(&line, WORD_QUOTE, "ends in \"");
    line = text_of("\"bad \\n escape\" next");
    expect_word(&line, WORD_SYNTAX, "bad \\n escape");
    expect_word(&line, WORD_FOUND, "next");
    line = text_of("bell\a next");
    expect_word(&line, WORD_SYNTAX, "bell\a");
    expect_word(&line, WORD_FOUND, "next");
    line = (struct text){"a\0b", 3};
    struct text word;
    assert_int_equal(word_next(&line, &word), WORD_SYNTAX);
    line = text_of("\x7f");
    expect_word(&line, WORD_SYNTAX, "\x7f");
    line = text_of("\xc3\xa4"); /* UTF-8 passes */
    expect_word(&line, WORD_FOUND, "\xc3\xa4");
    line = text_of("\"\\");
    expect_word(&line, WORD_QUOTE, "\\");
}

static void test_copy(void **state)
{
    const struct text word = text_of("a\"b c\"d");

    (void)state;
    for (size_t size = 0; size < 8; size++) {
        char *buffer = malloc(size > 0 ? size : 1);
        assert_non_null(buffer);
        assert_int_equal(word_copy(buffer, size, word), 5);
        if (size > 0) {
            assert_int_equal(strlen(buffer), size > 5 ? 5 : size - 1);
            assert_memory_equal(buffer, "ab cd", strlen(buffer));
        }
        free(buffer);
    }
}

static void test_is(void **state)
{
    (void)state;
    assert_true(word_is(text_of("\"spawn\""), "spawn"));
    assert_false(word_is(text_of("spawn"), "spaw"));
    assert_false(word_is(text_of("spaw"), "spawn"));
    assert_false(word_is(text_of("spawm"), "spawn"));
    assert_true(word_is((struct text){NULL, 0}, ""));
    assert_true(word_is_quoted(text_of("a\"\"")));
    assert_false(word_is_quoted(text_of("a=b")));
}

static void test_split(void **state)
{
    struct text key = {NULL, 0}, value = {NULL, 0};

    (void)state;
    assert_true(word_split(text_of("env=A=1"), &key, &value));
    assert_true(text_is(key, "env") && text_is(value, "A=1"));
    assert_true(word_split(text_of("=x"), &key, &value));
    assert_true(text_is(key, "") && text_is(value, "x"));
    assert_true(word_split(text_of("x="), &key, &value));
    assert_true(text_is(key, "x") && text_is(value, ""));
    assert_false(word_split(text_of("\"a=b\""), &key, &value));
    assert_false(word_split(text_of("plain"), &key, &value));
    assert_false(word_split(text_of("a\"\"=b"), &key, &value));
}

/* Any bytes: words lie in the line, in order, and cover all that is not blank. */
static void test_random_lines(void **state)
{
    static const char alphabet[] = "ab=\"\\ \t\n\r,#\x01\xff";
    uint64_t seed = 0x776f7264;

    (void)state;
    for (unsigned i = 0; i < 50000; i++) {
        char bytes[40];
        size_t length = random_below(&seed, sizeof(bytes));
        for (size_t b = 0; b < length; b++) {
            bytes[b] = alphabet[random_below(&seed, sizeof(alphabet))]; /* the NUL included */
        }
        char *exact = exact_copy(bytes, length);
        struct text line = {exact, length}, word;
        const char *end = exact;
        while (word_next(&line, &word) != WORD_END) {
            char copy[sizeof(bytes) + 1];
            assert_true(word.length > 0 && word.start >= end);
            for (const char *gap = end; gap < word.start; gap++) {
                assert_non_null(strchr(" \t\r\n", *gap));
            }
            end = word.start + word.length;
            assert_true(end <= exact + length);
            assert_true(word_copy(copy, sizeof(copy), word) <= word.length);
            assert_int_equal(word_is_quoted(word), memchr(word.start, '"', word.length) != NULL);
            struct text key, value;
            if (word_split(word, &key, &value)) {
                assert_true(key.start == word.start && value.start == key.start + key.length + 1);
                assert_true(value.start + value.length == end && !memchr(key.start, '=', key.length));
            }
        }
        assert_int_equal(line.length, 0);
        free(exact);
    }
}

/* --- the command line --- */

static void test_has(void **state)
{
    (void)state;
    assert_true(command_line_has("quiet cores=4", "quiet"));
    assert_true(command_line_has("quiet cores=4", "cores"));
    assert_false(command_line_has("quiet cores=4", "core"));
    assert_false(command_line_has("quiet cores=4", "4"));
    assert_false(command_line_has("", "quiet"));
    assert_false(command_line_has("notquiet quietly", "quiet"));
}

static void expect_says(const char *line, const char *key, const char *wanted)
{
    char value[32];
    size_t length = 0;

    assert_true(command_line_get(line, key, value, sizeof(value), &length));
    assert_string_equal(value, wanted);
    assert_int_equal(length, strlen(wanted));
}

static void test_get(void **state)
{
    char value[4] = "zzz";
    size_t length = 7;

    (void)state;
    expect_says("script=\"echo hello\" x=y", "script", "echo hello");
    expect_says("a=1 a=2", "a", "2");
    expect_says("a=1 a", "a", "");
    expect_says("a=", "a", "");
    expect_says("a=b=c", "a", "b=c");
    expect_says("a=\"never closed b=c", "a", "never closed b=c");
    assert_false(command_line_get("b=1", "a", value, sizeof(value), &length));
    assert_true(length == 7 && strcmp(value, "zzz") == 0);
    assert_true(command_line_get("a=12345", "a", value, sizeof(value), &length));
    assert_true(length == 5 && strcmp(value, "123") == 0);
    assert_true(command_line_get("a=12345", "a", NULL, 0, &length));
}

static void test_values(void **state)
{
    uint64_t n = 5;

    (void)state;
    assert_true(command_line_number("cores=0x10", "cores", &n) && n == 16);
    assert_true(command_line_size("mem=512M", "mem", &n) && n == 512 << 20);
    n = 5;
    assert_false(command_line_number("cores=four", "cores", &n));
    assert_false(command_line_number("cores", "cores", &n));
    assert_false(command_line_number("cores=\"4\"", "cores", &n));
    assert_false(command_line_number("", "cores", &n));
    assert_false(command_line_size("mem=512X", "mem", &n));
    assert_false(command_line_size("mem", "memory", &n));
    assert_int_equal(n, 5);
}

static void test_next(void **state)
{
    struct text line = text_of(" a=1  b \"c=d\" ");
    struct text key, value;

    (void)state;
    assert_true(command_line_next(&line, &key, &value) && text_is(key, "a") && text_is(value, "1"));
    assert_true(command_line_next(&line, &key, &value) && text_is(key, "b") && value.start == NULL);
    assert_true(command_line_next(&line, &key, &value) && word_is(key, "c=d") && value.start == NULL);
    assert_false(command_line_next(&line, &key, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("WORDS-SPLIT-001 blanks of all kinds separate words", test_words),
        TEST("WORDS-SPLIT-002 quotation marks keep blanks, empty words and themselves", test_quotes),
        TEST("WORDS-SPLIT-003 open quotes, unknown escapes and control bytes are told", test_bad_words),
        TEST("WORDS-SPLIT-004 random lines: words lie in order and cover what is not blank",
             test_random_lines),
        TEST("WORDS-COPY-001 every size of buffer is filled, cut and terminated", test_copy),
        TEST("WORDS-IS-001 a word is compared by what it says", test_is),
        TEST("WORDS-KEY-001 a word is cut at its first = outside quotes", test_split),
        TEST("CMDLINE-HAS-001 keys are whole words", test_has),
        TEST("CMDLINE-GET-001 the last value of a key counts, quotes are taken off", test_get),
        TEST("CMDLINE-GET-002 values are read as numbers and sizes, or refused", test_values),
        TEST("CMDLINE-NEXT-001 words come in order as keys with and without values", test_next),
    };
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
