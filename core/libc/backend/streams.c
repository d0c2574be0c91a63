/* SPDX-License-Identifier: MIT */
/* The standard streams of a process: what its well-known slots hold; output of one that was given none goes
 * to its Log, and its input is at its end. */
#include <mudskipper/libc/backend.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>

err_t libc_backend_read(enum libc_stream from, void *to, size_t bytes, size_t *done)
{
    static struct libc_mutex mutex;

    (void)from;
    libc_backend_lock(&mutex);
    err_t e = rt_in_read_line(to, bytes, done);

    libc_backend_unlock(&mutex);
    return e;
}

err_t libc_backend_write(enum libc_stream to, const void *from, size_t bytes, size_t *done)
{
    cptr_t stream = to == LIBC_STDERR ? SLOT_STDERR : SLOT_STDOUT;

    *done = bytes;
    return rt_has_stream(stream) ? rt_stream_write(stream, from, bytes) : rt_log_write(from, bytes);
}

bool libc_backend_is_terminal(enum libc_stream stream)
{
    return stream != LIBC_STDIN; /* terminal and log want whole lines */
}
