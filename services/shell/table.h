/* SPDX-License-Identifier: MIT */
/* What people read: aligned columns, sizes, durations, rights. Everything appends to a buffer. */
#ifndef SHELL_TABLE_H
#define SHELL_TABLE_H

#include <mudskipper/pure/format.h>
#include "strings.h"

/* Columns two spaces apart, as wide as their widest cell; the last one is not padded. */
struct table {
    const char *headings; /* separated by blanks; '>' in front of one: its column is flush right */
    struct strings cells; /* row by row, headings not among them */
    struct buffer cell;
    bool failed; /* there was no memory */
};

void table_init(struct table *t, const struct memory *memory, const char *headings);
void table_free(struct table *t);

/* The next cell of the row; rows follow one another. */
void table_cell(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As table_cell, for what these make. */
void table_size(struct table *t, uint64_t bytes);
void table_duration(struct table *t, nanos_t duration);
void table_rights(struct table *t, unsigned rights, const char *letters);

/* Headings and rows. False when there was no memory for all of it: *to is as before. */
bool table_print(const struct table *t, struct buffer *to);

/* "0 B", "640 KiB", "1.5 GiB": exact, or rounded to one decimal. */
bool put_size(struct buffer *to, uint64_t bytes);

/* "850 ns", "12.345 us", "1.200 ms", "3.500 s", "2 min 03 s", "5 h 00 min 07 s". */
bool put_duration(struct buffer *to, nanos_t duration);

/* One letter or '-' for each bit from bit 0 on: letters "rwx" for 5 is "r-x". */
bool put_rights(struct buffer *to, unsigned rights, const char *letters);

/* Text of unknown origin: control characters and what is not UTF-8 become \xNN; '\n' and '\t' stay when
 * `lines`. */
bool put_text(struct buffer *to, const char *text, size_t count, bool lines);
void put_text_to(format_sink_t sink, void *context, const char *text, size_t count, bool lines);

#endif
