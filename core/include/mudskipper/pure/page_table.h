/* SPDX-License-Identifier: MIT */
/* Page tables: AArch64 stage 1 descriptors, 4 KiB granule, 48 bits, 4 levels. The one encoder, decoder and
 * walker for the MMU's tables, the kernel's checks, the simulator (whose window is a TLB filled from the same
 * bits) and tests.
 *
 * Functions take an `offset`, that is (address - hal_vspace_base()): 0 .. 2^48-1.
 *
 *    63      48 47      39 38      30 29      21 20      12 11          0
 *   +----------+----------+----------+----------+----------+-------------+
 *   |    0     | level 0  | level 1  | level 2  | level 3  | byte in page|
 *   +----------+----------+----------+----------+----------+-------------+
 *     an entry:   512 GiB     1 GiB      2 MiB      4 KiB
 *     covers      table      table,     table,      page
 *                 only       block      block
 *
 * A table descriptor (levels 0 .. 2) and a leaf (block at levels 1 and 2: bit 1 = 0; page at level 3: bit 1 =
 * 1):
 *
 *    63   59 58  55 54  53  52 51 48 47                 12 11 10  9 8  7 6  5  4  2  1  0
 *   +-------+------+---+---+---+-----+--------------------+--+--+----+----+--+------+--+--+
 *   |   0   | soft |      0          | next table, 47..12 |            0            | 1| 1|
 *   +-------+------+---+---+---+-----+--------------------+--+--+----+----+--+------+--+--+
 *   |   0   | soft |UXN|PXN| 0 |  0  | output, 47..12     |nG|AF| SH | AP | 0| Attr | t| 1|
 *   +-------+------+---+---+---+-----+--------------------+--+--+----+----+--+------+--+--+
 *
 *   nG = 1  a program's page; 0 the kernel's own, in every address space
 *   AF = 1  always: the kernel takes no access-flag faults
 *   soft    software's bits: encoded as 0, ignored by the decoder
 *
 *   rights of a program's page | AP (7..6) | UXN | PXN      rights of a kernel page | AP | UXN | PXN
 *   none                       |    10     |  1  |  1       read                    | 10 |  1  |  1
 *   execute                    |    10     |  0  |  1       read execute            | 10 |  1  |  0
 *   read                       |    11     |  1  |  1       read write              | 00 |  1  |  1
 *   read execute               |    11     |  0  |  1
 *   read write                 |    01     |  1  |  1
 *
 * The decoder accepts exactly what the encoder writes; every other valid descriptor is malformed. Nothing
 * here allocates, writes to a table or keeps state. */
#ifndef MUDSKIPPER_PURE_PAGE_TABLE_H
#define MUDSKIPPER_PURE_PAGE_TABLE_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/abi/types.h>

typedef uint64_t pte_t; /* a descriptor; 0 is invalid */

#define PT_LEVELS        4u
#define PT_ENTRIES       512u
#define PT_ENTRY_BITS    9u
#define PT_ADDRESS_BITS  48u
#define PT_SPAN          ((uint64_t)1 << PT_ADDRESS_BITS) /* bytes an address space can have */
#define PT_SOFTWARE_MASK ((uint64_t)0xf << 55)

/* Index into MAIR_EL1, whose value is PT_MAIR. */
enum pt_memory {
    PT_MEMORY_DEVICE = 0, /* device nGnRE: early write acknowledgement, no gathering, no reordering */
    PT_MEMORY_NORMAL = 1, /* write-back, read and write allocate, inner shareable */
    PT_MEMORY_WRITE_COMBINING = 2, /* normal non-cacheable */
};

#define PT_MAIR ((uint64_t)0x04 | (uint64_t)0xff << 8 | (uint64_t)0x44 << 16)

/* Rights are CAP_READ, CAP_WRITE, CAP_EXECUTE; other bits are ignored. */
#define PT_RIGHTS ((unsigned)CAP_READ | CAP_WRITE | CAP_EXECUTE)

/* log2 of the bytes that one entry of a level covers, level 0 .. 3. */
static inline unsigned pt_entry_shift(unsigned level)
{
    return PAGE_SHIFT + PT_ENTRY_BITS * (PT_LEVELS - 1 - level);
}

/* Bytes that one entry of a level covers. */
static inline uint64_t pt_entry_bytes(unsigned level)
{
    return (uint64_t)1 << pt_entry_shift(level);
}

/* Which entry of the level-`level` table covers `offset`. */
static inline unsigned pt_index(uint64_t offset, unsigned level)
{
    return (unsigned)(offset >> pt_entry_shift(level)) & (PT_ENTRIES - 1);
}

