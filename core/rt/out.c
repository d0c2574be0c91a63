/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/message.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>
#include "line.h"

/* ---- the wire (rpc/wire.h)
 * ---------------------------------------------------------------------------------------- */

enum kind { REQUEST = 1, CONTINUE = 2, REPLY = 3, ERROR = 4 };

#define HEADER_WORDS 2u
#define PART_BYTES   ((SYS_WORDS - HEADER_WORDS) * sizeof(uint64_t))
#define LENGTH_BYTES 4u          /* before the bytes themselves */
#define CALLS        0x80000000u /* numbers from here on: links have those below (rpc/channel.c) */

/* A request: nothing, or a number, then bytes. */
struct request {
    unsigned method;
    bool empty;
    uint32_t number;
    const void *bytes;
    uint32_t count;
};

static uint32_t bytes_of(const struct request *r)
{
    return r->empty ? 0 : LENGTH_BYTES + r->count;
}

static void fill_part(struct rt_message *m, const struct request *r, uint32_t call, uint32_t part)
{
    uint32_t total = bytes_of(r);
    uint32_t from = part * PART_BYTES;
    uint32_t bytes = total - from < PART_BYTES ? total - from : PART_BYTES;
    char *to = (char *)&m->words[HEADER_WORDS];

    mem_set(m, 0, sizeof(*m));
    m->words[0] = (uint64_t)REQUEST << 56 | (uint64_t)r->method << 32 | call;
    m->words[1] = (uint64_t)part << 32 | total;
    m->length = HEADER_WORDS + (bytes + 7) / 8;
    if (part == 0 && !r->empty) {
        mem_copy(to, &r->number, LENGTH_BYTES);
        mem_copy(to + LENGTH_BYTES, r->bytes, bytes - LENGTH_BYTES);
    } else if (part > 0) {
        mem_copy(to, (const char *)r->bytes + from - LENGTH_BYTES, bytes);
    }
}

/* Sends all parts; *m is the reply then, of one part. */
static err_t call(cptr_t stream, const struct request *r, struct rt_message *m)
{
    static uint32_t last_call;
    uint32_t parts = r->empty ? 1 : (uint32_t)((bytes_of(r) + PART_BYTES - 1) / PART_BYTES);
    uint32_t number = CALLS | __atomic_add_fetch(&last_call, 1, __ATOMIC_RELAXED);
    unsigned kind = CONTINUE;

    for (uint32_t part = 0; part < parts && kind == CONTINUE; part++) {
        err_t e;

        fill_part(m, r, number, part);
        e = rt_call(stream, m, CPTR_NULL, NANOS_NEVER);
        if (err_is(e, ERR_MSG_NO_TARGET)) {
            e = err_make(ERR_PEER_GONE, 0);
        }
        if (!err_ok(e)) {
            return e;
        }
        kind = m->length > HEADER_WORDS || m->words[0] >> 56 == CONTINUE ? (unsigned)(m->words[0] >> 56) : 0;
    }
    if (kind == ERROR && m->length >= HEADER_WORDS + 2) {
        return err_unpack(m->words[HEADER_WORDS], m->words[HEADER_WORDS + 1]);
    }
    return kind == REPLY ? OK : err_make(ERR_MSG_MALFORMED, 0);
}

/* ---- streams
 * ------------------------------------------------------------------------------------------------------ */

/* What is not there may come, what is there stays: only the latter is remembered. */
bool rt_has_stream(cptr_t slot)
{
    static uint64_t there; /* by slot; all well-known ones are below 64 */
    struct cap_identity identity;

    if (slot >= 64) {
        return false;
    }
    if (!(there >> slot & 1) && err_ok(cap_identify(slot, &identity)) &&
        identity.type == CAP_TYPE_ENDPOINT_LMP) {
        there |= (uint64_t)1 << slot;
    }
    return there >> slot & 1;
}

err_t rt_stream_write(cptr_t stream, const void *bytes, size_t count)
{
    const char *from = bytes;
    struct rt_message m;

    while (count > 0) {
        uint32_t piece = count < RT_STREAM_WRITE_MAX ? (uint32_t)count : RT_STREAM_WRITE_MAX;
        struct request r = {.method = RT_STREAM_WRITE, .number = piece, .bytes = from, .count = piece};
        err_t e = call(stream, &r, &m);
        uint32_t written;

        if (!err_ok(e)) {
            return e;
        }
        mem_copy(&written, &m.words[HEADER_WORDS], sizeof(written));
        if (written > piece || (uint32_t)m.words[1] != sizeof(written)) {
            return err_make(ERR_MSG_MALFORMED, HEADER_WORDS * sizeof(uint64_t));
        }
        from += written;
        count -= written;
    }
    return OK;
}

