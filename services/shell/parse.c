/* SPDX-License-Identifier: MIT */
#include "parse.h"

#include "utf8.h"

/* The complaint that is none about the text: told from the others by its address. */
static const char no_memory[] = "out of memory";

struct reader {
    const char *text;
    size_t length;
    size_t at;
    struct buffer word;    /* the last one read */
    bool quoted;           /* part of it was */
    const char *complaint; /* why reading stopped; NULL: it did not */
    size_t complaint_at;
};

static void complain(struct reader *r, const char *sentence, size_t at)
{
    r->complaint = sentence;
    r->complaint_at = at;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool ends_word(char c)
{
    return is_blank(c) || c == ';' || c == '&';
}

static bool is_reserved(char c)
{
    return c == '|' || c == '<' || c == '>';
}

static bool more(const struct reader *r)
{
    return r->at < r->length;
}

static void skip_blanks(struct reader *r)
{
    while (more(r) && is_blank(r->text[r->at])) {
        r->at++;
    }
    if (more(r) && r->text[r->at] == '#') {
        r->at = r->length;
    }
}

/* Appends `count` bytes of the text to the word and goes behind them. */
static bool take(struct reader *r, size_t count)
{
    bool ok = buffer_append(&r->word, r->text + r->at, count);

    if (!ok) {
        complain(r, no_memory, r->at);
    }
    r->at += count;
    return ok;
}

/* One character as it stands. */
static bool take_character(struct reader *r)
{
    uint32_t point = 0;
    size_t count = utf8_decode(r->text + r->at, r->length - r->at, &point);

    if (count == 0) {
        complain(r, "this byte is not UTF-8", r->at);
        return false;
    }
    if (!utf8_printable(point) && point != '\t') {
        complain(r, "control characters are not text", r->at);
        return false;
    }
    return take(r, count);
}

static bool take_escaped(struct reader *r)
{
    if (r->at + 1 >= r->length) {
        complain(r, "nothing follows this \\", r->at);
        return false;
    }
    r->at++;
    r->quoted = true;
    return take_character(r);
}

static bool take_quoted(struct reader *r, char quote)
{
    size_t opened = r->at++;

    r->quoted = true;
    while (more(r) && r->text[r->at] != quote) {
        bool escape = quote == '"' && r->text[r->at] == '\\' && r->at + 1 < r->length &&
                      (r->text[r->at + 1] == '"' || r->text[r->at + 1] == '\\');
        r->at += escape ? 1 : 0;
        if (!take_character(r)) {
            return false;
        }
    }
    if (!more(r)) {
        complain(r, quote == '"' ? "this \" is not closed" : "this ' is not closed", opened);
        return false;
    }
    r->at++;
    return true;
}

static bool take_piece(struct reader *r)
{
    char c = r->text[r->at];

    if (c == '"' || c == '\'') {
        return take_quoted(r, c);
    }
    if (c == '\\') {
        return take_escaped(r);
    }
    if (is_reserved(c)) {
        complain(r, "| < and > mean nothing here yet: quote them", r->at);
        return false;
    }
    return take_character(r);
}

/* Reads the word that begins here. False: complaint. */
static bool read_word(struct reader *r)
{
    buffer_clear(&r->word);
    r->quoted = false;
    while (more(r) && !ends_word(r->text[r->at])) {
        if (!take_piece(r)) {
            return false;
        }
    }
    return true;
}

/* The word just read is the special one `s`. */
static bool special(const struct reader *r, const char *s)
{
    return !r->quoted && str_equal(buffer_text(&r->word), s);
}

static bool at_word(struct reader *r)
{
    skip_blanks(r);
    return more(r) && !ends_word(r->text[r->at]);
}

static void command_free(const struct memory *memory, struct parse_command *c)
{
    memory_free(memory, c->expected);
    strings_free(&c->words);
}

static bool keep_expected(struct reader *r, struct parse_command *c)
{
    size_t bytes = r->word.length + 1;

    c->expected = memory_resize(r->word.memory, NULL, bytes);
    if (!c->expected) {
        complain(r, no_memory, r->at);
        return false;
    }
    mem_copy(c->expected, buffer_text(&r->word), bytes - 1);
    c->expected[bytes - 1] = '\0';
    return true;
}

/* Decides about the first word, which was just read. True: it was a prefix, and the reader stands behind it.
 */
static bool read_prefix(struct reader *r, struct parse_command *c, size_t start)
{
    if (special(r, "!")) {
        c->prefix = PREFIX_FAIL;
    } else if (special(r, "expect")) {
        c->prefix = PREFIX_EXPECT;
        if (!at_word(r)) {
            complain(r, "expect wants the name of an error and a command", start);
            return true;
        }
        if (!read_word(r) || !keep_expected(r, c)) {
            return true;
        }
    } else {
        return false;
    }
    if (!at_word(r)) {
        complain(r, "a command must follow", start);
    }
    return true;
}

static bool add_word(struct reader *r, struct parse_command *c)
{
    if (!strings_add(&c->words, buffer_text(&r->word), r->word.length)) {
        complain(r, no_memory, r->at);
        return false;
    }
    return true;
}

/* Reads one command up to what ends it. False: complaint; `c` is to be freed all the same. */
static bool read_command(struct reader *r, struct parse_command *c)
{
    size_t start = r->at;

    if (!read_word(r)) {
        return false;
    }
    if (read_prefix(r, c, start)) {
        start = r->at;
        if (r->complaint || !read_word(r)) {
            return false;
        }
        if (special(r, "!") || special(r, "expect")) {
            complain(r, "there is already a ! or expect before", start);
            return false;
        }
    }
    if (!add_word(r, c)) {
        return false;
    }
    while (at_word(r)) {
        if (!read_word(r) || !add_word(r, c)) {
            return false;
        }
    }
    return true;
}

/* Goes behind ";" or "&" after a command. */
static bool read_end(struct reader *r, struct parse_command *c)
{
    if (!more(r)) {
        return true;
    }
    if (r->text[r->at] == '&') {
        if (r->at + 1 < r->length && r->text[r->at + 1] == '&') {
            complain(r, "&& means nothing here: a line stops at its first failing command anyway", r->at);
            return false;
        }
        c->background = true;
    }
    r->at++;
    return true;
}

static struct parse_command *new_command(struct reader *r, struct parse_line *line)
{
    if (line->count == line->room) {
        size_t room = line->room ? 2 * line->room : 4;
        struct parse_command *commands =
            memory_resize(line->memory, line->commands, room * sizeof(*commands));
        if (!commands) {
            complain(r, no_memory, r->at);
            return NULL;
        }
        line->commands = commands;
        line->room = room;
    }
    struct parse_command *c = &line->commands[line->count++];
    *c = (struct parse_command){.prefix = PREFIX_NONE};
    strings_init(&c->words, line->memory);
    return c;
}

static bool read_line(struct reader *r, struct parse_line *line)
{
    while (skip_blanks(r), more(r)) {
        if (ends_word(r->text[r->at])) {
            complain(r, "a command is missing here", r->at);
            return false;
        }
        struct parse_command *c = new_command(r, line);
        if (!c || !read_command(r, c) || !read_end(r, c)) {
            return false;
        }
    }
    return true;
}

/* Characters before `at`, plus one. */
static size_t column_of(const char *text, size_t at)
{
    size_t column = 1;
    uint32_t point;

    for (size_t i = 0; i < at; column++) {
        size_t count = utf8_decode(text + i, at - i, &point);
        i += count > 0 ? count : 1;
    }
    return column;
}

bool parse_line(const struct memory *memory, const char *text, size_t length, struct parse_line *line,
                struct parse_error *error)
{
    struct reader r = {.text = text, .length = length};

    *line = (struct parse_line){.memory = memory};
    buffer_init(&r.word, memory);
    bool ok = read_line(&r, line);
    buffer_free(&r.word);
    if (!ok) {
        parse_free(line);
        error->sentence = r.complaint;
        error->column = r.complaint == no_memory ? 0 : column_of(text, r.complaint_at);
    }
    return ok;
}

void parse_free(struct parse_line *line)
{
    for (size_t i = 0; i < line->count; i++) {
        command_free(line->memory, &line->commands[i]);
    }
    memory_free(line->memory, line->commands);
    *line = (struct parse_line){.memory = line->memory};
}

/* An unclosed quote or a lone backslash is where somebody is still typing: what was read counts. */
static bool read_place(struct reader *r, struct parse_place *place)
{
    while (more(r)) {
        while (more(r) && is_blank(r->text[r->at])) {
            r->at++;
        }
        place->start = r->at;
        buffer_clear(&r->word);
        if (more(r) && ends_word(r->text[r->at])) {
            strings_free(&place->words);
            place->start = ++r->at;
            continue;
        }
        bool whole = read_word(r);
        if (r->complaint == no_memory) {
            return false;
        }
        if (!whole || !more(r)) {
            return true;
        }
        if (!strings_add(&place->words, buffer_text(&r->word), r->word.length)) {
            return false;
        }
        buffer_clear(&r->word);
        place->start = r->at;
    }
    return true;
}

bool parse_place(const struct memory *memory, const char *text, size_t cursor, struct parse_place *place)
{
    struct reader r = {.text = text, .length = cursor};

    *place = (struct parse_place){.start = 0};
    strings_init(&place->words, memory);
    buffer_init(&r.word, memory);
    if (!read_place(&r, place)) {
        buffer_free(&r.word);
        strings_free(&place->words);
        return false;
    }
    place->word = r.word;
    return true;
}

void parse_place_free(struct parse_place *place)
{
    strings_free(&place->words);
    buffer_free(&place->word);
}

bool parse_quote(struct buffer *to, const char *word, size_t length)
{
    if (length == 0) {
        return buffer_string(to, "\"\"");
    }
    for (size_t i = 0; i < length; i++) {
        char c = word[i];
        bool special = is_blank(c) || c == ';' || c == '&' || c == '"' || c == '\'' || c == '\\' ||
                       is_reserved(c) || (i == 0 && (c == '#' || c == '!'));
        if (special && !buffer_byte(to, '\\')) {
            return false;
        }
        if (!buffer_byte(to, c)) {
            return false;
        }
    }
    return true;
}
