/* SPDX-License-Identifier: MIT */
/* Open files and the table of descriptors.
 *
 *   descriptor -> struct file (shared by duplicates) -> kind: standard stream | read-only file of the archive
 *
 * A new kind is a new set of operations and a line in file_open. */
#ifndef CORE_LIBC_FILE_H
#define CORE_LIBC_FILE_H

#include <sys/types.h>
#include <mudskipper/libc/backend.h>

struct file;
struct stat;

/* All return 0 or an errno. `file` is referenced while they run, no lock is held. */
struct file_operations {
    int (*read)(struct file *file, void *to, size_t bytes, size_t *done);
    int (*write)(struct file *file, const void *from, size_t bytes, size_t *done);
    int (*seek)(struct file *file, off_t offset, int whence, off_t *position);
    void (*stat)(struct file *file, struct stat *stat);
};

struct file {
    const struct file_operations *operations;
    int flags;           /* O_* it was opened with */
    unsigned references; /* descriptors and running calls; the table's lock */

    enum libc_stream stream; /* a standard stream */

    const char *path; /* of the archive; behind this struct */
    size_t length;
    size_t position; /* the table's lock */
};

/* Opens a file; *descriptor is the lowest free one. */
int file_open(const char *path, int flags, int *descriptor);

/* The file behind a descriptor, with a reference more, or NULL. */
struct file *file_get(int descriptor);
void file_put(struct file *file);

int file_close(int descriptor);

/* Duplicates a descriptor into the lowest free one from `from` on. */
int file_duplicate(int descriptor, int from, int *copy);

/* The same into a given one, which is closed first. */
int file_duplicate_to(int descriptor, int copy);

int file_path_stat(const char *path, struct stat *stat);

/* Around fields that the table's lock protects. */
void file_lock(void);
void file_unlock(void);

extern const struct file_operations stream_operations;
extern const struct file_operations archive_operations;

#endif
