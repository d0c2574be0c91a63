/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/page_table.h>
#include <mudskipper/abi/dispatcher.h>

#define VALID         ((pte_t)1 << 0)
#define TABLE_OR_PAGE ((pte_t)1 << 1) /* a table above level 3, a page at level 3; clear: a block */
#define ATTR_SHIFT    2u
#define AP_EL0        ((pte_t)1 << 6) /* programs may read (and write, unless AP_READ_ONLY) */
#define AP_READ_ONLY  ((pte_t)1 << 7)
#define SH_OUTER      ((pte_t)2 << 8)
#define SH_INNER      ((pte_t)3 << 8)
#define AF            ((pte_t)1 << 10)
#define NG            ((pte_t)1 << 11)
#define PXN           ((pte_t)1 << 53)
#define UXN           ((pte_t)1 << 54)

#define LAST_LEVEL   (PT_LEVELS - 1)
#define ADDRESS_MASK ((PT_SPAN - 1) & ~PAGE_MASK)

err_t pt_check_leaf(unsigned level, paddr_t address, unsigned rights, enum pt_memory memory)
{
    unsigned wanted = rights & PT_RIGHTS;

    if (level < 1 || level > LAST_LEVEL) {
        return err_make(ERR_MAP_WRONG_LEVEL, level);
    }
    if (address & (pt_entry_bytes(level) - 1)) {
        return err_make(ERR_MAP_UNALIGNED, address);
    }
    if (address >= PT_SPAN) {
        return err_make(ERR_OUT_OF_RANGE, address);
    }
    if ((wanted & CAP_WRITE) && (wanted & CAP_EXECUTE)) {
        return err_make(ERR_MAP_WRITE_EXECUTE, wanted);
    }
    if ((wanted & CAP_WRITE) && !(wanted & CAP_READ)) {
        return err_make(ERR_MAP_IMPOSSIBLE, wanted);
    }
    if ((unsigned)memory > PT_MEMORY_WRITE_COMBINING ||
        ((wanted & CAP_EXECUTE) && memory != PT_MEMORY_NORMAL)) {
        return err_make(ERR_MAP_IMPOSSIBLE, wanted);
    }
    return OK;
}

/* What kernel and program leaves have in common. The hardware ignores SH for device memory and takes
 * non-cacheable memory as outer shareable; write what it does. */
static pte_t leaf_base(unsigned level, paddr_t address, enum pt_memory memory)
{
    pte_t type = level == LAST_LEVEL ? VALID | TABLE_OR_PAGE : VALID;
    pte_t share = memory == PT_MEMORY_NORMAL ? SH_INNER : SH_OUTER;
    return (address & ADDRESS_MASK) | AF | share | (pte_t)memory << ATTR_SHIFT | type;
}

pte_t pt_leaf(unsigned level, paddr_t address, unsigned rights, enum pt_memory memory)
{
    pte_t pte = leaf_base(level, address, memory) | NG | PXN;

    pte |= (rights & CAP_READ) ? AP_EL0 : 0;
    pte |= (rights & CAP_WRITE) ? 0 : AP_READ_ONLY;
    pte |= (rights & CAP_EXECUTE) ? 0 : UXN;
    return pte;
}

pte_t pt_kernel_leaf(unsigned level, paddr_t address, unsigned rights, enum pt_memory memory)
{
    pte_t pte = leaf_base(level, address, memory) | UXN;

    pte |= (rights & CAP_WRITE) ? 0 : AP_READ_ONLY;
    pte |= (rights & CAP_EXECUTE) ? 0 : PXN;
    return pte;
}

pte_t pt_table(paddr_t table)
{
    return (table & ADDRESS_MASK) | TABLE_OR_PAGE | VALID;
}

static unsigned rights_of(pte_t pte, bool kernel)
{
    bool read = kernel || (pte & AP_EL0);
    bool write = read && !(pte & AP_READ_ONLY);
    bool execute = !(pte & (kernel ? PXN : UXN));

    return (read ? CAP_READ : 0u) | (write ? CAP_WRITE : 0u) | (execute ? CAP_EXECUTE : 0u);
}

bool pt_decode(pte_t pte, unsigned level, struct pt_leaf *leaf)
{
    bool kernel = !(pte & NG);
    paddr_t address = pte & ADDRESS_MASK;
    unsigned rights = rights_of(pte, kernel);
    enum pt_memory memory = (enum pt_memory)(pte >> ATTR_SHIFT & 7);

    if (!err_ok(pt_check_leaf(level, address, rights, memory))) {
        return false;
    }
    /* Encode what was understood: a difference is a bit this encoder does not write. */
    pte_t again =
        kernel ? pt_kernel_leaf(level, address, rights, memory) : pt_leaf(level, address, rights, memory);
    if ((pte & ~PT_SOFTWARE_MASK) != again) {
        return false;
    }
    *leaf = (struct pt_leaf){address, pt_entry_bytes(level), rights, memory, kernel};
    return true;
}

