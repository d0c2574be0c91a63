/* SPDX-License-Identifier: MIT */
/* The shell's language. A line is a list of commands; the whole line is read before any of it runs.
 *
 *   line    = [ command { (";" | "&") command } ] [ ";" | "&" ] [ "#" anything ]
 *   command = [ "!" | "expect" ERROR ] word { word }
 *   word    = pieces without white space between them:
 *             plain characters      '...' as it stands      "..." where \" and \\ stand for " and \
 *             \c  the character c
 *
 * "&" behind a command runs it in the background. "#" begins a comment where a word could begin. "!" and
 * "expect" are special as the first word, unquoted. | < > and && are kept for later: they must be quoted.
 * Text is UTF-8. */
#ifndef SHELL_PARSE_H
#define SHELL_PARSE_H

#include "strings.h"

enum parse_prefix { PREFIX_NONE, PREFIX_FAIL, PREFIX_EXPECT };

struct parse_command {
    enum parse_prefix prefix;
    char *expected;       /* PREFIX_EXPECT: name of the error */
    struct strings words; /* at least one */
    bool background;
};

struct parse_line {
    const struct memory *memory;
    struct parse_command *commands;
    size_t count;
    size_t room;
};

struct parse_error {
    const char *sentence; /* constant: "this \" is not closed" */
    size_t column;        /* in characters, the first is 1; 0: there is no memory */
};

/* False: nothing is allocated, *error says why. True: parse_free(line) when done. `text` need not be
 * NUL-terminated. */
bool parse_line(const struct memory *memory, const char *text, size_t length, struct parse_line *line,
                struct parse_error *error);
void parse_free(struct parse_line *line);

/* Where the command that contains `cursor` stands, for completion: reads text[0, cursor). Tolerates what is
 * unfinished. */
struct parse_place {
    struct strings words; /* of the command so far, prefixes included, the unfinished word not */
    struct buffer word;   /* the unfinished word, without its quotes; empty after white space */
    size_t start;         /* where it begins in the text */
};

/* False when there is no memory; nothing is allocated then. */
bool parse_place(const struct memory *memory, const char *text, size_t cursor, struct parse_place *place);
void parse_place_free(struct parse_place *place);

/* Appends `word` so that parse_line reads it back as one word, with backslashes where they are needed. */
bool parse_quote(struct buffer *to, const char *word, size_t length);

#endif