/* Decides whether pt_leaf can be made:
 *   MAP_WRONG_LEVEL   leaves exist at levels 1, 2 and 3
 *   MAP_UNALIGNED     the address is not aligned to the level's size (detail: the address)
 *   OUT_OF_RANGE      the address has more than 48 bits (detail: the address)
 *   MAP_WRITE_EXECUTE
 *   MAP_IMPOSSIBLE    write without read, which the hardware cannot refuse; execute of anything but normal
 *                     memory; an unknown memory kind (detail: the rights) */
err_t pt_check_leaf(unsigned level, paddr_t address, unsigned rights, enum pt_memory memory) MUST_USE;

/* A program's page or block; arguments that pt_check_leaf accepts. Cannot fail. */
pte_t pt_leaf(unsigned level, paddr_t address, unsigned rights, enum pt_memory memory);

/* A page or block of the kernel's own, never reachable by programs; the same arguments, always readable. */
pte_t pt_kernel_leaf(unsigned level, paddr_t address, unsigned rights, enum pt_memory memory);

/* The entry that links a table of the next level; `table` is page-aligned and below 2^48. */
pte_t pt_table(paddr_t table);

enum pte_kind { PTE_INVALID, PTE_TABLE, PTE_LEAF, PTE_MALFORMED };

/* What a descriptor found in a table of level 0 .. 3 is. Bit 0 clear: invalid, whatever the rest holds. */
enum pte_kind pte_kind(pte_t pte, unsigned level);

/* The table that a PTE_TABLE links. */
static inline paddr_t pte_next_table(pte_t pte)
{
    return pte & (PT_SPAN - 1) & ~PAGE_MASK;
}

struct pt_leaf {
    paddr_t address; /* of the first byte */
    uint64_t bytes;  /* 4 KiB, 2 MiB or 1 GiB */
    unsigned rights; /* within PT_RIGHTS */
    enum pt_memory memory;
    bool kernel; /* not a program's */
};

/* Decodes a PTE_LEAF of that level; false for anything else, and *leaf is untouched. */
bool pt_decode(pte_t pte, unsigned level, struct pt_leaf *leaf);

/* True when the rights in `leaf` allow `access` (enum access bits, any number of them) to a program. */
bool pt_allows(const struct pt_leaf *leaf, unsigned access);

/* How the walker reads tables: hal_p2v fits. NULL for an address where no table can be: the entry that leads
 * there counts as malformed. */
typedef void *(*pt_p2v_t)(paddr_t table);

enum pt_found {
    PT_HOLE,      /* an invalid entry */
    PT_LEAF,      /* mapped; `leaf` is filled */
    PT_MALFORMED, /* an entry this encoder does not write, or one that leads outside RAM */
    PT_OUTSIDE,   /* the offset has more than 48 bits, or (pt_next) nothing more before the end */
};

/* Where a walk ended. */
struct pt_walk {
    enum pt_found found;
    unsigned level;  /* of the entry */
    paddr_t table;   /* that holds the entry */
    unsigned index;  /* of the entry in it */
    pte_t pte;       /* the entry */
    uint64_t offset; /* first byte described: of the whole entry (pt_walk), of the part asked for (pt_next) */
    uint64_t bytes;  /* bytes described */
    paddr_t address; /* PT_LEAF: physical address of the offset asked for (pt_walk), of `offset` (pt_next) */
    struct pt_leaf leaf;
};

/* Walks from the level-0 table `root` to the entry that decides about `offset`. */
struct pt_walk pt_walk(paddr_t root, uint64_t offset, pt_p2v_t p2v);

/* Iteration over what is mapped in [offset, end), in ascending order, holes skipped a table at a time:
 *
 *     struct pt_cursor c = pt_cursor(root, first, end, p2v);
 *     struct pt_walk w;
 *     while (pt_next(&c, &w)) { w.found is PT_LEAF or PT_MALFORMED; [w.offset, w.offset + w.bytes) lies in
 * the range }
 *
 * The tables may be changed behind the cursor, not in front of it. */
struct pt_cursor {
    paddr_t root;
    uint64_t offset; /* continues here */
    uint64_t end;    /* first byte not asked for, at most PT_SPAN */
    pt_p2v_t p2v;
};

static inline struct pt_cursor pt_cursor(paddr_t root, uint64_t offset, uint64_t end, pt_p2v_t p2v)
{
    return (struct pt_cursor){root, offset, end < PT_SPAN ? end : PT_SPAN, p2v};
}

/* The next leaf (or malformed entry), clipped to the range. False at the end; w->found is then PT_OUTSIDE. */
bool pt_next(struct pt_cursor *c, struct pt_walk *w);

/* As pt_next, but leaves that continue each other in offset and address, with equal rights and kind, come as
 * one run, whatever tables and sizes they are made of: w->bytes is the length of the run, level and index its
 * first entry. */
bool pt_next_run(struct pt_cursor *c, struct pt_walk *w);

#endif
