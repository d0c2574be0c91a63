/* SPDX-License-Identifier: MIT */
/* From head.S to kernel_boot: the device tree decides everything. Runs at the kernel's addresses, MMU and
 * caches on, on the boot core's stack, no other core running. */
#include <libfdt.h>
#include <mudskipper/hal/cpu.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/pure/command_line.h>
#include <mudskipper/pure/error_text.h>
#include "../gic/gic.h"
#include "../kernel/core.h"
#include "../kernel/early_map.h"
#include "../kernel/image.h"
#include "../kernel/layout.h"
#include "../kernel/mmu.h"
#include "../kernel/pmu.h"
#include "../kernel/power.h"
#include "../kernel/psci.h"
#include "../kernel/sysreg.h"
#include "../kernel/timer.h"
#include "boot.h"
#include "console.h"
#include "heap.h"
#include "watchdogs.h"

#define FAILED_STATUS  134u
#define MPIDR_AFFINITY UINT64_C(0xff00ffffff)
#define BLOCK_BYTES    (UINT64_C(2) << 20)

static _Noreturn void fail(err_t e)
{
    char text[200];

    err_print(text, sizeof(text), err_push(e, ERR_WHILE_BOOT));
    console_print("mudskipper: %s\n", text);
    hal_power_off(FAILED_STATUS);
}

static void must(err_t e)
{
    if (!err_ok(e)) {
        fail(e);
    }
}

static err_t no_memory_unless(bool ok)
{
    return ok ? OK : err_make(ERR_NO_MEMORY, 0);
}

static uintptr_t map_device(paddr_t address, uint64_t bytes)
{
    uintptr_t base = mmu_map_device(address, bytes);

    must(no_memory_unless(base != 0));
    return base;
}

/* ---- What the tree says, in the order in which it is needed to report on the rest. ---- */

static err_t set_up_power(const void *fdt)
{
    enum dt_psci method;
    err_t e = dt_psci(fdt, &method);

    power_init(dt_command_line(fdt));
    if (err_ok(e)) {
        psci_init(method == DT_PSCI_HVC ? PSCI_HVC : PSCI_SMC);
    }
    return e;
}

/* A console and a way to end come first, so that the rest can be reported, and the report be seen. Returns
 * the console's node. */
static int check_tree(const void *fdt, uint64_t room)
{
    err_t power, console;
    int node;

    must(early_tree_found ? dt_check_header(fdt, room) : err_make(ERR_DT_MISSING, 0));
    console_earlycon(fdt);
    power = set_up_power(fdt);
    must(dt_check_all(fdt));
    console = console_from_tree(fdt, &node);
    must(power);
    if (!console_is_there()) {
        fail(console);
    }
    console_stage('E');
    return node;
}

static void claim_memory(struct ram *ram, const void *fdt, paddr_t tree)
{
    paddr_t image = hal_v2p(image_start), start, end;

    *ram = (struct ram){.fdt = fdt, .limit = KERNEL_RAM_LIMIT};
    ram->own[RAM_OWN_IMAGE] = (struct ram_range){image, (uint64_t)(image_end - image_start), RAM_KERNEL};
    ram->own[RAM_OWN_TREE] = (struct ram_range){tree, fdt_totalsize(fdt), RAM_RESERVED};
    if (dt_archive(fdt, &start, &end)) {
        ram->own[RAM_OWN_ARCHIVE] = (struct ram_range){start, end - start, RAM_ARCHIVE};
    }
}

/* The heap is where every table and structure of unknown size comes from; its own first piece fits the static
 * tables. */
static void make_heap(struct ram *ram, unsigned cpus)
{
    uint64_t bytes = BLOCK_BYTES + cpus * (CORE_BLOCK_BYTES + PAGE_SIZE) + fdt_totalsize(ram->fdt);
    struct ram_range *own = &ram->own[RAM_OWN_HEAP];

    bytes = (bytes + BLOCK_BYTES - 1) & ~(BLOCK_BYTES - 1);
    if (!ram_find(ram, bytes, BLOCK_BYTES, &own->base)) {
        fail(err_make(ERR_DT_NO_MEMORY, 0));
    }
    own->bytes = bytes;
    own->kind = RAM_KERNEL;
    must(no_memory_unless(heap_init(own->base, bytes)));
}