static bool is_table(pte_t pte, unsigned level)
{
    return level < LAST_LEVEL && (pte & ~PT_SOFTWARE_MASK) == pt_table(pte_next_table(pte));
}

enum pte_kind pte_kind(pte_t pte, unsigned level)
{
    struct pt_leaf leaf;

    if (!(pte & VALID)) {
        return PTE_INVALID;
    }
    if (is_table(pte, level)) {
        return PTE_TABLE;
    }
    return pt_decode(pte, level, &leaf) ? PTE_LEAF : PTE_MALFORMED;
}

bool pt_allows(const struct pt_leaf *leaf, unsigned access)
{
    unsigned needed = ((access & ACCESS_READ) ? CAP_READ : 0u) | ((access & ACCESS_WRITE) ? CAP_WRITE : 0u) |
                      ((access & ACCESS_EXECUTE) ? CAP_EXECUTE : 0u);
    return !leaf->kernel && (leaf->rights & needed) == needed;
}

/* One load: the owner may be changing other entries of the table. */
static pte_t read_entry(const void *table, unsigned index)
{
    return __atomic_load_n((const pte_t *)table + index, __ATOMIC_RELAXED);
}

/* Describes the entry for `offset` in a table of `level`; a table that is linked there counts as malformed
 * until it is followed. `view` is where the table can be read, NULL if it cannot. */
static struct pt_walk look(const void *view, paddr_t table, unsigned level, uint64_t offset)
{
    struct pt_walk w = {
        .found = PT_MALFORMED, .level = level, .table = table, .index = pt_index(offset, level)};

    w.bytes = pt_entry_bytes(level);
    w.offset = offset & ~(w.bytes - 1);
    if (!view) {
        return w;
    }
    w.pte = read_entry(view, w.index);
    if (!(w.pte & VALID)) {
        w.found = PT_HOLE;
    } else if (pt_decode(w.pte, level, &w.leaf)) {
        w.found = PT_LEAF;
        w.address = w.leaf.address + (offset - w.offset);
    }
    return w;
}

struct pt_walk pt_walk(paddr_t root, uint64_t offset, pt_p2v_t p2v)
{
    if (offset >= PT_SPAN) {
        return (struct pt_walk){.found = PT_OUTSIDE, .offset = offset};
    }
    struct pt_walk w = look(p2v(root), root, 0, offset);
    while (w.found == PT_MALFORMED && is_table(w.pte, w.level)) {
        const void *next = p2v(pte_next_table(w.pte));
        if (!next) {
            break;
        }
        w = look(next, pte_next_table(w.pte), w.level + 1, offset);
    }
    return w;
}

/* The walk for the cursor's offset, cut to what the cursor still has to cover. */
static struct pt_walk walk_clipped(const struct pt_cursor *c)
{
    struct pt_walk w = pt_walk(c->root, c->offset, c->p2v);
    uint64_t entry_end = w.offset + w.bytes;

    w.offset = c->offset;
    w.bytes = (entry_end < c->end ? entry_end : c->end) - c->offset;
    return w;
}

bool pt_next(struct pt_cursor *c, struct pt_walk *w)
{
    while (c->offset < c->end) {
        *w = walk_clipped(c);
        c->offset += w->bytes;
        if (w->found != PT_HOLE) {
            return true;
        }
    }
    *w = (struct pt_walk){.found = PT_OUTSIDE, .offset = c->offset};
    return false;
}

static bool continues(const struct pt_walk *run, const struct pt_walk *next)
{
    return next->found == PT_LEAF && next->address == run->address + run->bytes &&
           next->leaf.rights == run->leaf.rights && next->leaf.memory == run->leaf.memory &&
           next->leaf.kernel == run->leaf.kernel;
}

bool pt_next_run(struct pt_cursor *c, struct pt_walk *w)
{
    if (!pt_next(c, w)) {
        return false;
    }
    while (w->found == PT_LEAF && c->offset < c->end) {
        struct pt_walk next = walk_clipped(c);
        if (!continues(w, &next)) {
            break;
        }
        w->bytes += next.bytes;
        c->offset += next.bytes;
    }
    return true;
}
