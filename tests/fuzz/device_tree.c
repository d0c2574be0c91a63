/* SPDX-License-Identifier: MIT */
/* Device trees, as the aarch64 port reads them at boot, with the host's libfdt: a tree that was let through
 * is safe for every question, the memory found is whole pages in order, and the boot information is whole. */
#include <stdlib.h>
#include <libfdt.h>
#include <mudskipper/abi/boot_info.h>
#include "../../arch/aarch64/boot/dt.h"
#include "../../arch/aarch64/boot/info.h"
#include "../../arch/aarch64/boot/ram.h"
#include "fuzz.h"

#define LIMIT      ((paddr_t)1 << 40)
#define PIECES_MAX 200u /* each is found by looking at the whole tree */

enum { NOTHING_MISSING = 1000, NO_MEMORY };

const struct fuzz_outcome fuzz_outcomes[] = {
    FUZZ_ERROR(OK),
    FUZZ_ERROR(DT_MISSING),
    FUZZ_ERROR(DT_NO_GIC),
    FUZZ_ERROR(DT_MALFORMED),
    FUZZ_ERROR(DT_NO_PSCI),
    FUZZ_ERROR(DT_NO_TIMER),
    {NOTHING_MISSING, "nothing is missing"},
    {NO_MEMORY, "no memory"},
    {0, NULL},
};

static void check_registers(const void *fdt, int node)
{
    paddr_t address;
    uint64_t bytes;

    for (unsigned i = 0; dt_registers(fdt, node, i, &address, &bytes); i++) {
        FUZZ_MUST(bytes <= UINT64_MAX - address);
    }
}

static void check_interrupts(const void *fdt, int node, int gic)
{
    struct dt_interrupt interrupt;

    for (unsigned i = 0; dt_interrupt(fdt, node, i, gic, &interrupt); i++) {
        FUZZ_MUST(interrupt.private ? interrupt.line >= 16 && interrupt.line < 32
                                    : interrupt.line >= 32 && interrupt.line < 1020);
    }
}

static void check_nodes(const void *fdt, int gic)
{
    for (int node = fdt_next_node(fdt, -1, NULL); node >= 0; node = fdt_next_node(fdt, node, NULL)) {
        (void)dt_enabled(fdt, node);
        check_registers(fdt, node);
        check_interrupts(fdt, node, gic);
    }
}

static void check_cpus(const void *fdt)
{
    uint64_t affinity;
    int before = -1;

    for (int node = dt_cpu(fdt, -1, &affinity); node >= 0; node = dt_cpu(fdt, node, &affinity)) {
        FUZZ_MUST(node > before);
        (void)dt_cpu_has_psci(fdt, node);
        before = node;
    }
}

/* Pieces in order; how many. */
static unsigned check_ram(const struct ram *ram)
{
    struct ram_range piece;
    paddr_t at = 0, end = 0, place;
    unsigned count = 0;

    while (count < PIECES_MAX && ram_next(ram, &at, false, &piece)) {
        FUZZ_MUST(piece.bytes > 0 && piece.base % PAGE_SIZE == 0 && piece.bytes % PAGE_SIZE == 0);
        FUZZ_MUST(piece.base >= end && piece.bytes <= LIMIT - piece.base);
        FUZZ_MUST(piece.kind != RAM_NONE && piece.kind != RAM_NO_MAP);
        FUZZ_MUST(ram_is(ram, piece.base, piece.bytes, piece.kind));
        end = piece.base + piece.bytes;
        FUZZ_MUST(at == end);
        count++;
    }
    if (count < PIECES_MAX && ram_find(ram, 2 * PAGE_SIZE, 2 * PAGE_SIZE, &place)) {
        FUZZ_MUST(place % (2 * PAGE_SIZE) == 0 && ram_is(ram, place, 2 * PAGE_SIZE, RAM_FREE));
    }
    return count;
}

static void check_string(const struct boot_info *info, uint32_t offset)
{
    FUZZ_MUST(offset < info->bytes);
    FUZZ_MUST(str_length_max((const char *)info + offset, info->bytes - offset) < info->bytes - offset);
}

static void check_tables(const struct boot_info *info)
{
    const char *base = (const char *)info;
    const struct boot_device *devices = (const void *)(base + info->devices);

    FUZZ_MUST(info->memory % 8 == 0 && info->devices % 8 == 0);
    FUZZ_MUST(info->memory_count * sizeof(struct boot_memory_range) <= info->bytes - info->memory);
    FUZZ_MUST(info->device_count * sizeof(struct boot_device) <= info->bytes - info->devices);
    check_string(info, info->command_line);
    check_string(info, info->world);
    for (uint32_t i = 0; i < info->device_count; i++) {
        check_string(info, devices[i].compatible);
        FUZZ_MUST(devices[i].irq != BOOT_NO_IRQ || devices[i].console);
    }
}

static void check_info(const struct ram *ram, int gic)
{
    struct info_source source = {.ram = ram, .gic = gic, .console = dt_stdout(ram->fdt), .cores = 1};
    size_t bytes = info_make(&source, NULL, 0);
    struct boot_info *info = malloc(bytes);

    FUZZ_MUST(bytes >= sizeof(*info));
    FUZZ_MUST(info_make(&source, info, bytes) == bytes && info->bytes == bytes);
    check_tables(info);
    free(info);
}

static bool saw(err_t e)
{
    fuzz_saw_error(e);
    return err_ok(e);
}

/* In the order of boot.c. */
static void check_tree(const void *fdt)
{
    struct ram ram = {.fdt = fdt, .limit = LIMIT};
    struct dt_gic gic;
    struct dt_timer timer;
    enum dt_psci method;
    paddr_t start, end;
    bool whole = saw(dt_psci(fdt, &method));

    FUZZ_MUST(dt_command_line(fdt) != NULL);
    ram.own[RAM_OWN_TREE] = (struct ram_range){PAGE_SIZE, fdt_totalsize(fdt), RAM_RESERVED};
    if (dt_archive(fdt, &start, &end)) {
        FUZZ_MUST(start < end);
        ram.own[RAM_OWN_ARCHIVE] = (struct ram_range){start, end - start, RAM_ARCHIVE};
    }
    unsigned pieces = check_ram(&ram);
    whole = saw(dt_gic(fdt, &gic)) && whole;
    whole = saw(dt_timer(fdt, gic.node, &timer)) && whole;
    check_nodes(fdt, gic.node);
    check_cpus(fdt);
    if (pieces < PIECES_MAX) {
        check_info(&ram, gic.node);
    }
    if (pieces == 0 || whole) {
        fuzz_saw(pieces == 0 ? NO_MEMORY : NOTHING_MISSING);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    err_t e = dt_check_header(data, size);

    if (err_ok(e)) {
        e = dt_check_all(data);
    }
    fuzz_saw_error(e);
    if (err_ok(e)) {
        check_tree(data);
    }
    return 0;
}
