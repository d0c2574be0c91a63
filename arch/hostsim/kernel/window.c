/* SPDX-License-Identifier: MIT */
/* Address spaces. Each owns a window: a reserved range of host addresses in which pieces of the memory file appear and
 * disappear. The window is the TLB, not the page table: the truth stands in the tables in RAM, and an entry (one host
 * mapping) may be missing at any time. So the window may simply be emptied when the host's limit of mappings comes near,
 * and a forgotten invalidation is a visible bug, as on hardware.
 *
 * Windows have numbers, and a number has its address, the same in each run:
 *
 *   0x7e90_0000_0000  RAM, then windows 0, 1, 2, ... up to 0x7f00_0000_0000
 *   0x2000_0000_0000  the windows after those, up to 0x5000_0000_0000 (where no tool keeps its own things there)
 *
 * A place the host refuses is replaced by any it offers. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/pure/page_table.h>
#include "sim.h"
#include "tools.h"

#define UPPER_END   ((uintptr_t)0x7f0000000000)
#define LOWER_BEGIN ((uintptr_t)0x200000000000)
#define LOWER_END   ((uintptr_t)0x500000000000)
#define ALIGNMENT   ((uintptr_t)2 << 20)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* A miss fills the aligned block around it: neighbours are wanted soon, and each costs the host's two microseconds. */
#define REFILL_BLOCK ((uint64_t)64 << 10)

struct window {
    _Atomic uintptr_t base; /* 0: never reserved. Read by handlers */
    bool used;
    char program[32];
    vaddr_t program_base;
};

static struct window *windows;
static uint32_t windows_count;
static _Atomic uint32_t windows_seen; /* numbers below it may have a base */
static uint64_t window_bytes;
static uint32_t mappings_max; /* per core */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of `used` and of making windows */

static uintptr_t upper_begin(void)
{
    uintptr_t end = sim_ram_end();

    return end < UPPER_END ? (end + ALIGNMENT - 1) & ~(ALIGNMENT - 1) : UPPER_END;
}

/* The host address a number stands for, or 0. */
static uintptr_t place(uint32_t number)
{
    uint32_t upper = (uint32_t)((UPPER_END - upper_begin()) / window_bytes);

    if (number < upper) {
        return upper_begin() + number * window_bytes;
    }
    number -= upper;
    if (!TOOL_TSAN && number < (LOWER_END - LOWER_BEGIN) / window_bytes) {
        return LOWER_BEGIN + number * window_bytes;
    }
    return 0;
}

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

