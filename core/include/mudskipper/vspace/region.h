/* SPDX-License-Identifier: MIT */
/* The regions of an address space: what lies where, with which rights, and what a fault there means.
 * Bookkeeping only: no page table, no system call, no memory of its own making.
 *
 *   address space  |----[guard][ body of a region ][guard]----[ reservation                        ]-----|
 *                                                              |--[ region ]-----[ region ][ region ]--|
 *
 * A region takes its body and its guards; guards are never mapped. A reservation is a region that holds
 * regions: only who names it gets space inside. The address space itself is the outermost one.
 *
 * Part of a region may be removed or get other rights; it then becomes several pieces, each a struct vregion
 * of its own with the same user pointer. Pieces with equal rights that meet again are one piece again. Guards
 * stay with the end they are at and go with the page they guard.
 *
 * Memory: a piece is an object from pages that `refill` gives. Removing whole regions, or at an edge, takes
 * none. What a removal or change of rights in the middle takes is put aside when the region is placed:
 * `splits` of them succeed whatever happens, further ones while there are objects. splits = 0 means: never in
 * parts, such calls are refused first.
 *
 * Rules
 *  - One thread at a time: the caller holds the address space's lock.
 *  - Nothing blocks; a call that returns an error has changed nothing.
 *  - Addresses and sizes are bytes, multiples of PAGE_SIZE. */
#ifndef MUDSKIPPER_VSPACE_REGION_H
#define MUDSKIPPER_VSPACE_REGION_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/slab.h>
#include <mudskipper/pure/tree.h>

enum vregion_kind {
    VREGION_RESERVED, /* holds regions, nothing else */
    VREGION_IMAGE,    /* a part of the program's file */
    VREGION_LAZY,     /* memory comes on first touch: heap, stacks */
    VREGION_FRAME,    /* a frame of one's own, mapped at once */
    VREGION_SHARED,   /* memory that another process can take away */
    VREGION_KINDS,
};

/* What a fault inside the body means, when the page is not there. */
enum vregion_fault {
    VREGION_FATAL, /* an error of the program */
    VREGION_ZERO,  /* fresh zero pages, `around` of them at once */
    VREGION_PAGER, /* the region's pager decides; `user` is its state */
    VREGION_PEER,  /* the memory was taken away: a private zero page, and the channel is dead */
};

/* How a region is asked for. What is not named is 0: then it lies anywhere, cannot be split, faults are
 * fatal. */
struct vregion_request {
    enum vregion_kind kind;
    enum vregion_fault fault;
    unsigned rights;     /* CAP_READ | CAP_WRITE | CAP_EXECUTE, not the last two together */
    unsigned rights_max; /* what vregion_protect may give, besides `rights` */
    bool fixed;          /* the body begins at `base` */
    vaddr_t base;        /* fixed: there. Else: nowhere below this */
    uint64_t bytes;      /* of the body */
    uint64_t alignment;  /* of the body: a power of two; 0: PAGE_SIZE */
    uint64_t guard_low;  /* bytes before the body that nothing is mapped at */
    uint64_t guard_high; /* and behind it */
    unsigned splits;     /* partial operations that must succeed without memory; 0: none are allowed */
    unsigned around;     /* pages to bring at once on a fault; 0 counts as 1 */
    uint64_t object;     /* what is mapped: a capability address, for instance */
    uint64_t offset;     /* the body's first byte in that object; follows when the region is split */
    void *user;          /* the owner's own */
    const char *name;    /* for people; must live as long as the region */
};

/* A piece of a region. Read it; only functions of this file change it. */
struct vregion {
    struct tree_node node;  /* in its holder, by address */
    struct vregion *holder; /* the reservation it lies in; NULL: the address space */
    struct tree inside;     /* VREGION_RESERVED: what it holds */
    vaddr_t base;           /* of the body */
    uint64_t bytes;         /* of the body */
    uint64_t guard_low, guard_high;
    uint64_t gap;         /* free bytes between what comes before and this region's low guard */
    uint64_t largest_gap; /* among all in the subtree of `node` */
    enum vregion_kind kind;
    enum vregion_fault fault;
    unsigned rights, rights_max;
    unsigned splits; /* that must succeed */
    unsigned funded; /* of these, how many have their objects put aside */
    unsigned around;
    uint64_t object, offset;
    void *user;
    const char *name;
    uint64_t resident; /* bytes mapped now: vregion_count */
    uint64_t faults;   /* handled here: vregion_count_fault */
    uint64_t family;   /* pieces of one region have the same number */
};

struct vregion_ops {
    /* Give at least one page by vregions_give and return true. May place regions in this same address space
     * for it: a few objects are kept for that. NULL: there are no more. */
    bool (*refill)(void *context);

    /* Bytes mapped in a range, so that counters can be divided when a region is split, and checked. NULL:
     * counters stay with the lower piece and are not checked. */
    uint64_t (*resident)(void *context, vaddr_t base, uint64_t bytes);

    /* A piece came into being beside `old`, with the same user pointer; a piece is about to end. As open and
     * close for reference counts. Both may be NULL and must not call back. */
    void (*split)(void *context, const struct vregion *old);
    void (*gone)(void *context, const struct vregion *piece);
};

/* Fields are private. May not be moved. */
struct vregions {
    const struct vregion_ops *ops;
    void *context;
    vaddr_t base;
    uint64_t bytes;
    struct tree inside;
    struct slab pool;
    uint64_t used;     /* objects */
    uint64_t promised; /* objects put aside for splits */
    uint64_t families;
    bool refilling;
};

