/* SPDX-License-Identifier: MIT */
/* How the memory manager stores what it knows.
 *
 *   mm ── regions (tree by base)
 *            │
 *            └─ region:   level L   [ root: head longest tail aligned ]        one struct mm_span for a power
 * of two ⋮                                                   of chunks, numbered absolutely, so level 1   [
 * ][   ][   ] …                           that a level says alignment too level 0
 * [chunk][chunk][chunk][chunk] …              512 pages, 2 MiB-aligned │ ├─ all pages alike: the chunk's
 * `kind` says how; nothing else exists └─ CHUNK_MIXED: struct mm_bits, two bits per page owners: one number
 * in the chunk, while all that is out in the chunk is one client's; else struct mm_owners
 *
 *      out mark   page                                    a page is available when both bits are 0
 *       0   0     free
 *       1   1     out, first of its block
 *       1   0     out, continues the block of the page before it
 *       0   1     withheld: being revoked, or outside the region
 *
 * Objects of own memory are all of one size, so one reserve serves all needs. */
#ifndef MUDSKIPPER_MM_INTERNAL_H
#define MUDSKIPPER_MM_INTERNAL_H

#include <mudskipper/mm/mm.h>
#include <mudskipper/pure/bytes.h>

typedef uint64_t page_t;  /* absolute page number: physical address >> PAGE_SHIFT */
typedef uint64_t chunk_t; /* absolute chunk number: page number >> CHUNK_BITS */

#define CHUNK_BITS  9u
#define CHUNK_PAGES (1u << CHUNK_BITS)

/* ---- own memory (own.c) ---- */

#define OWN_OBJECT_BYTES 128u
/* Objects kept for refill: a page handed out to the manager's own surroundings may need DIRECT_PARTS in the
 * worst case; the rest is for other small allocations on the way. */
#define OWN_RESERVE 24u
#define OWN_SURPLUS 8u /* hysteresis: so many more are kept before a page is released */

/* `needed` objects can be taken, and the reserve for refill stays. */
bool mm_own_has(const struct mm *mm, uint64_t needed);

/* Runs refill until own_has; false: it failed. Decide anew afterwards: refill may have called the manager. */
bool mm_own_refill(struct mm *mm, uint64_t needed);

/* At the beginning of an operation: fills the reserve if it can. */
void mm_own_top_up(struct mm *mm);

/* Releases pages that are not needed. Call last in an operation: `release` may call the manager. */
void mm_own_trim(struct mm *mm);

/* ---- chunks (chunk.c, owners.c) ---- */

struct mm_bits {
    uint64_t out[CHUNK_PAGES / 64];
    uint64_t mark[CHUNK_PAGES / 64];
};

#define PALETTE_CLIENTS 16u
#define PALETTE_PARTS   2u
#define DIRECT_PARTS    16u
#define DIRECT_CLIENTS  (CHUNK_PAGES / DIRECT_PARTS) /* clients in one part */

/* Owners of a chunk's pages, when there are several: up to 4 (2-bit codes, one part), up to 16 (4-bit codes,
 * two parts), or any number (a client number per page, 16 parts). */
struct mm_owners {
    union {
        struct {
            mm_client_t client[PALETTE_CLIENTS];
            uint8_t *code[PALETTE_PARTS];
            unsigned used;
        } palette;
        mm_client_t *direct[DIRECT_PARTS];
    };
};

enum chunk_kind {
    CHUNK_FREE,
    CHUNK_OUT,       /* all of it continues a block that began before */
    CHUNK_OUT_FIRST, /* all of it belongs to one block that begins here */
    CHUNK_WITHHELD,
    CHUNK_MIXED,
};

enum owners_kind { OWNERS_ONE, OWNERS_2BIT, OWNERS_4BIT, OWNERS_DIRECT };

struct mm_chunk {
    uint16_t head;    /* pages available at the beginning */
    uint16_t longest; /* in one piece */
    uint16_t tail;    /* at the end */
    uint8_t aligned;  /* 1 + log2 of the largest available naturally aligned power of two of pages; 0: none */
    uint8_t kind : 4; /* enum chunk_kind */
    uint8_t many : 4; /* enum owners_kind, CHUNK_MIXED only */
    struct mm_bits *bits;
    union {
        mm_client_t client;
        struct mm_owners *owners;
    };
};

CLAIM(a_chunk_is_24_bytes, sizeof(struct mm_chunk) == 24);
CLAIM(bits_are_one_object, sizeof(struct mm_bits) <= OWN_OBJECT_BYTES);
CLAIM(owners_are_one_object, sizeof(struct mm_owners) <= OWN_OBJECT_BYTES);

/* A chunk and which of its pages [low, high) exist. */
struct part {
    struct mm_chunk *chunk;
    unsigned low;
    unsigned high;
};

enum change { TO_FREE, TO_OUT, TO_WITHHELD };

void mm_chunk_reset(struct part p); /* all free, no objects */

enum mm_state mm_chunk_state(struct part p, unsigned page); /* withheld counts as MM_REVOKING */
bool mm_chunk_first(struct part p, unsigned page);          /* an MM_OUT page: begins its block? */
mm_client_t mm_chunk_client(struct part p, unsigned page);  /* of an MM_OUT page */
unsigned mm_chunk_extent_end(struct part p,
                             unsigned page); /* first page that is not in page's extent, or high */
