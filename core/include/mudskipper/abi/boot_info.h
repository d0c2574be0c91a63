/* SPDX-License-Identifier: MIT */
/* What the port tells the kernel about the machine, and the kernel the core servers: one relocatable blob,
 * read-only, tables found by offsets from its first byte. No table has a fixed length. */
#ifndef MUDSKIPPER_ABI_BOOT_INFO_H
#define MUDSKIPPER_ABI_BOOT_INFO_H

#include <mudskipper/abi/types.h>

#define BOOT_INFO_MAGIC   0x544f4f424b53554dull
#define BOOT_INFO_VERSION 1u

enum boot_memory_kind {
    BOOT_MEMORY_FREE = 0,     /* RAM for everybody */
    BOOT_MEMORY_KERNEL = 1,   /* the kernel's image and its static data */
    BOOT_MEMORY_ARCHIVE = 2,  /* the boot archive */
    BOOT_MEMORY_RESERVED = 3, /* RAM somebody else needs: firmware, device tree */
};

struct boot_memory_range {
    paddr_t base;
    uint64_t bytes;
    uint32_t kind; /* enum boot_memory_kind */
    uint32_t reserved;
};

struct boot_device {
    uint32_t compatible; /* offset of its names as in the device tree, "fsl,imx8mp-uart" "fsl,imx6q-uart" "":
                          * the one that says most comes first, an empty one ends them */
    uint32_t irq;        /* first interrupt line, or BOOT_NO_IRQ */
    paddr_t registers;
    uint64_t bytes;
    uint32_t console; /* non-zero: the machine's console */
    uint32_t reserved;
};

#define BOOT_NO_IRQ UINT32_MAX

struct boot_info {
    uint64_t magic;
    uint32_t version;
    uint32_t bytes; /* of the whole blob */
    uint32_t cores; /* core ids are 0 .. cores-1; core 0 boots */
    uint32_t memory_count;
    uint32_t memory; /* offset of memory_count struct boot_memory_range, ascending, disjoint */
    uint32_t device_count;
    uint32_t devices;      /* offset of device_count struct boot_device */
    uint32_t command_line; /* offset of a NUL-terminated string */
    uint32_t world;        /* offset of a NUL-terminated string for people: "hostsim", "linux,dummy-virt" */
    uint32_t reserved;
    paddr_t archive; /* cpio newc, possibly several one after another */
    uint64_t archive_bytes;
};

/* The Frame of SLOT_PEERS, shared by the core servers of all cores and owned by the boot core: one page for
 * each ordered pair of cores, zero at first. Page from -> to is written by core `from` and read by core `to`
 * as msg/ump.h says, and in its last line its beat (services/init/peers.h); those on the diagonal are not
 * used.
 *
 *    page   0     1         cores-1  cores
 *         +-----+-----+ ... +-----+-----+ ...
 *         | 0>0 | 0>1 |     | 0>n | 1>0 |
 *         +-----+-----+ ... +-----+-----+ ... */
#define BOOT_PEERS_PAGE(cores, from, to) ((uint64_t)(from) * (cores) + (to))

#endif
