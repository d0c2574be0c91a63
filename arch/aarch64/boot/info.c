/* SPDX-License-Identifier: MIT */
#include "info.h"
#include <libfdt.h>

/* A blob that grows; what does not fit is only counted. */
struct blob {
    uint8_t *bytes;
    size_t room;
    size_t used;
};

static size_t put(struct blob *b, const void *from, size_t count)
{
    size_t at = b->used;

    if (count <= b->room && at <= b->room - count) {
        mem_copy(b->bytes + at, from, count);
    }
    b->used += count;
    return at;
}

static uint32_t put_string(struct blob *b, const char *s)
{
    return (uint32_t)put(b, s, str_length(s) + 1);
}

static void put_memory(struct blob *b, struct boot_info *info, const struct ram *ram)
{
    static const uint32_t kinds[] = {
        [RAM_FREE] = BOOT_MEMORY_FREE,
        [RAM_RESERVED] = BOOT_MEMORY_RESERVED,
        [RAM_ARCHIVE] = BOOT_MEMORY_ARCHIVE,
        [RAM_KERNEL] = BOOT_MEMORY_KERNEL,
    };
    struct ram_range piece;
    paddr_t at = 0;

    info->memory = (uint32_t)b->used;
    while (ram_next(ram, &at, false, &piece)) {
        struct boot_memory_range range = {piece.base, piece.bytes, kinds[piece.kind], 0};

        put(b, &range, sizeof(range));
        info->memory_count++;
    }
}

/* What a driver outside the kernel may want: it has registers and a name, and is no part of the processor
 * side that the kernel drives itself. */
static bool is_device(const struct info_source *source, int node, struct boot_device *device,
                      const char **name)
{
    const void *fdt = source->ram->fdt;
    struct dt_interrupt interrupt;

    *name = dt_string(fdt, node, "compatible");
    if (node == source->gic || *name == NULL || !dt_enabled(fdt, node) ||
        fdt_getprop(fdt, node, "device_type", NULL) != NULL ||
        !dt_registers(fdt, node, 0, &device->registers, &device->bytes) || device->bytes == 0) {
        return false;
    }
    device->irq = dt_interrupt(fdt, node, 0, source->gic, &interrupt) && !interrupt.private ? interrupt.line
                                                                                            : BOOT_NO_IRQ;
    device->console = node == source->console;
    device->reserved = 0;
    return device->irq != BOOT_NO_IRQ || device->console;
}

/* The table first, then the names, each node's own. Names stand before the table so that both passes are one
 * loop each. */
static void put_devices(struct blob *b, struct boot_info *info, const struct info_source *source)
{
    const void *fdt = source->ram->fdt;
    struct boot_device device;
    const char *name, *last = "";
    uint32_t names = 0, next = 0;

    for (int pass = 0; pass < 2; pass++) {
        if (pass == 0) {
            names = (uint32_t)b->used;
        } else {
            b->used = (b->used + 7) & ~(size_t)7;
            info->devices = (uint32_t)b->used;
        }
        next = names;
        last = "";
        for (int node = fdt_next_node(fdt, -1, NULL); node >= 0; node = fdt_next_node(fdt, node, NULL)) {
            if (!is_device(source, node, &device, &name)) {
                continue;
            }
            if (!str_equal(name, last)) { /* runs of the same device share the name */
                device.compatible = next;
                next += (uint32_t)str_length(name) + 1;
                if (pass == 0) {
                    put_string(b, name);
                }
            }
            last = name;
            if (pass == 1) {
                put(b, &device, sizeof(device));
                info->device_count++;
            }
        }
    }
}

size_t info_make(const struct info_source *source, void *to, size_t room)
{
    const void *fdt = source->ram->fdt;
    const char *world = dt_string(fdt, 0, "compatible");
    struct boot_info info = {
        .magic = BOOT_INFO_MAGIC,
        .version = BOOT_INFO_VERSION,
        .cores = source->cores,
        .archive = source->archive,
        .archive_bytes = source->archive_bytes,
    };
    struct blob b = {to, room, sizeof(info)};

    put_memory(&b, &info, source->ram);
    info.command_line = put_string(&b, dt_command_line(fdt));
    info.world = put_string(&b, world != NULL ? world : "unknown");
    put_devices(&b, &info, source);
    info.bytes = (uint32_t)b.used;
    b.used = 0;
    put(&b, &info, sizeof(info));
    return info.bytes;
}
