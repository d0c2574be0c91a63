/* SPDX-License-Identifier: MIT */
/* The shell's language. */
#include "test.h"

#include "parse.h"

/* Lines and what they mean: words in [], prefixes, & and ; between commands; or column and sentence. */
struct row {
    const char *name;
    const char *line;
    const char *meaning;
};

static const struct row rows[] = {
    {"SHELL-PARSE-001 an empty line is no command", "", ""},
    {"SHELL-PARSE-002 blanks are no command", " \t ", ""},
    {"SHELL-PARSE-003 words", "echo  a\tb ", "[echo][a][b]"},
    {"SHELL-PARSE-004 commands one after the other", "ls; ps ;mem", "[ls];[ps];[mem]"},
    {"SHELL-PARSE-005 a semicolon may end the line", "ls;", "[ls]"},
    {"SHELL-PARSE-006 a command before a semicolon must be there", "ls;;ps", "4: a command is missing here"},
    {"SHELL-PARSE-007 a line does not begin with a semicolon", " ;", "2: a command is missing here"},
    {"SHELL-PARSE-008 background", "spawn a b &", "[spawn][a][b]&"},
    {"SHELL-PARSE-009 background separates", "a & b& c", "[a]&;[b]&;[c]"},
    {"SHELL-PARSE-010 a lone ampersand", "&", "1: a command is missing here"},
    {"SHELL-PARSE-011 two ampersands", "a && b",
     "3: && means nothing here: a line stops at its first failing command anyway"},
    {"SHELL-PARSE-012 a comment", "ls # and more", "[ls]"},
    {"SHELL-PARSE-013 only a comment", "# ls", ""},
    {"SHELL-PARSE-014 a comment behind a semicolon", "ls;#x", "[ls]"},
    {"SHELL-PARSE-015 no comment inside a word", "echo a#b '#'", "[echo][a#b][#]"},
    {"SHELL-PARSE-016 double quotes", "echo \"a  b; # & |\"", "[echo][a  b; # & |]"},
    {"SHELL-PARSE-017 what a backslash means in double quotes", "\"a\\\"b\\\\c\\n\"", "[a\"b\\c\\n]"},
    {"SHELL-PARSE-018 single quotes keep everything", "'a\\\"b'", "[a\\\"b]"},
    {"SHELL-PARSE-019 pieces make one word", "a\"b c\"'d e'\\ f", "[ab cd e f]"},
    {"SHELL-PARSE-020 empty words", "a '' \"\"", "[a][][]"},
    {"SHELL-PARSE-021 a backslash quotes one character", "\\;\\&\\#\\\"\\'\\\\\\|", "[;&#\"'\\|]"},
    {"SHELL-PARSE-022 an open double quote points at its beginning", "echo \"abc",
     "6: this \" is not closed"},
    {"SHELL-PARSE-023 an open single quote points at its beginning", "echo ab'c", "8: this ' is not closed"},
    {"SHELL-PARSE-024 columns count characters", "echo \xc3\xa9 '", "8: this ' is not closed"},
    {"SHELL-PARSE-025 a backslash at the end", "echo \\", "6: nothing follows this \\"},
    {"SHELL-PARSE-026 reserved characters", "ps | cat", "4: | < and > mean nothing here yet: quote them"},
    {"SHELL-PARSE-027 reserved characters in a word", "call a>b",
     "7: | < and > mean nothing here yet: quote them"},
    {"SHELL-PARSE-028 must fail", "! kill x", "!([kill][x])"},
    {"SHELL-PARSE-029 must fail with an error", "expect PEER_GONE call a b",
     "expect PEER_GONE([call][a][b])"},
    {"SHELL-PARSE-030 prefixes belong to their command", "! a; b; expect X c", "!([a]);[b];expect X([c])"},
    {"SHELL-PARSE-031 a prefix without a command", "! ; b", "1: a command must follow"},
    {"SHELL-PARSE-032 expect without an error", "a; expect",
     "4: expect wants the name of an error and a command"},
    {"SHELL-PARSE-033 expect without a command", "expect X # y", "1: a command must follow"},
    {"SHELL-PARSE-034 two prefixes", "! expect X a", "3: there is already a ! or expect before"},
    {"SHELL-PARSE-035 two exclamation marks", "! ! a", "3: there is already a ! or expect before"},
    {"SHELL-PARSE-036 a quoted prefix is a word", "'!' a; \\expect b", "[!][a];[expect][b]"},
    {"SHELL-PARSE-037 a prefix is only the whole first word", "!a b; echo ! expect",
     "[!a][b];[echo][!][expect]"},
    {"SHELL-PARSE-038 control characters are refused", "echo \x1b[2J", "6: control characters are not text"},
    {"SHELL-PARSE-039 control characters are refused in quotes too", "'\x07'",
     "2: control characters are not text"},
    {"SHELL-PARSE-040 a tab may be quoted", "'a\tb' c\\\td", "[a\tb][c\td]"},
    {"SHELL-PARSE-041 bytes must be UTF-8", "echo \xff", "6: this byte is not UTF-8"},
    {"SHELL-PARSE-042 a carriage return is a blank", "ls\r", "[ls]"},
    {"SHELL-PARSE-043 a quote may be empty and alone", "\"\"", "[]"},
};

