/* SPDX-License-Identifier: MIT */
/* The physical memory manager: who has which page frame. Pure: no system call, no memory of its own making,
 * no clock. It decides; what changes capabilities is called back through struct mm_ops. docs/decisions/0003
 * tells why it is built so.
 *
 * Life of a page frame:
 *
 *                    mm_alloc                 mm_free: revoke finished inside the call
 *      free ───────────────────────▶ out ─────────────────────────────────────────────▶ free
 *                                     │                                                   ▲
 *                                     │ mm_free: revoke still runs         mm_revoked     │
 *                                     ├────────────────────────▶ revoking ────────────────┤
 *                                     │ mm_reclaim: its last capability is gone           │
 *                                     └───────────────────────────────────────────────────┘
 *
 * A block is what one mm_alloc gave: a run of pages with one owner, counted against the owner's quota while
 * it is out, not any longer while it is revoking.
 *
 * Rules
 *  - One thread at a time: the caller serialises (the core server is one loop).
 *  - Nothing blocks. Nothing allocates but through `refill`.
 *  - A call that returns an error has changed nothing, except that it may have made the manager refill its
 * own memory.
 *  - Sizes and addresses are bytes, multiples of PAGE_SIZE.
 *  - Freeing whole blocks, mm_revoked of what was freed, and deleting clients never need memory.
 *
 * Sources of ideas: page bitmaps with a tree of (head, longest, tail) summaries after the Go page allocator;
 * caller supplies the metadata memory after llfree-c; accounts and revoke-on-free are Mudskipper's. */
#ifndef MUDSKIPPER_MM_MM_H
#define MUDSKIPPER_MM_MM_H

#include <mudskipper/abi/error.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/slab.h>
#include <mudskipper/pure/tree.h>

/* Who is asking: a number the caller chooses, a process number for instance. */
typedef uint32_t mm_client_t;

/* What the manager asks of its surroundings. `region` is the cookie given to mm_add, offsets count from the
 * region's base. retype, revoke and unused must not call the manager (they would get BUSY); refill and
 * release may. */
struct mm_ops {
    /* Make a RAM capability for [offset, offset+bytes) of the region; `into` is what the caller of mm_alloc
     * passed. On an error nothing has changed. */
    err_t (*retype)(void *context, uint64_t region, uint64_t offset, uint64_t bytes, void *into);

    /* Revoke and delete everything that descends from [offset, offset+bytes) of the region. *pending (false
     * on entry) is set when it goes on after the call; mm_revoked reports the end. An error means refused,
     * nothing changed: some capability reaches beyond the range, for instance. */
    err_t (*revoke)(void *context, uint64_t region, uint64_t offset, uint64_t bytes, bool *pending);

    /* The first range at or after offset `from` of which nothing descends, as long as possible, beginning at
     * `from` at the earliest. False: there is none. With `from` = the region's size the manager acknowledges
     * the region's reclaim mark: what becomes unused from then on must be reported anew. */
    bool (*unused)(void *context, uint64_t region, uint64_t from, uint64_t *offset, uint64_t *bytes);

    /* The manager's own memory runs low: give it at least one page by mm_give and return true. May use
     * mm_alloc (and mm_free) of this very manager for it: a part of the reserve is kept for that. At least
     * one mm_alloc of a page succeeds in there while a page is free. On failure, free what was allocated. */
    bool (*refill)(void *context);

    /* A page given by mm_give is not needed any more. May use mm_free. */
    void (*release)(void *context, void *page);
};

/* ---- the manager
 * --------------------------------------------------------------------------------------------- */

/* Fields are private: use the functions. */
struct mm {
    const struct mm_ops *ops;
    void *context;
    struct tree regions; /* by base */
    struct tree clients; /* by number */
    uint64_t pages_free;
    uint64_t pages_out;
    uint64_t pages_revoking;
    uint64_t table_bytes; /* of all regions */
    uint64_t region_count;
    uint64_t client_count;
    bool in_callback; /* retype, revoke or unused is running */
    bool refilling;   /* refill or release is running */
    struct slab own;
};

