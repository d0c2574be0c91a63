/* SPDX-License-Identifier: MIT */
/* Lines of the shell: what was read, quoted and read again, is the same; nothing is left allocated, memory or
 * not. */
#include "parse.h"
#include "test_memory.h"
#include "fuzz.h"

enum outcome {
    ACCEPTED,
    NO_MEMORY,
    NO_UTF8,
    CONTROL,
    LONE_BACKSLASH,
    OPEN_QUOTE,
    RESERVED,
    EXPECT_ALONE,
    PREFIX_ALONE,
    TWO_PREFIXES,
    TWO_AMPERSANDS,
    NO_COMMAND,
};

const struct fuzz_outcome fuzz_outcomes[] = {
    {ACCEPTED, "accepted"},
    {NO_MEMORY, "out of memory"},
    {NO_UTF8, "this byte is not UTF-8"},
    {CONTROL, "control characters"},
    {LONE_BACKSLASH, "nothing follows this"},
    {OPEN_QUOTE, "this "},
    {RESERVED, "| < and >"},
    {EXPECT_ALONE, "expect wants"},
    {PREFIX_ALONE, "a command must follow"},
    {TWO_PREFIXES, "there is already"},
    {TWO_AMPERSANDS, "&& means nothing"},
    {NO_COMMAND, "a command is missing"},
    {0, NULL},
};

static void saw_sentence(const char *sentence)
{
    unsigned i = NO_MEMORY;

    while (fuzz_outcomes[i].name != NULL && !str_starts_with(sentence, fuzz_outcomes[i].name)) {
        i++;
    }
    FUZZ_MUST(fuzz_outcomes[i].name != NULL);
    fuzz_saw(fuzz_outcomes[i].code);
}

static bool same_text(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || str_equal(a, b));
}

/* ---- a line that was accepted ---- */

static void write_word(struct buffer *to, const char *word)
{
    FUZZ_MUST(parse_quote(to, word, str_length(word)) && buffer_byte(to, ' '));
}

/* A first word that would be special gets quotes. */
static void write_first_word(struct buffer *to, const char *word)
{
    if (str_equal(word, "expect")) {
        FUZZ_MUST(buffer_string(to, "'expect' "));
    } else {
        write_word(to, word);
    }
}

static void write_command(struct buffer *to, const struct parse_command *c)
{
    if (c->prefix == PREFIX_EXPECT) {
        FUZZ_MUST(buffer_string(to, "expect "));
        write_word(to, c->expected);
    } else if (c->prefix == PREFIX_FAIL) {
        FUZZ_MUST(buffer_string(to, "! "));
    }
    FUZZ_MUST(c->words.count > 0);
    write_first_word(to, c->words.items[0]);
    for (size_t i = 1; i < c->words.count; i++) {
        write_word(to, c->words.items[i]);
    }
    FUZZ_MUST(buffer_byte(to, c->background ? '&' : ';'));
}

static void must_be_same(const struct parse_command *a, const struct parse_command *b)
{
    FUZZ_MUST(a->prefix == b->prefix && a->background == b->background &&
              same_text(a->expected, b->expected));
    FUZZ_MUST(a->words.count == b->words.count);
    for (size_t i = 0; i < a->words.count; i++) {
        FUZZ_MUST(str_equal(a->words.items[i], b->words.items[i]));
    }
}

static void write_and_read(const struct parse_line *line)
{
    struct buffer written;
    struct parse_line again;
    struct parse_error error;

    buffer_init(&written, &test_memory);
    for (size_t i = 0; i < line->count; i++) {
        write_command(&written, &line->commands[i]);
    }
    FUZZ_MUST(parse_line(&test_memory, buffer_text(&written), written.length, &again, &error));
    FUZZ_MUST(again.count == line->count);
    for (size_t i = 0; i < line->count; i++) {
        must_be_same(&line->commands[i], &again.commands[i]);
    }
    parse_free(&again);
    buffer_free(&written);
}

/* ---- */

static void check_place(const char *text, size_t length)
{
    for (size_t cursor = length > 64 ? length - 64 : 0; cursor <= length; cursor++) {
        struct parse_place place;

        FUZZ_MUST(parse_place(&test_memory, text, cursor, &place) && place.start <= cursor);
        parse_place_free(&place);
    }
}

static void check_shortage(const char *text, size_t length)
{
    struct parse_line line;
    struct parse_error error;

    test_memory_refuse(length % 7 + 1);
    if (parse_line(&test_memory, text, length, &line, &error)) {
        parse_free(&line);
    } else if (test_memory_refused()) {
        FUZZ_MUST(error.column == 0);
        saw_sentence(error.sentence);
    }
    test_memory_refuse(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct parse_line line;
    struct parse_error error;

    if (parse_line(&test_memory, text, size, &line, &error)) {
        fuzz_saw(ACCEPTED);
        write_and_read(&line);
        parse_free(&line);
    } else {
        saw_sentence(error.sentence);
        FUZZ_MUST(error.column >= 1 && error.column <= size);
    }
    check_place(text, size);
    check_shortage(text, size);
    FUZZ_MUST(test_memory_blocks() == 0);
    return 0;
}