static void describe(struct buffer *to, const struct parse_command *c)
{
    const char *open = c->prefix == PREFIX_NONE ? "" : "(";
    const char *close = c->prefix == PREFIX_NONE ? "" : ")";

    buffer_string(to, c->prefix == PREFIX_FAIL ? "!" : "");
    if (c->prefix == PREFIX_EXPECT) {
        buffer_format(to, "expect %s", c->expected);
    }
    buffer_string(to, open);
    for (size_t i = 0; i < c->words.count; i++) {
        buffer_format(to, "[%s]", c->words.items[i]);
    }
    buffer_string(to, close);
    buffer_string(to, c->background ? "&" : "");
}

static void line_means(void **state)
{
    const struct row *r = *state;
    struct parse_line line;
    struct parse_error error;
    struct buffer text;

    buffer_init(&text, &test_memory);
    if (parse_line(&test_memory, r->line, strlen(r->line), &line, &error)) {
        for (size_t i = 0; i < line.count; i++) {
            buffer_string(&text, i > 0 ? ";" : "");
            describe(&text, &line.commands[i]);
        }
        parse_free(&line);
    } else {
        buffer_format(&text, "%zu: %s", error.column, error.sentence);
    }
    assert_string_equal(buffer_text(&text), r->meaning);
    buffer_free(&text);
    assert_int_equal(test_memory_blocks(), 0);
}

static void nul_is_refused(void **state)
{
    struct parse_line line;
    struct parse_error error;

    (void)state;
    assert_false(parse_line(&test_memory, "ec\0ho", 5, &line, &error));
    assert_int_equal(error.column, 3);
    assert_string_equal(error.sentence, "control characters are not text");
}

static void lack_of_memory_has_no_column(void **state)
{
    static const char text[] = "expect PEER_GONE echo \"a\" b & ! c d; e f; g; h; i";

    (void)state;
    for (size_t nth = 1;; nth++) {
        struct parse_line line;
        struct parse_error error;
        test_memory_refuse(nth);
        bool ok = parse_line(&test_memory, text, strlen(text), &line, &error);
        bool refused = test_memory_refused();
        assert_int_equal(ok, !refused);
        if (ok) {
            assert_int_equal(line.count, 6);
            parse_free(&line);
        } else {
            assert_int_equal(error.column, 0);
            assert_string_equal(error.sentence, "out of memory");
        }
        assert_int_equal(test_memory_blocks(), 0);
        if (!refused) {
            break;
        }
    }
}

static unsigned next_random(unsigned *random)
{
    *random = *random * 1103515245u + 12345u;
    return *random >> 16 & 0x7fff;
}

/* Nothing read outside the text, nothing left allocated, the column inside the line: for 50,000 lines made of
 * the characters that mean something. The text lies in a block of its own size, so that the tools see one
 * byte too many. */
