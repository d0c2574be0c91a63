/* SPDX-License-Identifier: MIT */
/* A small printf for kernels, programs without a C library and panics: no state, no memory, no locale.
 *
 *   %[flags][width][.precision][length]conversion
 *
 *   flags       - left   0 zeros   + sign   (space) sign or space   # 0x in front of %x
 *   width       number or *; negative means left
 *   precision   number or *; %s: at most so many bytes are read and printed; integers: at least so many
 * digits length      hh h l ll z t j conversion  d i u x X c s p %
 *
 * %p prints 0x and the digits. A NULL string prints (null). A conversion that is not in the list prints
 * itself, as it stands, and takes no argument. */
#ifndef MUDSKIPPER_PURE_FORMAT_H
#define MUDSKIPPER_PURE_FORMAT_H

#include <stdarg.h>
#include <mudskipper/abi/types.h>

/* Takes `count` >= 1 bytes, not NUL-terminated, valid during the call only. */
typedef void (*format_sink_t)(void *context, const char *bytes, size_t count);

/* Both return how many bytes went to the sink. */
size_t format(format_sink_t sink, void *context, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t format_args(format_sink_t sink, void *context, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/* Into `size` bytes at `buffer`, always NUL-terminated when size > 0, cut off when too long. Both return the
 * length of the whole text without the NUL: it fits when the result is < size. */
size_t format_to(char *buffer, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t format_args_to(char *buffer, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/* The sink behind format_to, for texts made in several steps: keeps what fits, NUL-terminated after every
 * step. */
struct format_buffer {
    char *bytes;
    size_t size; /* of bytes */
    size_t used; /* without the NUL */
};

struct format_buffer format_buffer(char *bytes, size_t size);
void format_into(void *buffer /* struct format_buffer */, const char *bytes, size_t count);

#endif
