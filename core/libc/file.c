/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/lock.h>
#include <sys/stat.h>
#include "error.h"
#include "file.h"
#include "lock.h"

static struct __lock table_lock;

static struct file standard[LIBC_STREAMS] = {
    {.operations = &stream_operations, .flags = O_RDONLY, .references = 1, .stream = LIBC_STDIN},
    {.operations = &stream_operations, .flags = O_WRONLY, .references = 1, .stream = LIBC_STDOUT},
    {.operations = &stream_operations, .flags = O_WRONLY, .references = 1, .stream = LIBC_STDERR},
};

/* Grows as needed, never shrinks. Starts as static memory, so that standard streams work without a heap. */
static struct file *first_table[8] = {&standard[0], &standard[1], &standard[2]};
static struct file **table = first_table;
static int table_size = (int)ARRAY_LENGTH(first_table);

void file_lock(void)
{
    __retarget_lock_acquire_recursive(&table_lock);
}

void file_unlock(void)
{
    __retarget_lock_release_recursive(&table_lock);
}

static bool is_standard(const struct file *file)
{
    return file >= standard && file < standard + LIBC_STREAMS;
}

/* With the lock. Makes room for `descriptor`. */
static int reserve(int descriptor)
{
    if (descriptor < table_size) {
        return 0;
    }
    int size = descriptor < 2 * table_size ? 2 * table_size : descriptor + 1;
    struct file **larger = malloc((size_t)size * sizeof(struct file *));

    if (larger == NULL) {
        return ENOMEM;
    }
    memcpy(larger, table, (size_t)table_size * sizeof(struct file *));
    memset(larger + table_size, 0, (size_t)(size - table_size) * sizeof(struct file *));
    if (table != first_table) {
        free(table);
    }
    table = larger;
    table_size = size;
    return 0;
}

/* With the lock: puts a file into the lowest free descriptor from `from` on. */
static int enter(struct file *file, int from, int *descriptor)
{
    int at = from;

    while (at < table_size && table[at] != NULL) {
        at++;
    }
    int error = reserve(at);

    if (error == 0) {
        table[at] = file;
        *descriptor = at;
    }
    return error;
}

static struct file *look_up(int descriptor)
{
    return descriptor >= 0 && descriptor < table_size ? table[descriptor] : NULL;
}

struct file *file_get(int descriptor)
{
    file_lock();
    struct file *file = look_up(descriptor);

    if (file != NULL) {
        file->references++;
    }
    file_unlock();
    return file;
}

void file_put(struct file *file)
{
    file_lock();
    bool last = --file->references == 0;

    file_unlock();
    if (last && !is_standard(file)) {
        free(file);
    }
}

/* Reading is all that a file of the archive allows. */
static int check_flags(const char *path, int flags, size_t *length)
{
    err_t e = libc_backend_find_file(path, length);

    if (err_ok(e)) {
        if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) {
            return EEXIST;
        }
        return (flags & O_ACCMODE) == O_RDONLY && !(flags & O_TRUNC) ? 0 : EROFS;
    }
    return err_is(e, ERR_NOT_FOUND) && (flags & O_CREAT) ? EROFS : libc_errno(e);
}

int file_open(const char *path, int flags, int *descriptor)
{
    size_t length;
    int error = check_flags(path, flags, &length);

    if (error != 0) {
        return error;
    }
    struct file *file = calloc(1, sizeof(*file) + strlen(path) + 1);

    if (file == NULL) {
        return ENOMEM;
    }
    file->operations = &archive_operations;
    file->flags = flags;
    file->references = 1;
    file->length = length;
    file->path = strcpy((char *)(file + 1), path);
    file_lock();
    error = enter(file, 0, descriptor);
    file_unlock();
    if (error != 0) {
        free(file);
    }
    return error;
}

int file_close(int descriptor)
{
    file_lock();
    struct file *file = look_up(descriptor);

    if (file != NULL) {
        table[descriptor] = NULL;
    }
    file_unlock();
    if (file == NULL) {
        return EBADF;
    }
    file_put(file);
    return 0;
}

int file_duplicate(int descriptor, int from, int *copy)
{
    struct file *file = file_get(descriptor);

    if (file == NULL) {
        return EBADF;
    }
    file_lock();
    int error = from < 0 ? EINVAL : enter(file, from, copy);

    file_unlock();
    if (error != 0) {
        file_put(file);
    }
    return error;
}

int file_duplicate_to(int descriptor, int copy)
{
    struct file *file = file_get(descriptor);

    if (file == NULL || copy < 0) {
        if (file != NULL) {
            file_put(file);
        }
        return EBADF;
    }
    file_lock();
    int error = reserve(copy);
    struct file *before = file; /* what to put back when nothing changes */

    if (error == 0 && table[copy] != file) {
        before = table[copy];
        table[copy] = file;
    }
    file_unlock();
    if (before != NULL) {
        file_put(before);
    }
    return error;
}

int file_path_stat(const char *path, struct stat *stat)
{
    struct file file = {.operations = &archive_operations};
    int error = libc_errno(libc_backend_find_file(path, &file.length));

    if (error == 0) {
        file.operations->stat(&file, stat);
    }
    return error;
}