/* Makes an empty manager; it may not be moved afterwards. `memory` is page-aligned, one page or more, and
 * stays the manager's for good. With one page the first few clients make it refill; two and a client count up
 * to 30 need no refill while no memory is out, so that all RAM is in one piece then. BAD_ARGUMENT  memory
 * unaligned (3) or smaller than a page (4) */
err_t mm_init(struct mm *mm, const struct mm_ops *ops, void *context, void *memory, size_t bytes) MUST_USE;

/* One more page of own memory, page-aligned; comes back by `release`. */
void mm_give(struct mm *mm, void *page);

/* ---- RAM
 * ----------------------------------------------------------------------------------------------------- */

/* Bytes of table memory that mm_add wants for a region: about 0.08 per page frame. */
size_t mm_table_bytes(paddr_t base, uint64_t bytes);

/* Manages one more region of RAM, all of it free. `region` names the region's capability to the callbacks.
 * `table` holds mm_table_bytes(base, bytes), 16-byte aligned, until mm_remove. MM_SIZE       size 0, not
 * whole pages, or 16 TiB and more (detail: the size) UNALIGNED     base is not on a page (detail: base)
 *   OUT_OF_RANGE  reaches beyond the largest address
 *   MM_OVERLAP    (detail: base of the region that is in the way) */
err_t mm_add(struct mm *mm, paddr_t base, uint64_t bytes, uint64_t region, void *table) MUST_USE;

/* Stops managing the region that begins at `base`, all of it free; its table is the caller's again.
 *   MM_UNKNOWN  no region begins there
 *   BUSY        some of it is out or revoking */
err_t mm_remove(struct mm *mm, paddr_t base) MUST_USE;

/* ---- clients and their quotas
 * ----------------------------------------------------------------------------------- */

#define MM_NO_QUOTA UINT64_MAX

/*   EXISTS     there is a client with this number
 *   NO_MEMORY */
err_t mm_client_add(struct mm *mm, mm_client_t client, uint64_t quota) MUST_USE;

/*   NOT_FOUND  no such client
 *   BUSY       it still has memory: free that first, mm_next finds it */
err_t mm_client_remove(struct mm *mm, mm_client_t client) MUST_USE;

/*   NOT_FOUND
 *   MM_QUOTA   below what is in use (detail: bytes in use) */
err_t mm_client_set_quota(struct mm *mm, mm_client_t client, uint64_t quota) MUST_USE;

/* Moves unused quota from one client to another: the sum stays.
 *   NOT_FOUND
 *   MM_QUOTA      `from` has less than that unused, or no quota (detail: bytes unused)
 *   OUT_OF_RANGE  `to` would get more than a number holds; nothing to give to a client without quota */
err_t mm_client_move_quota(struct mm *mm, mm_client_t from, mm_client_t to, uint64_t bytes) MUST_USE;

struct mm_account {
    uint64_t quota; /* bytes */
    uint64_t used;  /* bytes out */
};

/*   NOT_FOUND */
err_t mm_client_account(const struct mm *mm, mm_client_t client, struct mm_account *account) MUST_USE;

/* ---- memory
 * ------------------------------------------------------------------------------------------------------ */

/* Hands out `bytes`, aligned to `alignment` (a power of two, PAGE_SIZE or more), from the lowest place that
 * does not mix clients needlessly. `into` goes to retype. *base is set on success only. MM_SIZE       0 or
 * not whole pages (detail: the size) MM_ALIGNMENT  (detail: the alignment) NOT_FOUND     no such client
 *   MM_QUOTA      (detail: the quota)
 *   NO_MEMORY     nowhere is so much in one piece at that alignment, or no own memory to note it (detail:
 * bytes of the largest free piece) BUSY          called from retype, revoke or unused what retype refused */
err_t mm_alloc(struct mm *mm, mm_client_t client, uint64_t bytes, uint64_t alignment, void *into,
               paddr_t *base) MUST_USE;

