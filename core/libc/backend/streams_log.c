/* SPDX-License-Identifier: MIT */
/* The standard streams of a process that has nothing but its Log: output goes there, input is at its end. */
#include <mudskipper/libc/backend.h>
#include <mudskipper/rt/process.h>

err_t libc_backend_read(enum libc_stream from, void *to, size_t bytes, size_t *done)
{
    (void)from;
    (void)to;
    (void)bytes;
    *done = 0;
    return OK;
}

err_t libc_backend_write(enum libc_stream to, const void *from, size_t bytes, size_t *done)
{
    (void)to;
    *done = bytes;
    return rt_log_write(from, bytes);
}

bool libc_backend_is_terminal(enum libc_stream stream)
{
    return stream != LIBC_STDIN; /* the log wants whole lines */
}
