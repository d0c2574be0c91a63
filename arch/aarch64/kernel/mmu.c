/* SPDX-License-Identifier: MIT */
/* The functions above the line run with the MMU off as well: they use no pointer that the linker placed. */
#include "mmu.h"
#include "early_map.h"
#include "layout.h"
#include "sysreg.h"

/* The kernel's image, the device tree and an early UART need 13 tables when each straddles what it can
 * straddle; the rest is for the first piece of memory that further tables come from. */
#define STATIC_TABLES 24u

typedef pte_t table_t[PT_ENTRIES] __attribute__((aligned(4096)));

table_t mmu_kernel_root; /* head.S loads these three */
table_t mmu_identity_root;
table_t mmu_empty_root;

static table_t static_tables[STATIC_TABLES];
static unsigned static_used;
static uintptr_t table_distance; /* address of a table - its physical address: 0 while the MMU is off */
static paddr_t (*take_table)(void);

static paddr_t physical(const void *table)
{
    return (uintptr_t)table - table_distance;
}

static paddr_t new_table(void)
{
    if (static_used < STATIC_TABLES) {
        return physical(static_tables[static_used++]);
    }
    return take_table != NULL ? take_table() : 0;
}

static bool leaf_fits(unsigned level, vaddr_t va, paddr_t pa, uint64_t bytes)
{
    return level > 0 && ((va | pa) & (pt_entry_bytes(level) - 1)) == 0 && bytes >= pt_entry_bytes(level);
}

/* One leaf at va, or as far as the one that is there reaches. Returns bytes done, 0: no memory. */
static uint64_t map_one(paddr_t root, vaddr_t va, paddr_t pa, uint64_t bytes, unsigned rights,
                        enum pt_memory memory)
{
    paddr_t table = root;

    for (unsigned level = 0; level < PT_LEVELS; level++) {
        volatile pte_t *entry = (pte_t *)(table + table_distance) + pt_index(va & (PT_SPAN - 1), level);
        enum pte_kind kind = pte_kind(*entry, level);

        if (kind == PTE_LEAF) {
            return pt_entry_bytes(level) - (va & (pt_entry_bytes(level) - 1));
        }
        if (kind == PTE_INVALID && leaf_fits(level, va, pa, bytes)) {
            *entry = pt_kernel_leaf(level, pa, rights, memory);
            return pt_entry_bytes(level);
        }
        if (kind == PTE_INVALID) {
            paddr_t next = new_table();

            if (next == 0) {
                return 0;
            }
            barrier_dsb(
                ishst); /* Cache rule C5: a zeroed table before the entry that makes the walker read it */
            *entry = pt_table(next);
        }
        table = pte_next_table(*entry);
    }
    return 0;
}

bool early_map_in(paddr_t root, vaddr_t va, paddr_t pa, uint64_t bytes, unsigned rights,
                  enum pt_memory memory)
{
    while (bytes > 0) {
        uint64_t done = map_one(root, va, pa, bytes, rights, memory);

        if (done == 0) {
            return false;
        }
        if (done >= bytes) {
            break;
        }
        va += done;
        pa += done;
        bytes -= done;
    }
    barrier_dsb(ishst);
    return true;
}

bool mmu_map(vaddr_t va, paddr_t pa, uint64_t bytes, unsigned rights, enum pt_memory memory)
{
    return early_map_in(physical(mmu_kernel_root), va, pa, bytes, rights, memory);
}

/* ---- MMU on from here. ---- */

void mmu_grow(paddr_t (*take)(void))
{
    table_distance = KERNEL_DIRECT_MAP;
    take_table = take;
}

static volatile pte_t *page_entry(vaddr_t va)
{
    paddr_t table = physical(mmu_kernel_root);

    for (unsigned level = 0; level < PT_LEVELS - 1; level++) {
        table = pte_next_table(((pte_t *)(table + table_distance))[pt_index(va & (PT_SPAN - 1), level)]);
    }
    return (pte_t *)(table + table_distance) + pt_index(va & (PT_SPAN - 1), PT_LEVELS - 1);
}

/* Cache rule C5. */
static void forget_all(void)
{
    barrier_dsb(ishst);
    __asm__ volatile("tlbi vmalle1is" ::: "memory");
    barrier_dsb(ish);
    barrier_isb();
}

void mmu_unmap_page(vaddr_t va)
{
    *page_entry(va) = 0;
    forget_all();
}

void mmu_drop_tree(void)
{
    volatile pte_t *root = mmu_kernel_root;

    root[pt_index(KERNEL_TREE & (PT_SPAN - 1), 0)] = 0;
    forget_all();
}

uintptr_t mmu_map_device(paddr_t pa, uint64_t bytes)
{
    paddr_t first = pa & ~PAGE_MASK;
    uint64_t length = ((pa + bytes + PAGE_MASK) & ~PAGE_MASK) - first;

    if (pa >= KERNEL_DEVICE_LIMIT || bytes > KERNEL_DEVICE_LIMIT - pa ||
        !mmu_map(KERNEL_DEVICES + first, first, length, CAP_READ | CAP_WRITE, PT_MEMORY_DEVICE)) {
        return 0;
    }
    return KERNEL_DEVICES + pa;
}

paddr_t mmu_empty_table(void)
{
    return physical(mmu_empty_root);
}
