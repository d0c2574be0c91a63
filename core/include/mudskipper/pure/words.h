/* SPDX-License-Identifier: MIT */
/* Words of a line of text, with quotation marks: what boot files and command lines are made of.
 *
 *   line = { blank } { word blank { blank } }          blank = space, tab, carriage return or newline
 *   word = piece { piece }                             a"b c"d is one word: ab cd
 *   piece = byte that is neither blank nor "           a backslash stands for itself
 *         | " { byte | \" | \\ } "                     empty quotes make an empty word
 *
 * Words are pieces of the line, as they stand, quotation marks included: nothing is copied until word_copy,
 * and nothing has a greatest length. */
#ifndef MUDSKIPPER_PURE_WORDS_H
#define MUDSKIPPER_PURE_WORDS_H

#include <mudskipper/pure/bytes.h>

enum word_result {
    WORD_FOUND,
    WORD_END,    /* no more words */
    WORD_QUOTE,  /* a quotation mark is not closed: the word reaches to the end of the line */
    WORD_SYNTAX, /* a control character, or a backslash in quotes before something else than " or \ */
};

/* Takes the next word off *line. The two errors give the word too, for callers that take what comes. */
enum word_result word_next(struct text *line, struct text *word);

/* Takes blanks off *line. */
void word_skip_blanks(struct text *line);

/* What the word says, without its quotation marks: at most size - 1 bytes and a NUL (if size > 0). Returns
 * the whole length: it fitted when the result is < size. */
size_t word_copy(char *to, size_t size, struct text word);

/* Does the word say `s`? */
bool word_is(struct text word, const char *s);

/* Has the word a quotation mark? */
bool word_is_quoted(struct text word);

/* Cuts at the first '=' if no quotation mark stands before it; false, and nothing changed, when there is
 * none. */
bool word_split(struct text word, struct text *key, struct text *value);

#endif