unsigned mm_chunk_extent_begin(struct part p, unsigned page);

/* First available place for `pages`, aligned to `align`; CHUNK_PAGES when there is none. */
unsigned mm_chunk_find(struct part p, unsigned pages, unsigned align);

/* Objects that chunk_change may take. */
unsigned mm_chunk_cost(struct part p, unsigned begin, unsigned end, enum change to, mm_client_t client);

/* Pages [begin, end), within [low, high), get a new state; TO_OUT: from free, and `first` says whether a
 * block begins.
 */
void mm_chunk_change(struct mm *mm, struct part p, unsigned begin, unsigned end, enum change to,
                     mm_client_t client, bool first);

/* The out page `page` begins a block from now on. The chunk is mixed, or page is its first. */
void mm_chunk_split(struct part p, unsigned page);

uint64_t mm_chunk_objects(const struct mm_chunk *c); /* own objects it holds */

mm_client_t mm_owners_get(const struct mm_chunk *c, unsigned page);
unsigned mm_owners_cost(const struct mm_chunk *c, mm_client_t client);
void mm_owners_set(struct mm *mm, struct mm_chunk *c, unsigned begin, unsigned end, mm_client_t client);
void mm_owners_drop(struct mm *mm, struct mm_chunk *c); /* no page is out: back to OWNERS_ONE */

/* ---- regions (region.c) ---- */

struct mm_span {
    uint32_t head, longest, tail; /* pages */
    uint32_t aligned;             /* as in struct mm_chunk */
};

struct mm_region {
    struct tree_node node; /* in mm->regions */
    uint64_t cookie;
    page_t first, end;
    chunk_t chunk_first, chunk_last;
    uint64_t pages_free;
    uint64_t longest_below; /* pages of the longest free run in the subtree of `node` */
    size_t table_bytes;
    struct mm_chunk *chunks; /* of chunk_first .. chunk_last */
    unsigned levels;         /* the root is at this level */
    struct mm_span *span[];  /* [level - 1]: the spans of that level; see region_span */
};

/* What is looked for. */
struct want {
    uint64_t pages;
    uint64_t align;     /* pages, power of two */
    unsigned aligned;   /* the least `aligned` of every span that holds a place */
    bool fussy;         /* only inside one chunk, and in none where another client has memory */
    mm_client_t client; /* fussy: for whom */
    unsigned patience;  /* fussy: so many chunks more may be passed over */
};

struct want mm_want_make(uint64_t pages, uint64_t align);

void mm_region_augment(struct tree_node *n);                      /* of mm->regions */
struct mm_region *mm_region_at(const struct mm *mm, page_t page); /* that holds the page, or NULL */
struct mm_region *mm_region_after(const struct mm *mm,
                                  page_t page); /* holds the page or is the first after it */
struct part mm_region_part(const struct mm_region *r, chunk_t chunk);

/* The lowest place in all regions. */
bool mm_regions_find(const struct mm *mm, struct want *want, page_t *at);

/* A change of [begin, end), inside the region, all of it in state `from`. The cost is the number of own
 * objects it may take. What is out on both sides of a boundary belongs to different blocks afterwards. */
unsigned mm_region_cost(const struct mm_region *r, page_t begin, page_t end, enum change to,
                        mm_client_t client);
void mm_region_change(struct mm *mm, struct mm_region *r, page_t begin, page_t end, enum mm_state from,
                      enum change to, mm_client_t client);

/* The first index that is stored of a level above 0: even, and the last one is odd, so that both halves of
 * every span of the level above exist. In those that lie outside the region nothing is available. */
static inline uint64_t span_base(const struct mm_region *r, unsigned level)
{
    return r->chunk_first >> level & ~(uint64_t)1;
}

static inline struct mm_span *span_at(const struct mm_region *r, unsigned level, uint64_t index)
{
    return &r->span[level - 1][index - span_base(r, level)];
}

/* Level 0 is the chunks. */
static inline struct mm_span mm_region_span(const struct mm_region *r, unsigned level, uint64_t index)
{
    if (level > 0) {
        return *span_at(r, level, index);
    }
    if (index < r->chunk_first || index > r->chunk_last) {
        return (struct mm_span){0, 0, 0, 0};
    }
    const struct mm_chunk *c = &r->chunks[index - r->chunk_first];
    return (struct mm_span){c->head, c->longest, c->tail, c->aligned};
}

/* What span `index` of a level above 0 must be, by its halves. */
struct mm_span mm_region_join(const struct mm_region *r, unsigned level, uint64_t index);

/* An extent in pages. */
struct run {
    page_t begin, end;
    enum mm_state state;
    mm_client_t client;
};

struct run mm_region_run(const struct mm_region *r, page_t page); /* the extent that holds the page */

static inline page_t page_of(paddr_t address)
{
    return address >> PAGE_SHIFT;
}

static inline paddr_t address_of(page_t page)
{
    return page << PAGE_SHIFT;
}

/* ---- clients (client.c) ---- */

struct mm_client {
    struct tree_node node; /* in mm->clients */
    mm_client_t number;
    uint64_t quota, used; /* bytes */
    page_t hint;          /* where this client last got a small block */
    uint64_t counted;     /* mm_validate's own */
};

CLAIM(a_client_is_one_object, sizeof(struct mm_client) <= OWN_OBJECT_BYTES);

struct mm_client *mm_client_find(const struct mm *mm, mm_client_t number);

#endif
