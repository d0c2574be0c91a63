/* SPDX-License-Identifier: MIT */
/* Address spaces. Each owns a window of host addresses (window.c) in which pieces of the memory file appear
 * and disappear. The window is the TLB, not the page table: the truth stands in the tables in RAM, and an
 * entry (one host mapping) may be missing at any time. So windows may simply be emptied when the host's limit
 * of mappings comes near, and a forgotten invalidation is a visible bug, as on hardware. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/pure/page_table.h>
#include "bridge.h"
#include "tools.h"

/* A miss fills the aligned block around it: neighbours are wanted soon, and each would cost two microseconds
 * of the host. */
#define REFILL_BLOCK ((uint64_t)64 << 10)

static uint32_t mappings_max; /* per core */

static uint64_t host_mapping_limit(void)
{
    uint64_t limit = 65530;
    FILE *f = fopen("/proc/sys/vm/max_map_count", "r");

    if (f != NULL) {
        unsigned long read;

        if (fscanf(f, "%lu", &read) == 1) {
            limit = read;
        }
        fclose(f);
    }
    return limit;
}

/* Of the host's mappings a quarter stays for everything else. An entry splits its surroundings: two mappings.
 */
bool sim_tlb_create(void)
{
    uint64_t share = host_mapping_limit() * 3 / 4 / 2 / sim.cores_count;

    mappings_max = share > UINT32_MAX ? UINT32_MAX : (uint32_t)share;
    return mappings_max >= 16;
}

/* Puts [va, va + bytes) back to "no entry". */
static void clear(vaddr_t va, uint64_t bytes)
{
    bridge_forget(sim_this_core);
    if (!sim_window_clear(va, bytes)) {
        kernel_panic("the host refuses to unmap 0x%lx bytes at 0x%lx: errno %d", (unsigned long)bytes,
                     (unsigned long)va, errno);
    }
}

static void empty(struct sim_core *core, struct hal_vspace *vs)
{
    if (vs->entries > 0) {
        clear(vs->base + vs->low, vs->high - vs->low);
        core->mappings -= vs->entries;
        vs->entries = 0;
    }
}

/* One more host mapping, of [first, end) in this window; the TLB of the core is emptied when it is full. */
static void count_entry(struct sim_core *core, struct hal_vspace *vs, uint64_t first, uint64_t end)
{
    if (core->mappings >= mappings_max) {
        for (struct hal_vspace *each = core->spaces; each != NULL; each = each->next) {
            empty(core, each);
        }
    }
    vs->low = vs->entries == 0 || first < vs->low ? first : vs->low;
    vs->high = vs->entries == 0 || end > vs->high ? end : vs->high;
    vs->entries++;
    core->mappings++;
}

static int protection(unsigned rights)
{
    return ((rights & CAP_READ) != 0 ? PROT_READ : 0) | ((rights & CAP_WRITE) != 0 ? PROT_WRITE : 0) |
           ((rights & CAP_EXECUTE) != 0 ? PROT_EXEC : 0);
}

/* A run of leaves becomes one host mapping. Nothing where the table leads outside of memory: a fault answers.
 */
static void enter(struct sim_core *core, struct hal_vspace *vs, const struct pt_walk *run)
{
    int wanted = protection(run->leaf.rights);
    uint64_t offset;

    if (run->found != PT_LEAF || run->leaf.kernel || wanted == 0 ||
        !sim_ram_offset(run->address, run->bytes, &offset)) {
        return;
    }
    count_entry(core, vs, run->offset, run->offset + run->bytes);
    if (mmap((void *)(vs->base + run->offset), run->bytes, wanted, MAP_SHARED | MAP_FIXED, sim_ram_fd(),
             (off_t)offset) == MAP_FAILED) {
        kernel_panic("the host refuses to map 0x%lx bytes at 0x%lx: errno %d", (unsigned long)run->bytes,
                     (unsigned long)(vs->base + run->offset), errno);
    }
}

static void *table_at(paddr_t table)
{
    uint64_t offset;

    return table >= SIM_RAM_BASE && sim_ram_offset(table, PAGE_SIZE, &offset) ? hal_p2v(table) : NULL;
}

/* Fills from the tables. Stops early rather than throw out what it has just put in. */
static void fill(struct sim_core *core, struct hal_vspace *vs, uint64_t first, uint64_t end)
{
    struct pt_cursor c = pt_cursor(vs->root, first, end, table_at);
    struct pt_walk run;

    for (uint32_t left = mappings_max / 4; left > 0 && pt_next_run(&c, &run); left--) {
        enter(core, vs, &run);
    }
}

/* The part of [va, va + bytes) that lies in the window, whole pages, relative to its base. */
static bool clip(const struct hal_vspace *vs, vaddr_t va, uint64_t bytes, uint64_t *first, uint64_t *end)
{
    vaddr_t last = va + bytes - 1;

    if (bytes == 0 || last < va || last < vs->base || va >= vs->base + vs->bytes) {
        return false;
    }
    *first = va > vs->base ? (va - vs->base) & ~PAGE_MASK : 0;
    *end = (last - vs->base) | PAGE_MASK;
    *end = *end < vs->bytes ? *end + 1 : vs->bytes;
    return true;
}

bool hal_vspace_init(struct hal_vspace *vs, paddr_t root)
{
    struct sim_core *core = sim_this_core;

    if (!sim_window_take(&vs->window, &vs->base)) {
        return false;
    }
    vs->bytes = sim_window_bytes();
    vs->root = root;
    vs->entries = 0;
    vs->next = core->spaces;
    vs->link = &core->spaces;
    if (vs->next != NULL) {
        vs->next->link = &vs->next;
    }
    core->spaces = vs;
    return true;
}

void hal_vspace_destroy(struct hal_vspace *vs)
{
    empty(sim_this_core, vs);
    *vs->link = vs->next;
    if (vs->next != NULL) {
        vs->next->link = vs->link;
    }
    sim_window_give_back(vs->window);
}

vaddr_t hal_vspace_base(const struct hal_vspace *vs)
{
    return vs->base;
}

uint64_t hal_vspace_size(const struct hal_vspace *vs)
{
    return vs->bytes;
}

void hal_vspace_mapped(struct hal_vspace *vs, vaddr_t va, uint64_t bytes)
{
    uint64_t first, end;

    if (clip(vs, va, bytes, &first, &end)) {
        fill(sim_this_core, vs, first, end);
    }
}

void hal_vspace_changed(struct hal_vspace *vs, vaddr_t va, uint64_t bytes)
{
    struct sim_core *core = sim_this_core;
    uint64_t first, end;

    if (clip(vs, va, bytes, &first, &end)) {
        count_entry(core, vs, first, end);
        clear(vs->base + first, end - first);
        fill(core, vs, first, end);
    }
}

bool hal_vspace_refill(struct hal_vspace *vs, vaddr_t va, unsigned access)
{
    uint64_t offset, first, end;
    struct pt_walk w;

    if (va < vs->base || va - vs->base >= vs->bytes) {
        return false;
    }
    w = pt_walk(vs->root, va - vs->base, table_at);
    if (w.found != PT_LEAF || !pt_allows(&w.leaf, access) ||
        !sim_ram_offset(w.address & ~PAGE_MASK, PAGE_SIZE, &offset)) {
        return false;
    }
    first = (va - vs->base) & ~(REFILL_BLOCK - 1);
    end = first + REFILL_BLOCK < vs->bytes ? first + REFILL_BLOCK : vs->bytes;
    fill(sim_this_core, vs, first, end);
    return true;
}
