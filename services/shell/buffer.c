/* SPDX-License-Identifier: MIT */
#include "buffer.h"

#include <mudskipper/pure/format.h>

/* The first block: a line of a usual terminal. */
#define FIRST_ROOM 80u

void buffer_init(struct buffer *b, const struct memory *memory)
{
    *b = (struct buffer){.memory = memory};
}

void buffer_free(struct buffer *b)
{
    memory_free(b->memory, b->bytes);
    buffer_init(b, b->memory);
}

void buffer_clear(struct buffer *b)
{
    b->length = 0;
    b->failed = false;
    if (b->bytes) {
        b->bytes[0] = '\0';
    }
}

bool buffer_reserve(struct buffer *b, size_t more)
{
    if (b->bytes && more <= b->room - b->length) {
        return true;
    }
    size_t room = b->room * 2 > FIRST_ROOM ? b->room * 2 : FIRST_ROOM;
    if (room - b->length < more) {
        room = b->length + more;
    }
    char *bytes = memory_resize(b->memory, b->bytes, room + 1);
    if (!bytes) {
        b->failed = true;
        return false;
    }
    b->bytes = bytes;
    b->bytes[b->length] = '\0';
    b->room = room;
    return true;
}

bool buffer_insert(struct buffer *b, size_t at, const char *bytes, size_t count)
{
    if (!buffer_reserve(b, count)) {
        return false;
    }
    mem_move(b->bytes + at + count, b->bytes + at, b->length - at);
    mem_copy(b->bytes + at, bytes, count);
    b->length += count;
    b->bytes[b->length] = '\0';
    return true;
}

bool buffer_append(struct buffer *b, const char *bytes, size_t count)
{
    return buffer_insert(b, b->length, bytes, count);
}

bool buffer_string(struct buffer *b, const char *s)
{
    return buffer_append(b, s, str_length(s));
}

bool buffer_byte(struct buffer *b, char byte)
{
    return buffer_append(b, &byte, 1);
}

bool buffer_repeat(struct buffer *b, char byte, size_t count)
{
    if (!buffer_reserve(b, count)) {
        return false;
    }
    mem_set(b->bytes + b->length, byte, count);
    b->length += count;
    b->bytes[b->length] = '\0';
    return true;
}

bool buffer_set(struct buffer *b, const char *bytes, size_t count)
{
    if (count > b->length && !buffer_reserve(b, count - b->length)) {
        return false;
    }
    buffer_clear(b);
    return buffer_append(b, bytes, count);
}

void buffer_remove(struct buffer *b, size_t at, size_t count)
{
    if (count == 0) {
        return;
    }
    mem_move(b->bytes + at, b->bytes + at + count, b->length - at - count);
    b->length -= count;
    b->bytes[b->length] = '\0';
}

void buffer_sink(void *context, const char *bytes, size_t count)
{
    struct buffer *b = context;
    buffer_append(b, bytes, count);
}

bool buffer_format(struct buffer *b, const char *format, ...)
{
    bool failed = b->failed;
    va_list arguments;

    b->failed = false;
    va_start(arguments, format);
    format_args(buffer_sink, b, format, arguments);
    va_end(arguments);
    bool ok = !b->failed;
    b->failed |= failed;
    return ok;
}

const char *buffer_text(const struct buffer *b)
{
    return b->bytes ? b->bytes : "";
}
