/* SPDX-License-Identifier: MIT */
#include "log.h"
#include <stdarg.h>
#include <mudskipper/hal/time.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/format.h>
#include "console.h"
#include "core.h"

void log_init(struct log_ring *log, char *bytes, uint64_t size)
{
    log->bytes = bytes;
    log->size = size;
    log->written = 0;
}

void log_append(struct log_ring *log, const char *text, size_t count)
{
    size_t at = log->written & (log->size - 1);
    size_t first =
        count < log->size - at ? count : log->size - at; /* the rest from the beginning of the ring on */

    mem_copy(log->bytes + at, text, first);
    mem_copy(log->bytes, text + first, count - first);
    log->written += count;
}

/* Programs may write without newlines: a line is looked for so far, then any position will do. */
#define LINE_SEARCH 512u

/* The oldest line that is whole, of a ring that has overwritten something. */
static uint64_t oldest(const struct log_ring *log)
{
    uint64_t first = log->written - log->size;

    for (uint64_t i = 0; i < LINE_SEARCH; i++) {
        if (log->bytes[(first + i) & (log->size - 1)] == '\n') {
            return first + i + 1;
        }
    }
    return first;
}

size_t log_read(const struct log_ring *log, uint64_t *position, char *to, size_t room)
{
    size_t count = 0;

    if (*position > log->written) {
        *position = log->written;
    }
    if (log->written - *position > log->size) {
        *position = oldest(log);
    }
    while (count < room && *position < log->written) {
        to[count++] = log->bytes[(*position)++ & (log->size - 1)];
    }
    return count;
}

struct line {
    char text[256];
    size_t count;
};

static void to_line(void *context, const char *bytes, size_t count)
{
    struct line *line = context;
    size_t room = sizeof(line->text) - 1 - line->count;
    size_t part = count < room ? count : room;

    mem_copy(line->text + line->count, bytes, part);
    line->count += part;
}

/* `line` has a place for the newline. */
static void add_line(struct line *line)
{
    struct core *core = this_core();
    char stamp[48];
    nanos_t now = hal_now();
    size_t stamp_bytes = format_to(stamp, sizeof(stamp), "[%5lu.%06lu %2u] ", now / 1000000000,
                                   now / 1000 % 1000000, core->id);

    line->text[line->count++] = '\n';
    log_append(&core->log, stamp, stamp_bytes);
    log_append(&core->log, line->text, line->count);
    console_kernel_line(line->text, line->count);
}

void kernel_log(const char *format, ...)
{
    struct line line; /* its text is not touched before it is written */
    va_list args;

    line.count = 0;
    va_start(args, format);
    format_args(to_line, &line, format, args);
    va_end(args);
    add_line(&line);
}

void kernel_log_text(const char *text, size_t count)
{
    struct line line;

    line.count = 0;
    to_line(&line, text, count);
    add_line(&line);
}
