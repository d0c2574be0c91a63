/* SPDX-License-Identifier: MIT */
/* What a program knows about itself, and the few things it can do without any service. */
#ifndef MUDSKIPPER_RT_PROCESS_H
#define MUDSKIPPER_RT_PROCESS_H

#include <mudskipper/abi/error.h>
#include <mudskipper/abi/start.h>

/* The start block of this process; constant. */
const struct start_block *rt_self(void);

/* Ends this process. */
_Noreturn void rt_exit(uint32_t code);

/* Writes to this core's log, any length; keeps whole lines together up to 256 bytes. */
MUST_USE err_t rt_log_write(const char *bytes, size_t count);

/* printf-like to the log; for programs without a C library and for last words. */
void rt_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for who prints to a format_sink_t. */
void rt_log_sink(void *unused, const char *bytes, size_t count);

/* Monotonic nanoseconds. */
nanos_t rt_now(void);

/* Gives the rest of the slice away. */
void rt_yield(void);

#endif
