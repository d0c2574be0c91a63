/* SPDX-License-Identifier: MIT */
/* Makes the boot information (abi/boot_info.h) from the device tree. Pure. */
#ifndef AARCH64_BOOT_INFO_H
#define AARCH64_BOOT_INFO_H

#include <mudskipper/abi/boot_info.h>
#include "dt.h"
#include "ram.h"

struct info_source {
    const struct ram *ram;
    int gic;     /* node */
    int console; /* node, or -1 */
    uint32_t cores;
    paddr_t archive;
    uint64_t archive_bytes;
};

/* Writes at most `room` bytes to `to`, which is 8-byte aligned; returns the bytes the whole needs: all is
 * there when the result is <= room. With room 0 it only measures. */
size_t info_make(const struct info_source *source, void *to, size_t room);

#endif
