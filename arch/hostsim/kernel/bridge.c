/* SPDX-License-Identifier: MIT */
/* Addresses and stacks of the bridge; the hooks are in bridge_<tool>.c. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <mudskipper/pure/page_table.h>
#include "bridge.h"
#include "isa.h"
#include "signals.h"
#include "tools.h"

#define STACK_BYTES ((size_t)1 << 20) /* reports want it */
#define PLACES      1024u

#define LEAF_BLOCK 2u /* bit 1 of a valid descriptor of levels 1 and 2: a table; of level 3: a page */

/* Pages seen lately: adding `distance` to a window address gives the kernel's. */
struct bridge_place {
    vaddr_t page;
    uintptr_t distance;
};

/* One piece of host memory per core:
 *
 *   | places | page without access | stack                |
 *                                                        ^ bridge_sp */
struct bridge_core {
    struct bridge_place places[PLACES];
};

#define NOTES_BYTES ((sizeof(struct bridge_core) + PAGE_MASK) & ~PAGE_MASK)
#define ALL_BYTES   (NOTES_BYTES + PAGE_SIZE + STACK_BYTES)

bool bridge_begin(struct sim_core *core)
{
    uint8_t *all =
        mmap(NULL, ALL_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (all == MAP_FAILED) {
        return false;
    }
    mprotect(all + NOTES_BYTES, PAGE_SIZE, PROT_NONE);
    core->bridge = (struct bridge_core *)(void *)all;
    core->bridge_sp = (uintptr_t)all + ALL_BYTES;
    return true;
}

void bridge_end(struct sim_core *core)
{
    if (core->bridge != NULL) {
        munmap(core->bridge, ALL_BYTES);
        core->bridge = NULL;
    }
}

/* On the core's own thread, in the kernel. */
UNINSTRUMENTED void bridge_forget(struct sim_core *core)
{
    for (unsigned i = 0; i < PLACES; i++) {
        core->bridge->places[i] = (struct bridge_place){0, 0};
    }
}

/* The page tables say where a page is; nothing of the walk may be seen by the sanitizer, which would take it
 * for the program's. */
static UNINSTRUMENTED uintptr_t walk(const struct hal_vspace *vs, uint64_t offset)
{
    paddr_t table = vs->root;

    for (unsigned level = 0; level < PT_LEVELS; level++) {
        const pte_t *entries = sim_host_address(table);
        pte_t pte = entries != NULL ? entries[pt_index(offset, level)] : 0;

        if ((pte & 1) == 0) {
            return 0;
        }
        if (level == PT_LEVELS - 1 || (level > 0 && (pte & LEAF_BLOCK) == 0)) {
            uint64_t inside = offset & (pt_entry_bytes(level) - 1) & ~PAGE_MASK;

            return (uintptr_t)sim_host_address(pte_next_table(pte) + inside);
        }
        table = pte_next_table(pte);
    }
    return 0;
}

UNINSTRUMENTED uintptr_t bridge_address(vaddr_t at)
{
    struct sim_core *core = sim_this_core;
    struct bridge_place *place = &core->bridge->places[(at >> PAGE_SHIFT) % PLACES];
    vaddr_t page = at & ~PAGE_MASK;
    uintptr_t found;

    if (place->page == page && page != 0) {
        return at + place->distance;
    }
    if (at - core->vspace->base >= core->vspace->bytes) {
        return 0;
    }
    found = walk(core->vspace, at - core->vspace->base);
    if (found == 0) {
        return 0;
    }
    *place = (struct bridge_place){page, found - page};
    return at + place->distance;
}

UNINSTRUMENTED struct bridge_answer bridge_missing(vaddr_t at, uint32_t access)
{
    struct sim_core *core = sim_this_core;

    if (at - core->vspace->base < core->vspace->bytes) {
        return BRIDGE_GO_ON;
    }
    core->trap.cause = HAL_FAULT;
    core->trap.kind = FAULT_MEMORY;
    core->trap.access = access;
    core->trap.irq = 0;
    core->trap.address = at;
    return (struct bridge_answer){0, BRIDGE_VERDICT_FAULT};
}

/* ---- reports ---- */

struct line {
    char text[160];
    size_t used;
};

static UNINSTRUMENTED void put(struct line *l, const char *s)
{
    while (*s != '\0' && l->used < sizeof(l->text)) {
        l->text[l->used++] = *s++;
    }
}

static UNINSTRUMENTED void put_hex(struct line *l, uint64_t value)
{
    unsigned shift = 60;

    while (shift > 0 && value >> shift == 0) {
        shift -= 4;
    }
    put(l, "0x");
    for (;; shift -= 4) {
        const char digit[2] = {"0123456789abcdef"[value >> shift & 15], '\0'};

        put(l, digit);
        if (shift == 0) {
            return;
        }
    }
}

UNINSTRUMENTED bool bridge_name(uintptr_t pc, const char *what)
{
    struct line l;
    vaddr_t base = 0;
    const char *program = sim_program_at(pc, &base);

    if (program == NULL) {
        return false;
    }
    l.used = 0;
    put(&l, "hostsim: ");
    put(&l, what);
    put(&l, " in program ");
    put(&l, program);
    put(&l, " at +");
    put_hex(&l, pc - base);
    put(&l, "\n");
    sim_raw_syscall(SYS_write, 2, (long)l.text, (long)l.used, 0);
    return true;
}
