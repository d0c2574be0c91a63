/* SPDX-License-Identifier: MIT */
/* What the kernel finds when it starts: the blob of abi/boot_info.h and the boot archive, both in RAM.
 *
 *   SIM_RAM_BASE  | boot info, whole pages | archive, whole pages | free ...
 *
 * Files of the command line (--with, -c, --script) form a second cpio archive behind the first. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <mudskipper/arch/hostcon.h>
#include "sim.h"

/* A growing piece of host memory. */
struct blob {
    uint8_t *bytes;
    size_t size;
    size_t room;
};

static bool blob_add(struct blob *b, const void *bytes, size_t count)
{
    if (b->room - b->size < count) {
        size_t room = (b->size + count) * 2;
        uint8_t *grown = realloc(b->bytes, room);

        if (grown == NULL) {
            sim_complain("out of host memory");
            return false;
        }
        b->bytes = grown;
        b->room = room;
    }
    if (count > 0) {
        memcpy(b->bytes + b->size, bytes, count);
    }
    b->size += count;
    return true;
}

static bool blob_pad(struct blob *b, size_t alignment)
{
    static const uint8_t zeros[512];

    return blob_add(b, zeros, (alignment - b->size % alignment) % alignment);
}

static bool blob_read(struct blob *b, int fd)
{
    uint8_t chunk[65536];
    ssize_t count;

    while ((count = read(fd, chunk, sizeof(chunk))) != 0) {
        if (count < 0 && errno != EINTR) {
            return false;
        }
        if (count > 0 && !blob_add(b, chunk, (size_t)count)) {
            return false;
        }
    }
    return true;
}

static bool blob_read_file(struct blob *b, const char *name)
{
    int fd = strcmp(name, "-") == 0 ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && blob_read(b, fd);

    if (!good) {
        sim_complain("cannot read %s: %s", name, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return good;
}

/* One entry of a cpio newc archive. */
static bool cpio_add(struct blob *b, const char *name, const void *data, size_t bytes)
{
    char header[111];
    size_t name_bytes = strlen(name) + 1;

    snprintf(header, sizeof(header), "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 0u,
             0100644u, 0u, 0u, 1u, 0u, (unsigned)bytes, 0u, 0u, 0u, 0u, (unsigned)name_bytes, 0u);
    return blob_add(b, header, 110) && blob_add(b, name, name_bytes) && blob_pad(b, 4) &&
           blob_add(b, data, bytes) && blob_pad(b, 4);
}

static bool add_extra(struct blob *b, const struct sim_extra *extra)
{
    struct blob content = {0};
    bool good = extra->file != NULL
                    ? blob_read_file(&content, extra->file)
                    : blob_add(&content, extra->text, strlen(extra->text)) && blob_add(&content, "\n", 1);

    if (good && content.size > UINT32_MAX) {
        sim_complain("%s is larger than an archive can hold, 4 GiB", extra->file);
        good = false;
    }
    good = good && cpio_add(b, extra->name, content.bytes, content.size);
    free(content.bytes);
    return good;
}

static bool read_archive(struct blob *b, const struct sim_options *o)
{
    bool good = (o->archive_optional && access(o->archive, F_OK) != 0) || blob_read_file(b, o->archive);

    if (good && o->extras_count > 0) {
        good = blob_pad(b, 512);
        for (size_t i = 0; i < o->extras_count && good; i++) {
            good = add_extra(b, &o->extras[i]);
        }
        good = good && cpio_add(b, "TRAILER!!!", NULL, 0) && blob_pad(b, 512);
    }
    return good;
}

/* Puts something into the blob of boot info; its offset, 0 when there is no memory. */
static uint32_t put(struct blob *b, const void *bytes, size_t count)
{
    uint32_t offset;

    if (!blob_pad(b, 8)) {
        return 0;
    }
    offset = (uint32_t)b->size;
    return blob_add(b, bytes, count) ? offset : 0;
}

static uint64_t pages(uint64_t bytes)
{
    return (bytes + PAGE_MASK) & ~PAGE_MASK;
}

static uint32_t put_memory(struct blob *b, struct boot_info *info, uint64_t info_bytes,
                           uint64_t archive_bytes)
{
    paddr_t archive = SIM_RAM_BASE + info_bytes;
    paddr_t rest = archive + pages(archive_bytes);
    struct boot_memory_range ranges[3] = {
        {SIM_RAM_BASE, info_bytes, BOOT_MEMORY_KERNEL, 0},
        {archive, pages(archive_bytes), BOOT_MEMORY_ARCHIVE, 0},
        {rest, SIM_RAM_BASE + sim_ram_bytes() - rest, BOOT_MEMORY_FREE, 0},
    };

    if (archive_bytes == 0) {
        ranges[1] = ranges[2];
    } else {
        info->archive = archive;
        info->archive_bytes = archive_bytes;
    }
    info->memory_count = archive_bytes == 0 ? 2 : 3;
    return put(b, ranges, info->memory_count * sizeof(ranges[0]));
}

static uint32_t put_devices(struct blob *b, struct boot_info *info)
{
    struct boot_device console = {
        .irq = SIM_HOSTCON_LINE, .registers = SIM_DEVICE_BASE, .bytes = PAGE_SIZE, .console = 1};

    console.compatible = put(b, HOSTCON_COMPATIBLE "\0", sizeof(HOSTCON_COMPATIBLE "\0"));
    info->device_count = 1;
    return put(b, &console, sizeof(console));
}

static bool describe(struct blob *b, const struct sim_options *o, uint64_t info_bytes, uint64_t archive_bytes)
{
    static const char world[] = "hostsim";
    struct boot_info info = {.magic = BOOT_INFO_MAGIC, .version = BOOT_INFO_VERSION, .cores = o->cores};

    put(b, &info, sizeof(info)); /* its place, at offset 0 */
    info.memory = put_memory(b, &info, info_bytes, archive_bytes);
    info.devices = put_devices(b, &info);
    info.command_line = put(b, o->command_line, strlen(o->command_line) + 1);
    info.world = put(b, world, sizeof(world));
    if (info.memory == 0 || info.devices == 0 || info.command_line == 0 || info.world == 0) {
        return false;
    }
    info.bytes = (uint32_t)b->size;
    memcpy(b->bytes, &info, sizeof(info));
    return true;
}

static bool place(const struct blob *info, uint64_t info_bytes, const struct blob *archive)
{
    uint64_t needed = info_bytes + pages(archive->size) + (1u << 20);

    if (needed > sim_ram_bytes()) {
        sim_complain("the boot archive needs %lu MiB, the machine has %lu MiB: give it more with --mem",
                     (unsigned long)(needed >> 20), (unsigned long)(sim_ram_bytes() >> 20));
        return false;
    }
    sim.info = hal_p2v(SIM_RAM_BASE);
    memcpy(sim.info, info->bytes, info->size);
    if (archive->size > 0) {
        memcpy(hal_p2v(SIM_RAM_BASE + info_bytes), archive->bytes, archive->size);
    }
    return true;
}

bool sim_boot_info_create(void)
{
    const struct sim_options *o = sim.options;
    struct blob archive = {0}, info = {0};
    uint64_t info_bytes = pages(strlen(o->command_line) + 1024);
    bool good = read_archive(&archive, o) && describe(&info, o, info_bytes, archive.size) &&
                place(&info, info_bytes, &archive);

    free(archive.bytes);
    free(info.bytes);
    return good;
}
