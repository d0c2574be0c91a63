/* SPDX-License-Identifier: MIT */
#include "table.h"

#include "utf8.h"

#define GAP "  "

void table_init(struct table *t, const struct memory *memory, const char *headings)
{
    *t = (struct table){.headings = headings};
    strings_init(&t->cells, memory);
    buffer_init(&t->cell, memory);
}

void table_free(struct table *t)
{
    strings_free(&t->cells);
    buffer_free(&t->cell);
}

static void finish_cell(struct table *t)
{
    if (t->cell.failed || !strings_add(&t->cells, buffer_text(&t->cell), t->cell.length)) {
        t->failed = true;
    }
    buffer_clear(&t->cell);
}

void table_cell(struct table *t, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    format_args(buffer_sink, &t->cell, format, arguments);
    va_end(arguments);
    finish_cell(t);
}

void table_size(struct table *t, uint64_t bytes)
{
    put_size(&t->cell, bytes);
    finish_cell(t);
}

void table_duration(struct table *t, nanos_t duration)
{
    put_duration(&t->cell, duration);
    finish_cell(t);
}

void table_rights(struct table *t, unsigned rights, const char *letters)
{
    put_rights(&t->cell, rights, letters);
    finish_cell(t);
}

/* The heading at *at, which moves behind it; length 0 behind the last. */
static struct text next_heading(const char **at, bool *right)
{
    while (**at == ' ') {
        ++*at;
    }
    *right = **at == '>';
    *at += *right ? 1 : 0;
    struct text heading = {*at, 0};
    while (**at != ' ' && **at != '\0') {
        ++*at;
        heading.length++;
    }
    return heading;
}

static size_t count_columns(const struct table *t)
{
    const char *at = t->headings;
    size_t columns = 0;
    bool right;

    while (next_heading(&at, &right).length > 0) {
        columns++;
    }
    return columns;
}

/* Row 0 is the headings. The cell's place in t->cells, when row > 0, is (row - 1) * columns + column. */
static struct text cell_at(const struct table *t, struct text heading, size_t row, size_t column,
                           size_t columns)
{
    return row > 0 ? text_of(t->cells.items[(row - 1) * columns + column]) : heading;
}

static void measure(const struct table *t, size_t rows, size_t columns, size_t *widths)
{
    const char *at = t->headings;
    bool right;

    for (size_t column = 0; column < columns; column++) {
        struct text heading = next_heading(&at, &right);
        widths[column] = 0;
        for (size_t row = 0; row < rows; row++) {
            struct text cell = cell_at(t, heading, row, column, columns);
            size_t width = utf8_columns(cell.start, cell.length);
            widths[column] = width > widths[column] ? width : widths[column];
        }
    }
}

static void put_cell(struct buffer *to, struct text cell, size_t width, bool right, bool last)
{
    size_t pad = width - utf8_columns(cell.start, cell.length);

    buffer_repeat(to, ' ', right ? pad : 0);
    buffer_append(to, cell.start, cell.length);
    buffer_repeat(to, ' ', right || last ? 0 : pad);
    buffer_string(to, last ? "" : GAP);
}

static void end_row(struct buffer *to)
{
    while (to->length > 0 && to->bytes[to->length - 1] == ' ') {
        to->length--;
    }
    buffer_byte(to, '\n');
}

static void put_row(const struct table *t, struct buffer *to, size_t row, size_t columns,
                    const size_t *widths)
{
    const char *at = t->headings;
    bool right;

    for (size_t column = 0; column < columns; column++) {
        struct text heading = next_heading(&at, &right);
        struct text cell = cell_at(t, heading, row, column, columns);
        put_cell(to, cell, widths[column], right, column + 1 == columns);
    }
    end_row(to);
}

