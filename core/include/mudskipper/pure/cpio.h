/* SPDX-License-Identifier: MIT */
/* Reads cpio "newc" archives in memory: the boot archive. No state, no memory of its own; never reads outside
 * [bytes, bytes + size). Several archives may follow one another, as boot loaders and `cat` leave them:
 *
 *   | entry | entry | ... | TRAILER!!! | zeros ... | entry | ... | TRAILER!!! | zeros ... |
 *
 *   entry:  header, 110 characters | name, NUL | pad to 4 | data | pad to 4        (offsets from the first
 * byte) header: "070701", then 13 numbers of 8 hexadecimal digits: ino mode uid gid nlink mtime filesize
 * devmajor devminor rdevmajor rdevminor namesize check
 */
#ifndef MUDSKIPPER_PURE_CPIO_H
#define MUDSKIPPER_PURE_CPIO_H

#include <mudskipper/abi/error.h>
#include <mudskipper/abi/types.h>

#define CPIO_MODE_TYPE    0170000u
#define CPIO_MODE_FILE    0100000u
#define CPIO_MODE_FOLDER  0040000u
#define CPIO_MODE_SYMLINK 0120000u

struct cpio_entry {
    const char *name;    /* in the archive, NUL-terminated, as it stands there; NULL: no more entries */
    uint64_t name_bytes; /* without the NUL */
    const uint8_t *data; /* in the archive; 4-byte aligned relative to the archive's first byte */
    uint64_t bytes;      /* of data */
    uint64_t offset;     /* of the entry's header in the archive */
    uint32_t mode;       /* type and permissions, as in Unix */
    uint32_t mtime;      /* seconds since 1970 */
};

/* The entry at *position, which starts at 0 and is moved on; the reader knows what it means. After the last
 * archive: OK with entry->name NULL. On failure *position stays. CPIO_TRUNCATED   the entry reaches beyond
 * the end CPIO_MAGIC       no header where one must be CPIO_FIELD       a digit that is none (detail: offset
 * of the number) CPIO_NAME        empty, without NUL at its end, or with one inside CPIO_NO_TRAILER  the
 * archive ends where an entry or the trailer must be Detail: offset of the entry, where not said otherwise.
 */
err_t cpio_next(const void *archive, uint64_t size, uint64_t *position, struct cpio_entry *entry) MUST_USE;

/* The regular file `name`: leading "/" and "./" do not count, here and in the archive. Of several the last
 * one, so that an archive appended to another overrides it. Reads the whole archive: its errors, or
 * CPIO_NOT_FOUND. */
err_t cpio_find(const void *archive, uint64_t size, const char *name, struct cpio_entry *entry) MUST_USE;

/* Reads everything once; *entries, when not NULL, is the number of entries of all kinds. */
err_t cpio_check(const void *archive, uint64_t size, uint64_t *entries) MUST_USE;

/* A name without what says that it begins at the root: / and ./ in front. */
const char *cpio_plain_name(const char *name);

/* True when both name the same file in an archive. */
bool cpio_same_name(const char *a, const char *b);

#endif
