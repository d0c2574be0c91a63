/* SPDX-License-Identifier: MIT */
/* Read-only files whose bytes lie in memory: those of the boot archive. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include "file.h"

/* Takes the bytes under the lock, copies them without: the copy may wait for a page. */
static int memory_read(struct file *file, void *to, size_t bytes, size_t *done)
{
    file_lock();
    size_t from = file->position;
    size_t left = from < file->length ? file->length - from : 0;

    *done = bytes < left ? bytes : left;
    file->position += *done;
    file_unlock();
    memcpy(to, file->bytes + from, *done);
    return 0;
}

static int memory_write(struct file *file, const void *from, size_t bytes, size_t *done)
{
    (void)file;
    (void)from;
    (void)bytes;
    (void)done;
    return EBADF; /* it was opened for reading */
}

static int memory_seek(struct file *file, off_t offset, int whence, off_t *position)
{
    int error = 0;

    file_lock();
    off_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (off_t)file->position : (off_t)file->length;

    if (whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END) {
        error = EINVAL;
    } else if (__builtin_add_overflow(from, offset, position)) {
        error = EOVERFLOW;
    } else if (*position < 0) {
        error = EINVAL;
    } else {
        file->position = (size_t)*position;
    }
    file_unlock();
    return error;
}

static void memory_stat(struct file *file, struct stat *stat)
{
    memset(stat, 0, sizeof(*stat));
    stat->st_mode = S_IFREG | S_IRUSR | S_IRGRP | S_IROTH;
    stat->st_nlink = 1;
    stat->st_size = (off_t)file->length;
    stat->st_blksize = 1024;
    stat->st_blocks = (stat->st_size + 511) / 512;
}

const struct file_operations memory_operations = {memory_read, memory_write, memory_seek, memory_stat};
