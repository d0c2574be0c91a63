/* SPDX-License-Identifier: MIT */
/* The three standard streams. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include "error.h"
#include "file.h"

static int stream_read(struct file *file, void *to, size_t bytes, size_t *done)
{
    return file->stream == LIBC_STDIN ? libc_errno(libc_backend_read(file->stream, to, bytes, done)) : EBADF;
}

static int stream_write(struct file *file, const void *from, size_t bytes, size_t *done)
{
    return file->stream != LIBC_STDIN ? libc_errno(libc_backend_write(file->stream, from, bytes, done))
                                      : EBADF;
}

static int stream_seek(struct file *file, off_t offset, int whence, off_t *position)
{
    (void)file;
    (void)offset;
    (void)whence;
    (void)position;
    return ESPIPE;
}

static void stream_stat(struct file *file, struct stat *stat)
{
    memset(stat, 0, sizeof(*stat));
    stat->st_mode = S_IFCHR | (file->stream == LIBC_STDIN ? S_IRUSR : S_IWUSR);
    stat->st_nlink = 1;
    stat->st_blksize = 1024; /* newlib takes it for the size of the stream's buffer */
}

const struct file_operations stream_operations = {stream_read, stream_write, stream_seek, stream_stat};
