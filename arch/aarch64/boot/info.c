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
static bool is_device(const struct info_source *source, const struct dt_place *place,
                      struct boot_device *device)
{
    const void *fdt = source->ram->fdt;
    int node = place->node;
    struct dt_interrupt interrupt;

    if (node == source->gic || dt_string(fdt, node, "compatible") == NULL || !dt_enabled(fdt, node) ||
        fdt_getprop(fdt, node, "device_type", NULL) != NULL ||
        !dt_registers_at(fdt, place, 0, &device->registers, &device->bytes) || device->bytes == 0) {
        return false;
    }
    device->irq = dt_interrupt_at(fdt, place, 0, source->gic, &interrupt) && !interrupt.private
                      ? interrupt.line
                      : BOOT_NO_IRQ;
    device->console = node == source->console;
    device->reserved = 0;
    return device->irq != BOOT_NO_IRQ || device->console;
}

/* The node's names and the empty one behind them; those behind one that is none are left out. */
static void put_names(struct blob *b, const void *fdt, int node)
{
    const char *name;
    int length;

    for (int i = 0; (name = fdt_stringlist_get(fdt, node, "compatible", i, &length)) != NULL && length > 0;
         i++) {
        put_string(b, name);
    }
    put_string(b, "");
}

static bool has_names_of(const void *fdt, int node, int other)
{
    int bytes, other_bytes;
    const void *names = fdt_getprop(fdt, node, "compatible", &bytes);
    const void *other_names = other < 0 ? NULL : fdt_getprop(fdt, other, "compatible", &other_bytes);

    return other_names != NULL && bytes == other_bytes && mem_equal(names, other_names, (size_t)bytes);
}

static bool next_device(const struct info_source *source, struct dt_place *place, struct boot_device *device)
{
    while (dt_next(source->ram->fdt, place)) {
        if (is_device(source, place, device)) {
            return true;
        }
    }
    return false;
}

/* Of all devices, one behind the other; neighbours of one kind share theirs. */
static void put_all_names(struct blob *b, const struct info_source *source)
{
    const void *fdt = source->ram->fdt;
    struct dt_place place = dt_start();
    struct boot_device device;
    int last = -1;

    for (; next_device(source, &place, &device); last = place.node) {
        if (!has_names_of(fdt, place.node, last)) {
            put_names(b, fdt, place.node);
        }
    }
}

/* The names stand at `first`; they are counted once more as put_all_names wrote them. */
static void put_devices(struct blob *b, struct boot_info *info, const struct info_source *source,
                        size_t first)
{
    const void *fdt = source->ram->fdt;
    struct blob names = {NULL, 0, first};
    struct dt_place place = dt_start();
    struct boot_device device;
    int last = -1;

    b->used = (b->used + 7) & ~(size_t)7;
    info->devices = (uint32_t)b->used;
    for (; next_device(source, &place, &device); last = place.node) {
        if (!has_names_of(fdt, place.node, last)) {
            first = names.used;
            put_names(&names, fdt, place.node);
        }
        device.compatible = (uint32_t)first;
        put(b, &device, sizeof(device));
        info->device_count++;
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
    size_t names;

    put_memory(&b, &info, source->ram);
    info.command_line = put_string(&b, dt_command_line(fdt));
    info.world = put_string(&b, world != NULL ? world : "unknown");
    names = b.used;
    put_all_names(&b, source);
    put_devices(&b, &info, source, names);
    info.bytes = (uint32_t)b.used;
    b.used = 0;
    put(&b, &info, sizeof(info));
    return info.bytes;
}
