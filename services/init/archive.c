/* SPDX-License-Identifier: MIT */
#include "archive.h"
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/cpio.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/vspace/self.h>

/* Maps a whole Frame of the boot set. What it holds need not begin at a page: the first word found says
 * where. */
static err_t map_frame(cptr_t frame, void **at, uint64_t *bytes)
{
    struct cap_identity identity;
    err_t e = cap_identify(frame, &identity);

    if (err_ok(e)) {
        e = self_map(frame, 0, identity.bytes, CAP_READ, at);
        *bytes = identity.bytes;
    }
    return e;
}

/* The boot information lies somewhere in its first page. */
static const struct boot_info *find_info(const char *page, uint64_t bytes)
{
    for (uint64_t at = 0; at + sizeof(struct boot_info) <= bytes && at < PAGE_SIZE; at += 8) {
        const struct boot_info *info = (const void *)(page + at);

        if (info->magic == BOOT_INFO_MAGIC && info->version == BOOT_INFO_VERSION) {
            return info;
        }
    }
    return NULL;
}

err_t archive_open(struct archive *archive)
{
    void *page;
    void *pages;
    uint64_t bytes;
    err_t e = map_frame(SLOT_BOOT_INFO, &page, &bytes);

    if (!err_ok(e)) {
        return e;
    }
    archive->info = find_info(page, bytes);
    if (archive->info == NULL) {
        return err_make(ERR_ABI_VERSION, BOOT_INFO_VERSION);
    }
    e = map_frame(SLOT_ARCHIVE, &pages, &bytes);
    if (err_ok(e)) {
        archive->bytes = (const char *)pages + (archive->info->archive & PAGE_MASK);
        archive->size = archive->info->archive_bytes;
        e = cpio_check(archive->bytes, archive->size, NULL);
    }
    return e;
}

err_t archive_file(const struct archive *archive, const char *path, const void **bytes, size_t *size)
{
    struct cpio_entry entry;
    err_t e = cpio_find(archive->bytes, archive->size, path, &entry);

    if (err_ok(e)) {
        *bytes = entry.data;
        *size = entry.bytes;
    }
    return e;
}

err_t archive_program(const struct archive *archive, const char *name, const void **bytes, size_t *size)
{
    char path[128];

    if (format_to(path, sizeof(path), "bin/%s", name) >= sizeof(path)) {
        return err_make(ERR_CPIO_NOT_FOUND, 0);
    }
    return archive_file(archive, path, bytes, size);
}

err_t archive_next(const struct archive *archive, uint64_t *position, struct cpio_entry *entry)
{
    for (;;) {
        struct cpio_entry found;
        err_t e = cpio_next(archive->bytes, archive->size, position, entry);

        if (!err_ok(e) || entry->name == NULL) {
            return e;
        }
        if ((entry->mode & CPIO_MODE_TYPE) != CPIO_MODE_FILE) {
            continue;
        }
        e = cpio_find(archive->bytes, archive->size, entry->name, &found);
        if (!err_ok(e) || found.offset == entry->offset) {
            return e;
        }
    }
}
