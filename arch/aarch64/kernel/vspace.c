/* SPDX-License-Identifier: MIT */
/* Address spaces: TTBR0_EL1 and the TLB. An address space belongs to one core, so does its ASID, and every
 * invalidation is local. ASIDs are given out in order; when all were used, a new generation begins with one
 * flush, and an address space gets its new number when it next runs. An ASID is never used twice within a
 * generation: what destroy leaves behind cannot be hit. */
#include <mudskipper/hal/vspace.h>
#include <mudskipper/pure/page_table.h>
#include "mmu.h"
#include "sysreg.h"
#include "vspace.h"

#define ASID_SHIFT 48u

/* Beyond this many pages forgetting everything of the address space is cheaper. */
#define PAGES_ONE_BY_ONE 256u

static uint64_t asid_limit = 1u << 8;

void vspace_setup(struct aarch64_core *core)
{
    if ((sysreg_read(id_aa64mmfr0_el1) >> 4 & 0xf) == 2) {
        asid_limit = 1u << 16;
    }
    core->generation = 1;
    core->asid_next = 1; /* 0 is the empty table's */
}

void vspace_renew_asid(struct hal_vspace *vs)
{
    struct aarch64_core *core = this_aarch64_core();

    if (core->asid_next == asid_limit) {
        core->generation++;
        core->asid_next = 1;
        __asm__ volatile("tlbi vmalle1" ::: "memory");
        barrier_dsb(nsh);
        barrier_isb();
    }
    vs->ttbr = (vs->ttbr & (PT_SPAN - 1)) | core->asid_next++ << ASID_SHIFT;
    vs->generation = core->generation;
}

bool hal_vspace_init(struct hal_vspace *vs, paddr_t root)
{
    vs->ttbr = root;
    vs->generation = 0;
    return true;
}

static bool may_be_in_tlb(const struct hal_vspace *vs)
{
    return vs->generation == this_aarch64_core()->generation;
}

static void invalidate_all(const struct hal_vspace *vs)
{
    __asm__ volatile("tlbi aside1, %0" ::"r"(vs->ttbr & ~(PT_SPAN - 1)) : "memory");
}

void hal_vspace_destroy(struct hal_vspace *vs)
{
    struct aarch64_core *core = this_aarch64_core();

    if (core->vspace == vs) {
        sysreg_write(ttbr0_el1, mmu_empty_table());
        barrier_isb();
        core->vspace = NULL;
    }
    if (may_be_in_tlb(vs)) {
        barrier_dsb(nshst);
        invalidate_all(vs);
        barrier_dsb(nsh);
    }
    vs->generation = 0;
}

vaddr_t hal_vspace_base(const struct hal_vspace *vs)
{
    (void)vs;
    return 0;
}

uint64_t hal_vspace_size(const struct hal_vspace *vs)
{
    (void)vs;
    return PT_SPAN;
}

/* Cache rule C5. Invalid descriptors are in no TLB: only the table walker must see the new ones. */
void hal_vspace_mapped(struct hal_vspace *vs, vaddr_t va, uint64_t bytes)
{
    (void)vs;
    (void)va;
    (void)bytes;
    barrier_dsb(nshst);
}

void hal_vspace_changed(struct hal_vspace *vs, vaddr_t va, uint64_t bytes)
{
    uint64_t asid = vs->ttbr & ~(PT_SPAN - 1);
    uint64_t first = va >> PAGE_SHIFT;
    uint64_t pages = bytes > 0 ? ((va + bytes - 1) >> PAGE_SHIFT) - first + 1 : 0;

    barrier_dsb(nshst);
    if (!may_be_in_tlb(vs)) {
        return;
    }
    if (pages > PAGES_ONE_BY_ONE) {
        invalidate_all(vs);
    } else {
        for (uint64_t i = 0; i < pages; i++) { /* with table descriptors that led there */
            __asm__ volatile("tlbi vae1, %0" ::"r"(asid | (first + i)) : "memory");
        }
    }
    barrier_dsb(nsh);
}

bool hal_vspace_refill(struct hal_vspace *vs, vaddr_t va, unsigned access)
{
    (void)vs;
    (void)va;
    (void)access;
    return false; /* the MMU walks the table itself */
}
