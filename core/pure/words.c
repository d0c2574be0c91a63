/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/words.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_control(char c)
{
    return ((unsigned char)c < ' ' && !is_blank(c)) || c == 0x7f;
}

static void take(struct text *t, size_t count)
{
    t->start += count;
    t->length -= count;
}

void word_skip_blanks(struct text *line)
{
    while (line->length > 0 && is_blank(line->start[0])) {
        take(line, 1);
    }
}

/* In quotes, \" and \\ are one byte. */
static bool is_escape(struct text t)
{
    return t.length >= 2 && t.start[0] == '\\' && (t.start[1] == '"' || t.start[1] == '\\');
}

enum word_result word_next(struct text *line, struct text *word)
{
    enum word_result result = WORD_FOUND;
    bool quoted = false;

    word_skip_blanks(line);
    if (line->length == 0) {
        return WORD_END;
    }
    *word = (struct text){line->start, 0};
    while (line->length > 0 && (quoted || !is_blank(line->start[0]))) {
        char c = line->start[0];
        bool escape = quoted && is_escape(*line);
        if (is_control(c) || (quoted && c == '\\' && !escape)) {
            result = WORD_SYNTAX;
        }
        quoted = c == '"' ? !quoted : quoted;
        take(line, escape ? 2 : 1);
    }
    word->length = (size_t)(line->start - word->start);
    return quoted ? WORD_QUOTE : result;
}

/* Takes one byte of what the word says off it; false at its end. */
static bool next_byte(struct text *word, bool *quoted, char *byte)
{
    while (word->length > 0) {
        if (word->start[0] == '"') {
            *quoted = !*quoted;
            take(word, 1);
            continue;
        }
        if (*quoted && is_escape(*word)) {
            take(word, 1);
        }
        *byte = word->start[0];
        take(word, 1);
        return true;
    }
    return false;
}

size_t word_copy(char *to, size_t size, struct text word)
{
    bool quoted = false;
    size_t length = 0;
    char byte;

    while (next_byte(&word, &quoted, &byte)) {
        if (length + 1 < size) {
            to[length] = byte;
        }
        length++;
    }
    if (size > 0) {
        to[length < size ? length : size - 1] = '\0';
    }
    return length;
}

bool word_is(struct text word, const char *s)
{
    bool quoted = false;
    char byte;

    while (next_byte(&word, &quoted, &byte)) {
        if (*s == '\0' || *s != byte) {
            return false;
        }
        s++;
    }
    return *s == '\0';
}

bool word_is_quoted(struct text word)
{
    for (size_t i = 0; i < word.length; i++) {
        if (word.start[i] == '"') {
            return true;
        }
    }
    return false;
}

bool word_split(struct text word, struct text *key, struct text *value)
{
    for (size_t i = 0; i < word.length && word.start[i] != '"'; i++) {
        if (word.start[i] == '=') {
            *key = (struct text){word.start, i};
            *value = (struct text){word.start + i + 1, word.length - i - 1};
            return true;
        }
    }
    return false;
}