/* Cache rule C9: ram_next leaves out what must not be mapped. */
static void map_memory(const struct ram *ram)
{
    struct ram_range piece;
    paddr_t at = 0;

    while (ram_next(ram, &at, true, &piece)) {
        must(no_memory_unless(mmu_map(KERNEL_DIRECT_MAP + piece.base, piece.base, piece.bytes,
                                      CAP_READ | CAP_WRITE, PT_MEMORY_NORMAL)));
    }
}

static void set_up_timer(const void *fdt, const struct dt_gic *gic_node, struct dt_timer *timer)
{
    must(dt_timer(fdt, gic_node->node, timer));
    if (timer->frequency == 0) {
        timer->frequency = sysreg_read(cntfrq_el0);
    }
    if (timer->frequency == 0) {
        fail(err_make(ERR_DT_NO_TIMER, 0));
    }
    timer_init(timer->frequency, timer->line);
}

static void set_up_gicv3(const void *fdt, const struct dt_gic *node, uintptr_t distributor,
                         uint32_t timer_line)
{
    struct gic_region *regions = heap_take(node->regions * sizeof(*regions));

    must(no_memory_unless(regions != NULL));
    for (unsigned i = 0; i < node->regions; i++) {
        paddr_t address;

        if (!dt_registers(fdt, node->node, 1 + i, &address, &regions[i].bytes)) {
            fail(err_make(ERR_DT_NO_GIC, 0));
        }
        regions[i].base = map_device(address, regions[i].bytes);
    }
    gicv3_init(distributor, regions, node->regions, node->stride, timer_line);
}

static void set_up_gic(const void *fdt, const struct dt_gic *node, uint32_t timer_line)
{
    paddr_t address;
    uint64_t bytes;
    uintptr_t distributor;

    if (!dt_registers(fdt, node->node, 0, &address, &bytes)) {
        fail(err_make(ERR_DT_NO_GIC, 0));
    }
    distributor = map_device(address, bytes);
    if (node->version == 3) {
        set_up_gicv3(fdt, node, distributor, timer_line);
        return;
    }
    if (!dt_registers(fdt, node->node, 1, &address, &bytes)) {
        fail(err_make(ERR_DT_NO_GIC, 0));
    }
    gicv2_init(distributor, map_device(address, bytes), timer_line);
}

static void set_up_edges(const void *fdt, int gic_node)
{
    struct dt_place place = dt_start();
    struct dt_interrupt interrupt;

    while (dt_next(fdt, &place)) {
        for (unsigned i = 0;
             dt_enabled(fdt, place.node) && dt_interrupt_at(fdt, &place, i, gic_node, &interrupt); i++) {
            if (interrupt.edge && !interrupt.private) {
                gic_set_edge(interrupt.line);
            }
        }
    }
}

/* ---- Cores ---- */

static unsigned count_cpus(const void *fdt)
{
    uint64_t affinity;
    unsigned count = 0;

    for (int node = dt_cpu(fdt, -1, &affinity); node >= 0; node = dt_cpu(fdt, node, &affinity)) {
        count++;
    }
    return count;
}

/* Firmware knows better than the tree: a tree for four cores also serves the chip that has two. */
static bool can_start(const void *fdt, int node, uint64_t affinity)
{
    return dt_cpu_has_psci(fdt, node) &&
           psci_call(PSCI_AFFINITY_INFO, affinity, 0, 0) != PSCI_INVALID_PARAMETERS;
}

static struct aarch64_core *make_core(uint64_t affinity)
{
    uint8_t *block = heap_take_pages(CORE_BLOCK_BYTES);
    struct aarch64_core *core = heap_take(sizeof(*core));

    must(no_memory_unless(block != NULL && core != NULL));
    aarch64_core_init(core, aarch64_core_count, affinity, block);
    mmu_unmap_page((vaddr_t)block);
    mmu_unmap_page((vaddr_t)block + CORE_STACK_GUARD);
    return core;
}

