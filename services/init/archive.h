/* SPDX-License-Identifier: MIT */
/* The boot archive, mapped read-only. */
#ifndef INIT_ARCHIVE_H
#define INIT_ARCHIVE_H

#include <mudskipper/abi/boot_info.h>
#include <mudskipper/abi/error.h>

struct archive {
    const struct boot_info *info;
    const void *bytes;
    uint64_t size;
};

/* Maps boot information and archive, and checks the whole archive: CPIO_*. */
MUST_USE err_t archive_open(struct archive *archive);

/* The file bin/`name`. CPIO_NOT_FOUND. */
MUST_USE err_t archive_program(const struct archive *archive, const char *name, const void **bytes,
                               size_t *size);

/* Any file. */
MUST_USE err_t archive_file(const struct archive *archive, const char *path, const void **bytes,
                            size_t *size);

struct cpio_entry;

/* The next regular file behind *position, which begins as 0 and is moved on; entry->name NULL: that was all.
 * Of files with one name only the one that archive_file finds. */
MUST_USE err_t archive_next(const struct archive *archive, uint64_t *position, struct cpio_entry *entry);

#endif
