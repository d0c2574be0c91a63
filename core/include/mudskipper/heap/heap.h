/* SPDX-License-Identifier: MIT */
/* malloc and its family over a range of memory that comes on first touch. Pure: locking, giving pages back
 * and telling tools about blocks are functions of the caller.
 *
 *   base                                                                              base + bytes
 *   +-----------------------+--------+----------------+----------------------+------- … ---------+
 *   | a descriptor per page | small  | large block    | free, dirty          | free, clean       |
 *   | 64 of 4096 bytes      | blocks | (whole pages)  | (was used, resident) | (reads as zero)   |
 *   +-----------------------+--------+----------------+----------------------+------- … ---------+
 *
 * Small blocks (up to 32 KiB) have about 4 sizes per doubling; blocks of one size share a span of pages, and
 * a bitmap in the descriptor says which are in use. Nothing is ever written into free memory or between
 * blocks, so no error of the program can lead the heap astray short of writing into the descriptors; every
 * pointer that is freed is checked against them.
 *
 * Rules
 *  - Every function takes the lock and may block on it; none calls the others while holding it.
 *  - A block is at least 16-byte aligned; a block of 0 bytes is a block.
 *  - Where the C library's function returns NULL, so does its like here.
 *
 * Ideas: page map and spans after tcmalloc, bitmaps out of line after phkmalloc and jemalloc. */
#ifndef MUDSKIPPER_HEAP_HEAP_H
#define MUDSKIPPER_HEAP_HEAP_H

#include <mudskipper/abi/error.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/tree.h>

#define HEAP_ALIGNMENT   16u
#define HEAP_CLASSES     40u
#define HEAP_SMALL_BYTES 32768u /* the largest small block */

/* What is wrong with a pointer given to heap_free, heap_realloc or heap_usable_size. */
enum heap_misuse {
    HEAP_DOUBLE_FREE, /* it was a block, and is free */
    HEAP_FOREIGN,     /* not in this heap's range */
    HEAP_NO_BLOCK,    /* in the range, but no block begins there */
};

/* All may be NULL: then nothing is locked, memory never runs out before the range does, pages are kept,
 * misuse is ignored. */
struct heap_ops {
    void (*lock)(void *context);
    void (*unlock)(void *context);

    /* Pages that read as zero are about to be used. False refuses: the allocation returns NULL. */
    bool (*commit)(void *context, void *base, size_t bytes);

    /* Pages are not needed: take their memory; they read as zero when touched again. False: they stay as they
     * are. */
    bool (*release)(void *context, void *base, size_t bytes);

    /* After a release: all of this reads as zero and nobody uses it. Memory that comes in larger pieces than
     * pages may be taken in these now. */
    void (*clean)(void *context, void *base, size_t bytes);

    /* The program misused a pointer. The call has no other effect. Called without the lock. */
    void (*report)(void *context, enum heap_misuse misuse, void *pointer);
};

/* For Valgrind, AddressSanitizer and the like. Called with the lock held. A struct of NULLs, or no struct:
 * nothing is told, and blocks have no red zone. */
struct heap_tools {
    void (*allocated)(void *context, void *block, size_t bytes, bool zero); /* `bytes` as asked for */
    void (*freed)(void *context, void *block, size_t bytes);
    void (*resized)(void *context, void *block, size_t before, size_t now); /* in place */
    void (*own)(void *context, void *memory, size_t bytes); /* the heap is about to use these bytes itself */
    bool (*refuses)(void *context); /* whether the allocation that has begun is to fail; may be NULL alone */
    size_t red_zone;                /* bytes behind every block that nobody may touch, at least */
};

struct heap_page; /* a descriptor */

struct heap_figures {
    size_t blocks;        /* in use */
    size_t used;          /* bytes of spans and large blocks in use, whole pages */
    size_t dirty;         /* bytes free, but resident */
    size_t clean;         /* bytes free, given back or never touched */
    size_t used_max;      /* the most `used` has been */
    uint64_t allocations; /* that succeeded, ever */
    uint64_t frees;
    uint64_t misuses;
    uint64_t released; /* bytes given back, ever */
};

/* Fields are private. */
struct heap {
    const struct heap_ops *ops;
    const struct heap_tools *tools;
    void *context;
    unsigned char *base;
    struct heap_page *page;         /* at base: one for each page of the range */
    uint32_t first, end;            /* the pages for blocks */
    struct tree free[2];            /* free spans by size: dirty, clean */
    uint32_t partial[HEAP_CLASSES]; /* spans with free blocks, linked; 0: none */
    struct heap_figures figures;
};

#define HEAP_NOTE_BYTES 64u /* of descriptors for each page */

/* Bytes at the beginning of a range of `bytes` that hold descriptors: touched without asking `commit`. */
size_t heap_notes_bytes(size_t bytes);

/* Makes a heap of [base, base+bytes): page-aligned, reads as zero, below 16 TiB. Only what is used is
 * touched: a large range costs nothing. `ops` and `tools` must live as long as the heap; NULL: as if all
 * their functions were. BAD_ARGUMENT  (4) base unaligned, (5) bytes not whole pages, too small for a single
 * page of blocks, or too large */
err_t heap_init(struct heap *h, const struct heap_ops *ops, const struct heap_tools *tools, void *context,
                void *base, size_t bytes) MUST_USE;

void *heap_malloc(struct heap *h, size_t bytes);
void *heap_calloc(struct heap *h, size_t count, size_t bytes);

/* heap_realloc(NULL, n) is heap_malloc(n); of 0 bytes it makes a block of 0 bytes. On NULL the block is as it
 * was. */
void *heap_realloc(struct heap *h, void *block, size_t bytes);

/* `alignment` is a power of two, else NULL. */
void *heap_memalign(struct heap *h, size_t alignment, size_t bytes);

void heap_free(struct heap *h, void *block); /* NULL: nothing */

/* Bytes that may be used at `block`: at least what was asked for. 0 for NULL. */
size_t heap_usable_size(struct heap *h, void *block);

/* Gives back all that can be given back; returns the bytes. */
size_t heap_trim(struct heap *h);

struct heap_figures heap_stats(struct heap *h);

/* Walker: spans tile the range, bitmaps, lists, trees and figures agree, free spans are coalesced. A line per
 * fault goes to the sink (NULL: quiet); the number of faults is returned. */
uint64_t heap_validate(struct heap *h, format_sink_t sink, void *context);

/* Figures, and a line per size of small blocks in use. */
void heap_dump(struct heap *h, format_sink_t sink, void *context);

#endif
