/* SPDX-License-Identifier: MIT */
/* Text that grows. A buffer remembers in `failed` that it once found no memory, so that a composer of many
 * pieces asks once, at the end; what was appended before stays. */
#ifndef SHELL_BUFFER_H
#define SHELL_BUFFER_H

#include <mudskipper/pure/bytes.h>
#include "memory.h"

struct buffer {
    const struct memory *memory;
    char *bytes; /* NUL-terminated once anything was appended; NULL before */
    size_t length;
    size_t room; /* without the NUL */
    bool failed;
};

void buffer_init(struct buffer *b, const struct memory *memory);
void buffer_free(struct buffer *b); /* and usable again */

/* Empty, memory kept, `failed` forgotten. */
void buffer_clear(struct buffer *b);

/* False, and nothing changed but `failed`, when there is no memory. */
bool buffer_reserve(struct buffer *b, size_t more);
bool buffer_insert(struct buffer *b, size_t at, const char *bytes, size_t count);
bool buffer_append(struct buffer *b, const char *bytes, size_t count);
bool buffer_string(struct buffer *b, const char *s);
bool buffer_byte(struct buffer *b, char byte);
bool buffer_repeat(struct buffer *b, char byte, size_t count);
bool buffer_format(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool buffer_set(struct buffer *b, const char *bytes, size_t count); /* instead of what is there */

/* Takes [at, at + count) out. */
void buffer_remove(struct buffer *b, size_t at, size_t count);

/* format()'s sink; context is the buffer. */
void buffer_sink(void *context, const char *bytes, size_t count);

/* Never NULL: an empty buffer is "". */
const char *buffer_text(const struct buffer *b);

#endif
