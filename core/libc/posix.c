/* SPDX-License-Identifier: MIT */
/* What newlib declares and leaves to the system, beyond what it calls itself. */
#include <errno.h>
#include <malloc.h>
#include <reent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/lock.h>
#include <sys/stat.h>
#include <mudskipper/abi/types.h>
#include "file.h"

static int fail(int error)
{
    errno = error;
    return -1;
}

/* Returns its error and leaves errno alone. */
int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) {
        return EINVAL;
    }
    int before = errno;
    void *block = memalign(alignment, bytes);

    errno = before;
    if (block == NULL) {
        return ENOMEM;
    }
    *memory = block;
    return 0;
}

int getpagesize(void)
{
    return (int)PAGE_SIZE;
}

/* A process lives on one core, so that is how many it can keep busy. */
long sysconf(int name)
{
    switch (name) {
    case _SC_PAGESIZE:
        return (long)PAGE_SIZE;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        return 1;
    case _SC_CLK_TCK:
        return CLOCKS_PER_SEC;
    default:
        return fail(EINVAL);
    }
}

int access(const char *path, int mode)
{
    struct stat stat;
    int error = file_path_stat(path, &stat);

    if (error != 0) {
        return fail(error);
    }
    if (mode & W_OK) {
        return fail(EROFS);
    }
    return mode & X_OK ? fail(EACCES) : 0;
}

int mkdir(const char *path, mode_t mode)
{
    return _mkdir_r(_REENT, path, (int)mode);
}

/* The lock that newlib's own functions take around each call. */
void flockfile(FILE *file)
{
    __retarget_lock_acquire_recursive(file->_lock);
}

int ftrylockfile(FILE *file)
{
    return __retarget_lock_try_acquire_recursive(file->_lock) ? 0 : -1;
}

void funlockfile(FILE *file)
{
    __retarget_lock_release_recursive(file->_lock);
}
