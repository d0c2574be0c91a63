/* SPDX-License-Identifier: MIT */
/* UTF-8 as an editor needs it: whole characters, and how many columns of a terminal they take. */
#ifndef SHELL_UTF8_H
#define SHELL_UTF8_H

#include <mudskipper/abi/types.h>

#define UTF8_MAX 4u /* bytes of one character */

/* How many bytes a character with this first byte has; 0 when none begins so. */
size_t utf8_length(uint8_t first);

/* Bytes of the character at `text`, its number in *point. 0: not UTF-8 (cut off, overlong, a surrogate, above
 * U+10FFFF), or count is 0. */
size_t utf8_decode(const char *text, size_t count, uint32_t *point);

/* 0 (a combining mark), 1 or 2 (East Asian wide). Control characters are not printable and have no width: 0.
 */
unsigned utf8_width(uint32_t point);

/* False for control characters, C0 and C1. */
bool utf8_printable(uint32_t point);

/* Columns of a text; a byte that is not UTF-8 counts one. */
size_t utf8_columns(const char *text, size_t count);

/* As utf8_columns, but stops counting above `most`: the result is then any number above it. */
size_t utf8_columns_up_to(const char *text, size_t count, size_t most);

/* The position behind the character at `at`, together with the combining marks that follow; at most count. */
size_t utf8_next(const char *text, size_t count, size_t at);

/* The start of the character before `at`, its base when it is combined; 0 at the start. */
size_t utf8_previous(const char *text, size_t at);

/* The largest position <= at that is no middle of a character. */
size_t utf8_floor(const char *text, size_t at);

#endif