err_t rt_out_write(const void *bytes, size_t count)
{
    return rt_has_stream(SLOT_STDOUT) ? rt_stream_write(SLOT_STDOUT, bytes, count)
                                      : rt_log_write(bytes, count);
}

err_t rt_in_read(void *to, size_t room, size_t *count)
{
    uint32_t most = PART_BYTES - LENGTH_BYTES; /* so that the reply is one part */
    struct request r = {.method = RT_STREAM_READ, .number = room < most ? (uint32_t)room : most};
    struct rt_message m;
    uint32_t came;
    err_t e;

    *count = 0;
    if (!rt_has_stream(SLOT_STDIN) || room == 0) {
        return OK;
    }
    e = call(SLOT_STDIN, &r, &m);
    if (!err_ok(e)) {
        return e;
    }
    mem_copy(&came, &m.words[HEADER_WORDS], LENGTH_BYTES);
    if (came > r.number || (uint32_t)m.words[1] != LENGTH_BYTES + came) {
        return err_make(ERR_MSG_MALFORMED, HEADER_WORDS * sizeof(uint64_t));
    }
    mem_copy(to, (char *)&m.words[HEADER_WORDS] + LENGTH_BYTES, came);
    *count = came;
    return OK;
}

/* ---- lines that a person types
 * ----------------------------------------------------------------------------------------------------------
 */

/* Asked once: whoever sits there stays. Other streams than terminals do not know the question. */
static bool is_person(void)
{
    static enum { UNKNOWN, PERSON, NOBODY } who;
    struct request r = {.method = RT_STREAM_INFO, .empty = true};
    struct rt_message m;

    if (who == UNKNOWN) {
        who = err_ok(call(SLOT_STDIN, &r, &m)) && (m.words[HEADER_WORDS] & 0xff) != 0 ? PERSON : NOBODY;
    }
    return who == PERSON;
}

/* What was typed and is not part of a line yet. */
static struct {
    char bytes[PART_BYTES];
    size_t count;
    size_t at;
} typed;

static struct line line;
static size_t line_read; /* of it */

struct shown {
    char bytes[256];
    size_t count;
    err_t error;
};

static void flush_shown(struct shown *s)
{
    if (err_ok(s->error)) {
        s->error = rt_out_write(s->bytes, s->count);
    }
    s->count = 0;
}

static void show(void *context, const char *bytes, size_t count)
{
    struct shown *s = context;

    if (s->count + count > sizeof(s->bytes)) {
        flush_shown(s);
    }
    mem_copy(s->bytes + s->count, bytes, count);
    s->count += count;
}

/* Takes what is there, and shows it. */
static err_t compose(void)
{
    struct shown shown = {.count = 0};

    while (!line.whole && typed.at < typed.count) {
        line_take(&line, typed.bytes[typed.at++], show, &shown);
    }
    flush_shown(&shown);
    return shown.error;
}

/* Blocks until there is a line. */
static err_t await_line(void)
{
    err_t e = compose();

    while (err_ok(e) && !line.whole) {
        typed.at = 0;
        e = rt_in_read(typed.bytes, sizeof(typed.bytes), &typed.count);
        line.whole = err_ok(e) && typed.count == 0;
        e = err_ok(e) ? compose() : e;
    }
    return e;
}

err_t rt_in_read_line(void *to, size_t room, size_t *count)
{
    err_t e;

    *count = 0;
    if (!rt_has_stream(SLOT_STDIN) || room == 0) {
        return OK;
    }
    if (!is_person()) {
        return rt_in_read(to, room, count);
    }
    e = await_line();
    if (!err_ok(e)) {
        return e;
    }
    *count = line.count - line_read < room ? line.count - line_read : room;
    mem_copy(to, line.bytes + line_read, *count);
    line_read += *count;
    if (line_read == line.count) {
        line.count = line_read = 0;
        line.whole = false;
    }
    return OK;
}

/* ---- text
 * ---------------------------------------------------------------------------------------------------------
 */

struct buffer {
    char bytes[256];
    size_t count;
};

static void flush(struct buffer *b)
{
    err_t e = rt_out_write(b->bytes, b->count);

    if (!err_ok(e)) {
        e = rt_log_write(b->bytes, b->count); /* nobody is left to tell */
    }
    b->count = 0;
}

static void to_buffer(void *context, const char *bytes, size_t count)
{
    struct buffer *b = context;

    for (size_t i = 0; i < count; i++) {
        if (b->count == sizeof(b->bytes)) {
            flush(b);
        }
        b->bytes[b->count++] = bytes[i];
    }
}

void rt_print(const char *format, ...)
{
    struct buffer b;
    va_list args;

    b.count = 0;
    va_start(args, format);
    format_args(to_buffer, &b, format, args);
    va_end(args);
    if (b.count > 0) {
        flush(&b);
    }
}
