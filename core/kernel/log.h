/* SPDX-License-Identifier: MIT */
/* The log of one core: text lines in a ring. A reader keeps a position; when the ring has overwritten what
 * stood there, the reader goes on with the oldest line that is whole. Positions only grow, so nobody needs to
 * be told of readers. */
#ifndef MUDSKIPPER_KERNEL_LOG_H
#define MUDSKIPPER_KERNEL_LOG_H

#include <mudskipper/abi/types.h>

struct log_ring {
    char *bytes;
    uint64_t size;    /* a power of two */
    uint64_t written; /* position after the newest byte */
};

void log_init(struct log_ring *log, char *bytes, uint64_t size);

/* Appends text as it is. */
void log_append(struct log_ring *log, const char *text, size_t count);

/* Copies up to `room` bytes from *position on and moves it; 0 at the end. */
size_t log_read(const struct log_ring *log, uint64_t *position, char *to, size_t room);

/* A line of this core's kernel: into the ring, and onto the console while the kernel still owns it.
 * printf-like; the newline is added. */
void kernel_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same with a text that is there already, without its newline. */
void kernel_log_text(const char *text, size_t count);

#endif