/* Of the host's mappings a quarter stays for everything else. An entry splits its surroundings: two mappings. */
bool sim_windows_create(uint64_t bytes)
{
    uint64_t share = host_mapping_limit() * 3 / 4 / 2 / sim.cores_count;

    window_bytes = bytes;
    mappings_max = share > UINT32_MAX ? UINT32_MAX : (uint32_t)share;
    windows_count = (uint32_t)(((uintptr_t)1 << 46) / bytes);
    windows = mmap(NULL, windows_count * sizeof(windows[0]), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (windows == MAP_FAILED) {
        windows = NULL;
    }
    return windows != NULL && mappings_max >= 16;
}

UNINSTRUMENTED bool sim_in_window(vaddr_t address)
{
    uint32_t seen = atomic_load_explicit(&windows_seen, memory_order_acquire);

    for (uint32_t i = 0; i < seen; i++) {
        uintptr_t base = atomic_load_explicit(&windows[i].base, memory_order_relaxed);

        if (base != 0 && address - base < window_bytes) {
            return true;
        }
    }
    return false;
}

/* Valgrind comments on every change of more than 256 MiB: there, large ranges go in pieces. */
static uint64_t piece(uint64_t left)
{
    uint64_t most = RUNNING_ON_VALGRIND != 0 ? (uint64_t)256 << 20 : UINT64_MAX;

    return left < most ? left : most;
}

static void unmap(uintptr_t at, uint64_t bytes)
{
    for (uint64_t part; bytes > 0; at += part, bytes -= part) {
        part = piece(bytes);
        munmap((void *)at, part);
    }
}

/* Nothing, where accesses fault, at exactly this place. Programs may touch it: the answer is a fault, not a tool's
 * report. False: the host refuses, and nothing has changed. */
static bool map_nothing(uintptr_t wish, uint64_t bytes, int fixed)
{
    for (uint64_t done = 0, part; done < bytes; done += part) {
        void *at;

        part = piece(bytes - done);
        at = mmap((void *)(wish + done), part, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
        if (at != (void *)(wish + done)) {
            if (at != MAP_FAILED) {
                unmap((uintptr_t)at, part); /* a host that does not know MAP_FIXED_NOREPLACE */
            }
            unmap(wish, done);
            return false;
        }
        VALGRIND_MAKE_MEM_DEFINED(at, part);
    }
    return true;
}

/* Somewhere; 0: nowhere. */
static uintptr_t any_place(void)
{
    uint64_t bytes = window_bytes + ALIGNMENT;
    void *at = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uintptr_t base = ((uintptr_t)at + ALIGNMENT - 1) & ~(ALIGNMENT - 1);

    if (at == MAP_FAILED) {
        return 0;
    }
    unmap((uintptr_t)at, bytes);
    return map_nothing(base, window_bytes, MAP_FIXED_NOREPLACE) ? base : 0;
}

static bool make(uint32_t number)
{
    uintptr_t base = place(number);

    if (base == 0 || !map_nothing(base, window_bytes, MAP_FIXED_NOREPLACE)) {
        base = any_place();
        if (base == 0) {
            return false;
        }
    }
    VALGRIND_STACK_REGISTER(base, base + window_bytes);
    atomic_store_explicit(&windows[number].base, base, memory_order_relaxed);
    if (number >= windows_seen) {
        atomic_store_explicit(&windows_seen, number + 1, memory_order_release);
    }
    return true;
}

void sim_windows_destroy(void)
{
    if (windows == NULL) {
        return;
    }
    for (uint32_t i = 0; i < windows_seen; i++) {
        if (windows[i].base != 0) {
            unmap(windows[i].base, window_bytes);
        }
    }
    munmap(windows, windows_count * sizeof(windows[0]));
    windows = NULL;
    windows_seen = 0;
}

/* The lowest free number, so that numbers depend on nothing but the order of births and deaths. */
static bool take(uint32_t *number)
{
    bool found = false;

    pthread_mutex_lock(&lock);
    for (uint32_t i = 0; i < windows_count && !found; i++) {
        if (!windows[i].used) {
            if (windows[i].base == 0 && !make(i)) {
                break;
            }
            windows[i].used = true;
            *number = i;
            found = true;
        }
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static void give_back(uint32_t number)
{
    pthread_mutex_lock(&lock);
    windows[number].program[0] = '\0';
    windows[number].used = false;
    pthread_mutex_unlock(&lock);
}

/* Puts [va, va + bytes) back to "no entry". Inside a reservation this needs no new mapping of the host beyond what the
 * count allows for. */
static void clear(vaddr_t va, uint64_t bytes)
{
    if (!map_nothing(va, bytes, MAP_FIXED)) {
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

/* A run of leaves becomes one host mapping. Nothing where the table leads outside of memory: a fault answers. */
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

    if (!take(&vs->window)) {
        return false;
    }
    vs->base = windows[vs->window].base;
    vs->bytes = window_bytes;
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
    give_back(vs->window);
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
    if (w.found != PT_LEAF || !pt_allows(&w.leaf, access) || !sim_ram_offset(w.address & ~PAGE_MASK, PAGE_SIZE, &offset)) {
        return false;
    }
    first = (va - vs->base) & ~(REFILL_BLOCK - 1);
    end = first + REFILL_BLOCK < vs->bytes ? first + REFILL_BLOCK : vs->bytes;
    fill(sim_this_core, vs, first, end);
    return true;
}

/* Valgrind keeps translated code by address, and does not see what is written through another mapping. */
void hal_sync_code(paddr_t address, uint64_t bytes)
{
    (void)address;
    (void)bytes;
    if (RUNNING_ON_VALGRIND != 0) {
        for (uint32_t i = 0; i < windows_seen; i++) {
            VALGRIND_DISCARD_TRANSLATIONS(windows[i].base, window_bytes);
        }
    }
}

/* Debuggers break here: `break hal_note_program`, then add-symbol-file NAME -o BASE. */
__attribute__((noinline)) void hal_note_program(const char *name, vaddr_t base, uint64_t bytes)
{
    (void)bytes;
    for (uint32_t i = 0; i < windows_seen; i++) {
        if (base - windows[i].base < window_bytes) {
            strncpy(windows[i].program, name, sizeof(windows[i].program) - 1);
            windows[i].program_base = base;
        }
    }
}

const char *sim_program_at(vaddr_t pc, vaddr_t *base)
{
    for (uint32_t i = 0; i < windows_seen; i++) {
        if (pc - windows[i].base < window_bytes && windows[i].program[0] != '\0') {
            *base = windows[i].program_base;
            return windows[i].program;
        }
    }
    return NULL;
}
