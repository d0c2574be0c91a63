/* SPDX-License-Identifier: MIT */
/* Read-only files that come by name: those of the boot archive. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include "error.h"
#include "file.h"

/* Moves the position under the lock, reads without. */
static int archive_read(struct file *file, void *to, size_t bytes, size_t *done)
{
    file_lock();
    size_t from = file->position;
    size_t left = from < file->length ? file->length - from : 0;
    size_t count = bytes < left ? bytes : left;

    file->position += count;
    file_unlock();
    *done = 0;
    while (*done < count) {
        size_t came = 0;
        err_t e = libc_backend_read_file(file->path, from + *done, (char *)to + *done, count - *done, &came);

        if (!err_ok(e) || came == 0) {
            return err_ok(e) ? EIO : libc_errno(e);
        }
        *done += came;
    }
    return 0;
}

static int archive_write(struct file *file, const void *from, size_t bytes, size_t *done)
{
    (void)file;
    (void)from;
    (void)bytes;
    (void)done;
    return EBADF; /* it was opened for reading */
}

static int archive_seek(struct file *file, off_t offset, int whence, off_t *position)
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

static void archive_stat(struct file *file, struct stat *stat)
{
    memset(stat, 0, sizeof(*stat));
    stat->st_mode = S_IFREG | S_IRUSR | S_IRGRP | S_IROTH;
    stat->st_nlink = 1;
    stat->st_size = (off_t)file->length;
    stat->st_blksize = 1024;
    stat->st_blocks = (stat->st_size + 511) / 512;
}

const struct file_operations archive_operations = {archive_read, archive_write, archive_seek, archive_stat};