/* An empty address space [base, base+bytes). `memory` (page-aligned, one page or more, `memory_bytes` long)
 * is the first memory for pieces; it and what vregions_give gave are the caller's again when the address
 * space is no longer used. BAD_ARGUMENT  (2) base or (3) bytes not whole pages, or 0; (6) memory unaligned,
 * (7) less than a page */
err_t vregions_init(struct vregions *v, vaddr_t base, uint64_t bytes, const struct vregion_ops *ops,
                    void *context, void *memory, size_t memory_bytes) MUST_USE;

/* One page more for pieces, page-aligned. */
void vregions_give(struct vregions *v, void *page);

/* ---- placing and removing
 * ------------------------------------------------------------------------------------ */

/* Makes a region in the address space (holder NULL) or inside a reservation; *region, which may be NULL, is
 * set on success. Anywhere means: the lowest gap that fits. BAD_ARGUMENT      detail: 1 kind or fault policy,
 * 2 bytes, 3 alignment, 4 guards, 5 holder is no reservation, 6 rights of a reservation UNALIGNED base is not
 * on a page, or not aligned as asked (detail: base) MAP_WRITE_EXECUTE MAP_OUTSIDE       fixed: body or guards
 * reach out of the holder (detail: the first address outside) MAP_OVERLAP       fixed: (detail: base of the
 * region in the way) MAP_NO_SPACE      anywhere: no gap fits (detail: bytes wanted, with guards) NO_MEMORY no
 * object for the piece, or none to put aside for its splits */
err_t vregion_place(struct vregions *v, struct vregion *holder, const struct vregion_request *request,
                    struct vregion **region) MUST_USE;

/* Ends everything in [base, base+bytes); gaps in it are allowed, reservations stay. Pieces that reach over an
 * edge are split there. What was mapped in the range is unmapped, and counted so, before: see
 * vregion_may_remove. UNALIGNED     base BAD_ARGUMENT  (2) bytes MAP_OUTSIDE   beyond the address space
 * (detail: first address outside) MAP_NO_SPLIT  a region that may not be split reaches over an edge (detail:
 * its base) NO_MEMORY     more splits than were promised, and refill failed */
err_t vregion_remove(struct vregions *v, vaddr_t base, uint64_t bytes) MUST_USE;

/* Would vregion_remove succeed? If so, it does so as long as nothing else is done in between: the caller may
 * take the pages out of its tables first. */
err_t vregion_may_remove(struct vregions *v, vaddr_t base, uint64_t bytes) MUST_USE;

/* Ends a reservation that holds nothing.
 *   BAD_ARGUMENT  (1) it is none
 *   BUSY          it holds something */
err_t vregion_unreserve(struct vregions *v, struct vregion *reservation) MUST_USE;

/* Gives [base, base+bytes) other rights. Errors as vregion_remove, and
 *   MAP_NOT_MAPPED     not all of it is in bodies (detail: first address that is not)
 *   MAP_RIGHTS         more than a region's rights_max (detail: its base)
 *   MAP_WRITE_EXECUTE */
err_t vregion_protect(struct vregions *v, vaddr_t base, uint64_t bytes, unsigned rights) MUST_USE;
err_t vregion_may_protect(struct vregions *v, vaddr_t base, uint64_t bytes, unsigned rights) MUST_USE;

/* ---- looking
 * --------------------------------------------------------------------------------------------------- */

enum vregion_hit {
    VREGION_NOTHING,   /* no region: *region is NULL */
    VREGION_UNUSED,    /* inside a reservation, but nothing there: *region is the reservation */
    VREGION_BODY,      /* *region is the piece */
    VREGION_GUARD_LOW, /* the guard before *region: the overflow of a stack that grows down */
    VREGION_GUARD_HIGH,
};

/* What an address means. O(log n). */
enum vregion_hit vregion_at(const struct vregions *v, vaddr_t address, struct vregion **region);

/* The first piece whose body ends above `address`, reservations left out; NULL: there is none. A walk:
 *     for (r = vregion_next(v, 0); r; r = vregion_next(v, r->base + r->bytes)) */
struct vregion *vregion_next(const struct vregions *v, vaddr_t address);

/* The pages of a piece came or went: `change` bytes more are mapped. */
static inline void vregion_count(struct vregion *r, int64_t change)
{
    r->resident += (uint64_t)change;
}

static inline void vregion_count_fault(struct vregion *r)
{
    r->faults++;
}

struct vregion_stats {
    uint64_t regions; /* pieces, reservations left out */
    uint64_t reservations;
    uint64_t bytes[VREGION_KINDS]; /* of bodies, by kind */
    uint64_t guards;               /* bytes */
    uint64_t resident;             /* bytes */
    uint64_t faults;
    uint64_t own; /* bytes of memory for pieces */
};

void vregions_stats(const struct vregions *v, struct vregion_stats *stats);

/* Walker M10: regions are sorted, disjoint and inside their holder, guards are unmapped, gaps and promises
 * are counted right, nothing is writable and executable, counters agree with `resident`. A line per fault
 * goes to the sink (NULL: quiet); the number of faults is returned. */
uint64_t vregions_validate(const struct vregions *v, format_sink_t sink, void *context);

/* One line per region, what reservations hold indented. */
void vregions_dump(const struct vregions *v, format_sink_t sink, void *context);

#endif