static bool put_rows(const struct table *t, struct buffer *to)
{
    size_t columns = count_columns(t);
    size_t rows = 1 + t->cells.count / columns;
    size_t *widths = memory_resize(to->memory, NULL, columns * sizeof(*widths));

    if (!widths) {
        return false;
    }
    measure(t, rows, columns, widths);
    for (size_t row = 0; row < rows && !to->failed; row++) {
        put_row(t, to, row, columns, widths);
    }
    memory_free(to->memory, widths);
    return !to->failed;
}

bool table_print(const struct table *t, struct buffer *to)
{
    size_t before = to->length;
    bool failed = to->failed;

    to->failed = false;
    bool ok = !t->failed && put_rows(t, to);
    if (!ok) {
        buffer_remove(to, before, to->length - before);
    }
    to->failed |= failed;
    return ok;
}

bool put_size(struct buffer *to, uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    unsigned unit = 0;

    while (unit + 1 < ARRAY_LENGTH(units) && bytes >> (10 * (unit + 1)) != 0) {
        unit++;
    }
    uint64_t one = (uint64_t)1 << (10 * unit);
    if (bytes % one == 0) {
        return buffer_format(to, "%llu %s", (unsigned long long)(bytes / one), units[unit]);
    }
    /* In tenths of the unit, rounded; the remainder is first brought to 1/1024 so that nothing overflows. */
    uint64_t rest = bytes % one >> (10 * (unit - 1));
    uint64_t tenths = bytes / one * 10 + (rest * 10 + 512) / 1024;
    if (tenths == 10240 && unit + 1 < ARRAY_LENGTH(units)) {
        tenths = 10;
        unit++;
    }
    return buffer_format(to, "%llu.%llu %s", (unsigned long long)(tenths / 10),
                         (unsigned long long)(tenths % 10), units[unit]);
}

bool put_duration(struct buffer *to, nanos_t duration)
{
    unsigned long long ns = duration;
    unsigned long long s = ns / 1000000000;

    if (ns < 1000) {
        return buffer_format(to, "%llu ns", ns);
    }
    if (ns < 1000000) {
        return buffer_format(to, "%llu.%03llu us", ns / 1000, ns % 1000);
    }
    if (s == 0) {
        return buffer_format(to, "%llu.%03llu ms", ns / 1000000, ns / 1000 % 1000);
    }
    if (s < 60) {
        return buffer_format(to, "%llu.%03llu s", s, ns / 1000000 % 1000);
    }
    if (s < 3600) {
        return buffer_format(to, "%llu min %02llu s", s / 60, s % 60);
    }
    return buffer_format(to, "%llu h %02llu min %02llu s", s / 3600, s / 60 % 60, s % 60);
}

bool put_rights(struct buffer *to, unsigned rights, const char *letters)
{
    bool ok = true;

    for (unsigned i = 0; letters[i] != '\0'; i++) {
        ok = buffer_byte(to, rights >> i & 1 ? letters[i] : '-') && ok;
    }
    return ok;
}

static void put_run(format_sink_t sink, void *context, const char *text, size_t count)
{
    if (count > 0) {
        sink(context, text, count);
    }
}

/* Runs of plain characters go out whole. */
void put_text_to(format_sink_t sink, void *context, const char *text, size_t count, bool lines)
{
    size_t start = 0;

    for (size_t at = 0; at < count;) {
        uint32_t point = 0;
        size_t length = utf8_decode(text + at, count - at, &point);
        if (length > 0 && (utf8_printable(point) || (lines && (point == '\n' || point == '\t')))) {
            at += length;
            continue;
        }
        put_run(sink, context, text + start, at - start);
        format(sink, context, "\\x%02x", (unsigned)(uint8_t)text[at]);
        start = ++at;
    }
    put_run(sink, context, text + start, count - start);
}

bool put_text(struct buffer *to, const char *text, size_t count, bool lines)
{
    bool failed = to->failed;

    to->failed = false;
    put_text_to(buffer_sink, to, text, count, lines);
    bool ok = !to->failed;
    to->failed |= failed;
    return ok;
}
