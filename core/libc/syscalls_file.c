/* SPDX-License-Identifier: MIT */
/* What newlib calls for files. The reentrant forms: errno goes where the caller says. read(), write() and so
 * on are newlib's and call these. */
#include <errno.h>
#include <fcntl.h>
#include <reent.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file.h"

static int report(struct _reent *reent, int error)
{
    if (error == 0) {
        return 0;
    }
    reent->_errno = error;
    return -1;
}

_ssize_t _read_r(struct _reent *reent, int descriptor, void *to, size_t bytes)
{
    struct file *file = file_get(descriptor);
    size_t done = 0;

    if (file == NULL) {
        return report(reent, EBADF);
    }
    int error = bytes > 0 ? file->operations->read(file, to, bytes, &done) : 0;

    file_put(file);
    return error == 0 ? (_ssize_t)done : report(reent, error);
}

_ssize_t _write_r(struct _reent *reent, int descriptor, const void *from, size_t bytes)
{
    struct file *file = file_get(descriptor);
    size_t done = 0;

    if (file == NULL) {
        return report(reent, EBADF);
    }
    int error = bytes > 0 ? file->operations->write(file, from, bytes, &done) : 0;

    file_put(file);
    return error == 0 ? (_ssize_t)done : report(reent, error);
}

int _open_r(struct _reent *reent, const char *path, int flags, int mode)
{
    int descriptor;
    int error = file_open(path, flags, &descriptor);

    (void)mode;
    return error == 0 ? descriptor : report(reent, error);
}

int _close_r(struct _reent *reent, int descriptor)
{
    return report(reent, file_close(descriptor));
}

_off_t _lseek_r(struct _reent *reent, int descriptor, _off_t offset, int whence)
{
    struct file *file = file_get(descriptor);
    off_t position;

    if (file == NULL) {
        return report(reent, EBADF);
    }
    int error = file->operations->seek(file, offset, whence, &position);

    file_put(file);
    return error == 0 ? position : report(reent, error);
}

int _fstat_r(struct _reent *reent, int descriptor, struct stat *stat)
{
    struct file *file = file_get(descriptor);

    if (file == NULL) {
        return report(reent, EBADF);
    }
    file->operations->stat(file, stat);
    file_put(file);
    return 0;
}

int _stat_r(struct _reent *reent, const char *path, struct stat *stat)
{
    return report(reent, file_path_stat(path, stat));
}

int _isatty_r(struct _reent *reent, int descriptor)
{
    struct file *file = file_get(descriptor);

    if (file == NULL) {
        report(reent, EBADF);
        return 0;
    }
    bool terminal = file->operations == &stream_operations && libc_backend_is_terminal(file->stream);

    file_put(file);
    if (!terminal) {
        report(reent, ENOTTY);
    }
    return terminal;
}

int _fcntl_r(struct _reent *reent, int descriptor, int command, int argument)
{
    struct file *file = file_get(descriptor);
    int error = EINVAL;
    int value = 0;

    if (file == NULL) {
        return report(reent, EBADF);
    }
    if (command == F_DUPFD) {
        error = file_duplicate(descriptor, argument, &value);
    } else if (command == F_GETFL) {
        value = file->flags;
        error = 0;
    } else if (command == F_GETFD || command == F_SETFD || command == F_SETFL) {
        error = 0; /* there is no exec to close for, and no flag that could change */
    }
    file_put(file);
    return error == 0 ? value : report(reent, error);
}

int dup(int descriptor)
{
    int copy;
    int error = file_duplicate(descriptor, 0, &copy);

    return error == 0 ? copy : report(_REENT, error);
}

int dup2(int descriptor, int copy)
{
    int error = file_duplicate_to(descriptor, copy);

    return error == 0 ? copy : report(_REENT, error);
}

/* Nothing can be written, so nothing can be renamed, made or removed. */
static int read_only(struct _reent *reent, const char *path)
{
    struct stat stat;
    int error = file_path_stat(path, &stat);

    return report(reent, error != 0 ? error : EROFS);
}

int _unlink_r(struct _reent *reent, const char *path)
{
    return read_only(reent, path);
}

int _rename_r(struct _reent *reent, const char *from, const char *to)
{
    (void)to;
    return read_only(reent, from);
}

int _link_r(struct _reent *reent, const char *from, const char *to)
{
    (void)to;
    return read_only(reent, from);
}

int _mkdir_r(struct _reent *reent, const char *path, int mode)
{
    (void)path;
    (void)mode;
    return report(reent, EROFS);
}
