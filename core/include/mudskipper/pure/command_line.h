/* SPDX-License-Identifier: MIT */
/* The kernel's command line: words (words.h), each KEY or KEY=VALUE. What boot loaders put there may be
 * anything, so nothing is an error; of several words with one key the last counts, as what people append
 * overrides what was there. */
#ifndef MUDSKIPPER_PURE_COMMAND_LINE_H
#define MUDSKIPPER_PURE_COMMAND_LINE_H

#include <mudskipper/pure/words.h>

/* Takes the next word off *line. Without '=' value->start is NULL, and the key is the whole word. */
bool command_line_next(struct text *line, struct text *key, struct text *value);

/* Is there a word with this key? */
bool command_line_has(const char *line, const char *key);

/* What KEY=VALUE says, without quotation marks, into `size` bytes, cut off, NUL-terminated when size > 0;
 * *length is its whole length. False when there is no such word; KEY alone has an empty value. */
bool command_line_get(const char *line, const char *key, char *value, size_t size, size_t *length);

/* The value as a number (decimal, 0x...), or as a size with k, M, G or T behind it. False also when it is
 * none. */
bool command_line_number(const char *line, const char *key, uint64_t *number);
bool command_line_size(const char *line, const char *key, uint64_t *bytes);

#endif