static void random_lines_harm_nothing(void **state)
{
    static const char alphabet[] = "ab \t;&#!'\"\\|<expect\xc3\xa9\xff\x01\r\n";
    unsigned random = 2026;

    (void)state;
    for (int i = 0; i < 50000; i++) {
        size_t length = next_random(&random) % 24;
        char *text = malloc(length > 0 ? length : 1);
        for (size_t k = 0; k < length; k++) {
            text[k] = alphabet[next_random(&random) % (sizeof(alphabet) - 1)];
        }
        struct parse_line line;
        struct parse_error error;
        if (parse_line(&test_memory, text, length, &line, &error)) {
            for (size_t c = 0; c < line.count; c++) {
                assert_true(line.commands[c].words.count > 0);
            }
            parse_free(&line);
        } else {
            assert_true(error.column >= 1 && error.column <= length);
        }
        struct parse_place place;
        assert_true(parse_place(&test_memory, text, length, &place));
        assert_true(place.start <= length);
        parse_place_free(&place);
        free(text);
    }
    assert_int_equal(test_memory_blocks(), 0);
}

/* Every word, quoted, is read back as itself. */
static void quoting_is_undone_by_reading(void **state)
{
    static const char alphabet[] = "ab \t;&#!'\"\\|<>\xc3\xa9";
    unsigned random = 7;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char word[16];
        size_t length = 0;
        size_t wanted = next_random(&random) % 8;
        while (length < wanted) {
            char c = alphabet[next_random(&random) % (sizeof(alphabet) - 1)];
            if ((uint8_t)c >= 0x80) {
                word[length++] = '\xc3';
                c = '\xa9';
            }
            word[length++] = c;
        }
        word[length] = '\0';
        struct buffer quoted;
        struct parse_line line;
        struct parse_error error;
        buffer_init(&quoted, &test_memory);
        assert_true(parse_quote(&quoted, word, length));
        assert_true(parse_line(&test_memory, quoted.bytes, quoted.length, &line, &error));
        assert_int_equal(line.count, 1);
        assert_int_equal(line.commands[0].words.count, 1);
        assert_string_equal(line.commands[0].words.items[0], word);
        parse_free(&line);
        buffer_free(&quoted);
    }
}

static void place_of_the_cursor(void **state)
{
    static const struct {
        const char *text, *words, *word;
        size_t start;
    } cases[] = {
        {"", "", "", 0},
        {"sp", "", "sp", 0},
        {"spawn ", "[spawn]", "", 6},
        {"a; b c", "[b]", "c", 5},
        {"a & ", "", "", 4},
        {"! k", "[!]", "k", 2},
        {"cat \"odd n", "[cat]", "odd n", 4},
        {"cat odd\\ ", "[cat]", "odd ", 4},
        {"cat odd\\", "[cat]", "odd", 4},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct parse_place place;
        struct buffer words;
        buffer_init(&words, &test_memory);
        assert_true(parse_place(&test_memory, cases[i].text, strlen(cases[i].text), &place));
        for (size_t k = 0; k < place.words.count; k++) {
            buffer_format(&words, "[%s]", place.words.items[k]);
        }
        assert_string_equal(buffer_text(&words), cases[i].words);
        assert_string_equal(buffer_text(&place.word), cases[i].word);
        assert_int_equal(place.start, cases[i].start);
        parse_place_free(&place);
        buffer_free(&words);
    }
    assert_int_equal(test_memory_blocks(), 0);
}

int main(void)
{
    static const struct CMUnitTest more[] = {
        TEST("SHELL-PARSE-060 a NUL is no text", nul_is_refused),
        TEST("SHELL-PARSE-061 lack of memory anywhere frees everything", lack_of_memory_has_no_column),
        TEST("SHELL-PARSE-062 50,000 random lines harm nothing", random_lines_harm_nothing),
        TEST("SHELL-PARSE-063 20,000 quoted words are read back", quoting_is_undone_by_reading),
        TEST("SHELL-PARSE-064 the place of the cursor, unfinished words included", place_of_the_cursor),
    };
    return run_rows(rows, sizeof(rows[0]), ARRAY_LENGTH(rows), line_means, more, ARRAY_LENGTH(more));
}