/* Hands out exactly [base, base+bytes). Errors as above, and
 *   UNALIGNED   base is not on a page
 *   MM_UNKNOWN  not all of it is managed, or not in one region
 *   NO_MEMORY   not all of it is free (detail: the first address that is not) */
err_t mm_alloc_range(struct mm *mm, mm_client_t client, paddr_t base, uint64_t bytes, void *into) MUST_USE;

/* Takes back one block, named as it was given out: everything that descends from it is revoked.
 *   MM_SIZE, UNALIGNED, NOT_FOUND, BUSY as above
 *   MM_UNKNOWN      not managed, or not exactly one block (detail: base)
 *   MM_DOUBLE_FREE  free or revoking already (detail: base)
 *   MM_FOREIGN      another client's (detail: base)
 *   what revoke refused */
err_t mm_free(struct mm *mm, mm_client_t client, paddr_t base, uint64_t bytes) MUST_USE;

/* Takes back any range that is wholly the client's: blocks are split exactly there. Errors as mm_free, with
 * the first page in the way as detail, and NO_MEMORY  no own memory to note the split (only for parts of
 * blocks that fill 2 MiB) */
err_t mm_free_range(struct mm *mm, mm_client_t client, paddr_t base, uint64_t bytes) MUST_USE;

/* The revoke that was pending for [base, base+bytes) is done: it is free.
 *   MM_UNKNOWN  not all of it is revoking (detail: the first address that is not)
 *   NO_MEMORY   a part of a range was reported, and there is no own memory to note it */
err_t mm_revoked(struct mm *mm, paddr_t base, uint64_t bytes) MUST_USE;

/* The kernel has marked a region: somewhere in it the last descendant has gone. Asks `unused` about the
 * range, which lies in one region, and takes back what is out and unused; a block may come back in parts.
 * *freed: bytes that came back. MM_SIZE, UNALIGNED, MM_UNKNOWN, BUSY as above NO_MEMORY  no own memory to
 * note a split; what came back before stays */
err_t mm_reclaim(struct mm *mm, paddr_t base, uint64_t bytes, uint64_t *freed) MUST_USE;

/* ---- looking at it
 * ----------------------------------------------------------------------------------------------- */

enum mm_state { MM_FREE, MM_OUT, MM_REVOKING };

/* A block (MM_OUT), or a run of pages (otherwise) as long as possible, inside one region. */
struct mm_extent {
    paddr_t base;
    uint64_t bytes;
    enum mm_state state;
    mm_client_t client; /* MM_OUT only */
};

/* The extent that holds `address`, or else the first one after it. False: there is none. A walk over
 * everything: for (paddr_t at = 0; mm_next(mm, at, &e); at = e.base + e.bytes) */
bool mm_next(const struct mm *mm, paddr_t address, struct mm_extent *extent);

/* As mm_next, but only blocks of that client. */
bool mm_next_of(const struct mm *mm, mm_client_t client, paddr_t address, struct mm_extent *extent);

struct mm_stats {
    uint64_t managed; /* bytes, = free + out + revoking */
    uint64_t free;
    uint64_t out;
    uint64_t revoking;
    uint64_t largest; /* bytes of the largest free piece */
    uint64_t own;     /* bytes of the manager's own data: tables and own pages, reserves included */
    uint64_t regions;
    uint64_t clients;
    uint64_t spare; /* own objects in reserve */
};

void mm_stats(const struct mm *mm, struct mm_stats *stats);

/* Walks everything and compares: M1 free, out and revoking tile the RAM exactly; M2 the tree of free runs
 * says what the page states say, so every free run is whole, and out bytes = sum of the accounts; M5 no
 * account above its quota, none without a client; own memory tiles its pages. Writes a line per fault to the
 * sink (NULL: quiet) and returns the number of faults. O(frames). */
uint64_t mm_validate(struct mm *mm, format_sink_t sink, void *context);

/* Writes regions, extents and accounts, one line each. */
void mm_dump(const struct mm *mm, format_sink_t sink, void *context);

#endif