static void make_cores(const void *fdt, unsigned cpus)
{
    uint64_t own = sysreg_read(mpidr_el1) & MPIDR_AFFINITY, affinity;

    aarch64_cores = heap_take((cpus + 1) * sizeof(struct aarch64_core *));
    must(no_memory_unless(aarch64_cores != NULL));
    aarch64_core_init(&aarch64_boot_core, 0, own, aarch64_boot_block);
    mmu_unmap_page((vaddr_t)aarch64_boot_block);
    mmu_unmap_page((vaddr_t)aarch64_boot_block + CORE_STACK_GUARD);
    aarch64_cores[aarch64_core_count++] = &aarch64_boot_core;
    for (int node = dt_cpu(fdt, -1, &affinity); node >= 0; node = dt_cpu(fdt, node, &affinity)) {
        if (affinity != own && can_start(fdt, node, affinity)) {
            aarch64_cores[aarch64_core_count] = make_core(affinity);
            aarch64_core_count++;
        }
    }
}

/* ---- The boot information ---- */

static bool overlap(const struct ram_range *a, const struct ram_range *b)
{
    return a->base < b->base + b->bytes && b->base < a->base + a->bytes;
}

/* Why the archive that the boot loader named cannot be used; NULL: it can. */
static const char *archive_trouble(const struct ram *ram)
{
    const struct ram_range *archive = &ram->own[RAM_OWN_ARCHIVE];

    if (overlap(archive, &ram->own[RAM_OWN_IMAGE])) {
        return "lies over the kernel";
    }
    if (overlap(archive, &ram->own[RAM_OWN_TREE])) {
        return "lies over the device tree";
    }
    return ram_is(ram, archive->base, archive->bytes, RAM_ARCHIVE) ? NULL : "lies outside memory";
}

static const struct boot_info *make_info(struct ram *ram, int gic_node, int console)
{
    const struct ram_range *archive = &ram->own[RAM_OWN_ARCHIVE];
    struct info_source source = {
        .ram = ram, .gic = gic_node, .console = console, .cores = aarch64_core_count};
    const char *trouble;
    struct boot_info *info;
    size_t room;

    trouble = archive->bytes > 0 ? archive_trouble(ram) : NULL;
    if (trouble != NULL) {
        console_print("mudskipper: the boot archive at 0x%lx (0x%lx bytes) %s: ignored\n", archive->base,
                      archive->bytes, trouble);
    } else {
        source.archive = archive->base;
        source.archive_bytes = archive->bytes;
    }
    /* Giving the heap's rest back may add one piece of memory; two make sure. */
    room = info_make(&source, NULL, 0) + 2 * sizeof(struct boot_memory_range);
    info = heap_take_pages(room);
    must(no_memory_unless(info != NULL));
    ram->own[RAM_OWN_HEAP].bytes = heap_close();
    info_make(&source, info, room);
    return info;
}

void boot_main(paddr_t tree)
{
    const void *fdt = (const void *)(KERNEL_TREE + (tree & (BLOCK_BYTES - 1)));
    struct ram ram;
    struct dt_gic gic_node;
    struct dt_timer timer;
    const struct boot_info *info;
    unsigned cpus;
    int console;

    mmu_grow(heap_page);
    console_early();
    console_stage('D');
    console = check_tree(fdt, EARLY_TREE_BYTES);
    claim_memory(&ram, fdt, tree);
    cpus = count_cpus(fdt);
    make_heap(&ram, cpus);
    map_memory(&ram);
    console_stage('F');
    must(dt_gic(fdt, &gic_node));
    set_up_timer(fdt, &gic_node, &timer);
    make_cores(fdt, cpus);
    set_up_gic(fdt, &gic_node, timer.line);
    set_up_edges(fdt, gic_node.node);
    pmu_allow_programs(command_line_has(dt_command_line(fdt), "pmu"));
    if (!aarch64_core_setup(&aarch64_boot_core)) {
        fail(err_make(ERR_DT_NO_GIC, 0));
    }
    must(no_memory_unless(watchdogs_serve(fdt)));
    console_stage('G');
    console_stage('\n');
    info = make_info(&ram, gic_node.node, console);
    mmu_drop_tree();
    aarch64_run(kernel_boot(info));
}
