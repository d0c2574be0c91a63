/* SPDX-License-Identifier: MIT */
#include "edit_internal.h"

/* A prompt that leaves less than this for the line is not shown. */
#define LEAST_ROOM 8u

void edit_bell(struct edit *e)
{
    buffer_byte(&e->out, '\a');
}

/* The prompt, or what stands there during a search. */
static void put_prompt(struct edit *e, struct buffer *to)
{
    if (e->searching) {
        buffer_format(to, "%s'%s': ", e->search_failed ? "no match " : "search ", buffer_text(&e->wanted));
    } else {
        buffer_string(to, e->options.prompt);
    }
}

static bool prompt_fits(const struct edit *e, size_t columns)
{
    return columns + LEAST_ROOM < e->options.columns;
}

void edit_draw_prompt(struct edit *e)
{
    if (prompt_fits(e, utf8_columns(e->options.prompt, str_length(e->options.prompt)))) {
        buffer_string(&e->out, e->options.prompt);
    }
}

/* All of these look at no more than one row of text, however long the line is. */

/* Columns from position `from` up to the cursor, the one it stands on included, as they are shown when the
 * line is scrolled to `from`: the mark on the left counts. More than `room` when they are. */
static size_t columns_to_cursor(const struct edit *e, size_t from, size_t room)
{
    const char *line = buffer_text(&e->line);
    size_t under = utf8_next(line, e->line.length, e->cursor);
    size_t width = utf8_columns(line + e->cursor, under - e->cursor);

    return (from > 0) + utf8_columns_up_to(line + from, e->cursor - from, room) + (width > 0 ? width : 1);
}

/* As columns_to_cursor, for the whole rest of the line with the cursor behind it. */
static size_t columns_to_end(const struct edit *e, size_t from, size_t room)
{
    return (from > 0) + utf8_columns_up_to(buffer_text(&e->line) + from, e->line.length - from, room) + 1;
}

/* Scrolled to `from` the cursor is seen. The mark for text hidden on the right takes a column of its own. */
static bool shows_cursor(const struct edit *e, size_t from, size_t room)
{
    size_t mark = columns_to_end(e, from, room) > room ? 1 : 0;

    return columns_to_cursor(e, from, room) + mark <= room;
}

/* Scrolls as little as possible, so that the cursor is seen and no column stays empty that could show text.
 */
static void scroll(struct edit *e, size_t room)
{
    const char *line = buffer_text(&e->line);

    if (e->left > e->cursor) {
        e->left = e->cursor;
    }
    while (e->left > 0 && columns_to_end(e, utf8_previous(line, e->left), room) <= room) {
        e->left = utf8_previous(line, e->left);
    }
    if (shows_cursor(e, e->left, room)) {
        return;
    }
    size_t next = utf8_next(line, e->line.length, e->left);
    if (next <= e->cursor && shows_cursor(e, next, room)) {
        e->left = next; /* as typing at the end of a long line does */
        return;
    }
    e->left = e->cursor;
    while (e->left > 0 && shows_cursor(e, utf8_previous(line, e->left), room)) {
        e->left = utf8_previous(line, e->left);
    }
}

/* Shows the piece that fits into `room` columns; returns the column of the cursor in it. */
static size_t put_piece(struct edit *e, size_t room)
{
    const char *line = buffer_text(&e->line);
    size_t column = 0;
    size_t cursor_column = 0;
    bool cut = columns_to_end(e, e->left, room) > room;
    size_t limit = cut ? room - 1 : room;
    size_t at = e->left;

    if (e->left > 0) {
        buffer_byte(&e->out, '<');
        column = 1;
    }
    while (at < e->line.length) {
        size_t next = utf8_next(line, e->line.length, at);
        size_t width = utf8_columns(line + at, next - at);
        if (at == e->cursor) {
            cursor_column = column;
        }
        if (column + width > limit) {
            break;
        }
        buffer_append(&e->out, line + at, next - at);
        column += width;
        at = next;
    }
    if (cut) {
        buffer_byte(&e->out, '>');
    }
    return at >= e->line.length && e->cursor == e->line.length ? column : cursor_column;
}

void edit_draw_line(struct edit *e)
{
    struct buffer prompt;

    buffer_init(&prompt, e->line.memory);
    put_prompt(e, &prompt);
    size_t start = utf8_columns(buffer_text(&prompt), prompt.length);
    buffer_byte(&e->out, '\r');
    if (prompt_fits(e, start)) {
        buffer_append(&e->out, buffer_text(&prompt), prompt.length);
    } else {
        start = 0;
    }
    size_t room = e->options.columns > start + 2 ? e->options.columns - start - 1 : 2;
    scroll(e, room);
    size_t column = put_piece(e, room);
    buffer_string(&e->out, "\x1b[K");
    if (e->cursor < e->line.length) {
        buffer_byte(&e->out, '\r');
        if (start + column > 0) {
            buffer_format(&e->out, "\x1b[%zuC", start + column);
        }
    }
    buffer_free(&prompt);
}

void edit_draw_appended(struct edit *e, const char *bytes, size_t count)
{
    size_t start = utf8_columns(e->options.prompt, str_length(e->options.prompt));

    if (!e->searching && e->left == 0 && prompt_fits(e, start) &&
        start + columns_to_end(e, 0, e->options.columns) < e->options.columns) {
        buffer_append(&e->out, bytes, count);
    } else {
        edit_draw_line(e);
    }
}

static size_t widest(const struct strings *candidates)
{
    size_t width = 0;

    for (size_t i = 0; i < candidates->count; i++) {
        size_t columns = utf8_columns(candidates->items[i], str_length(candidates->items[i]));
        width = columns > width ? columns : width;
    }
    return width;
}

/* Below the line, sorted down the columns, two spaces apart; then the line again. */
void edit_draw_candidates(struct edit *e, const struct strings *candidates)
{
    size_t width = widest(candidates) + 2;
    size_t across = e->options.columns > width ? e->options.columns / width : 1;
    size_t rows = (candidates->count + across - 1) / across;
    size_t shown = rows + 2 > e->options.rows && e->options.rows > 3 ? e->options.rows - 3 : rows;
    size_t hidden = candidates->count;

    for (size_t row = 0; row < shown; row++) {
        size_t pad = 0;
        buffer_byte(&e->out, '\n');
        for (size_t i = row; i < candidates->count; i += rows) {
            buffer_repeat(&e->out, ' ', pad);
            buffer_string(&e->out, candidates->items[i]);
            pad = width - utf8_columns(candidates->items[i], str_length(candidates->items[i]));
            hidden--;
        }
    }
    if (hidden > 0) {
        buffer_format(&e->out, "\n(%zu more)", hidden);
    }
    buffer_byte(&e->out, '\n');
    edit_draw_line(e);
}
