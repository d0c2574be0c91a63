/* SPDX-License-Identifier: MIT */
/* What surrounds the memory manager in its tests: a kernel that knows page by page what descends from where,
 * own pages from outside or out of the manager itself, faults at the n-th call, and an oracle without any
 * cleverness. */
#ifndef MM_WORLD_H
#define MM_WORLD_H

#include <mudskipper/mm/mm.h>

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

#define SERVER      1000u /* the client in whose name refill allocates */
#define REGIONS_MAX 16
#define INITIAL     (2 * PAGE_SIZE)

enum oracle_state { ORACLE_FREE, ORACLE_OUT, ORACLE_REVOKING };

struct oracle_page {
    enum oracle_state state;
    mm_client_t client;
    uint64_t block;  /* equal numbers side by side: one block */
    bool capability; /* something descends from it */
    bool straddled;  /* a capability reaches over the boundary in front of it */
};

struct world_region {
    paddr_t base;
    uint64_t pages;
    void *table;
    struct oracle_page *page;
};

struct own_page {
    void *memory;
    paddr_t base; /* in the managed memory; 0: from outside */
};

struct world {
    struct mm mm;
    void *initial;
    struct world_region region[REGIONS_MAX];
    unsigned regions;
    uint64_t blocks;

    bool refill_from_self; /* own pages are allocated from the manager, else from outside */
    bool refill_fails;
    unsigned refill_extra; /* further one-page allocations that refill makes and frees again */
    struct own_page own[4096];
    unsigned own_pages;
    unsigned refills, releases;
    unsigned depth, depth_max; /* of refill and release inside each other */

    bool pending;              /* revokes go on after the call */
    int fail_after;            /* so many callbacks succeed, then one fails; < 0: none */
    int failures;              /* callbacks made to fail */
    err_t refusal;             /* how */
    uint64_t retyped, revoked; /* calls */
    bool marked;               /* some memory became unused since the last acknowledgement */
    paddr_t drop;              /* not 0: this page loses its capability while the manager looks for such */
};

struct world *world_make(void);
void world_end(struct world *w); /* also checks that the walkers are content */

void world_add(struct world *w, paddr_t base, uint64_t bytes);
uint64_t world_own_bytes(const struct world *w);

/* mm_* with the same effect on the oracle; assert that both agree about the outcome of success. */
paddr_t world_alloc(struct world *w, mm_client_t client, uint64_t bytes, uint64_t alignment);
void world_free(struct world *w, mm_client_t client, paddr_t base, uint64_t bytes);

/* The manager and the oracle say the same about every page, and the walkers find nothing. */
void world_compare(struct world *w);

struct oracle_page *world_page(struct world *w, paddr_t address); /* NULL: not managed */
void oracle_out(struct world *w, paddr_t base, uint64_t bytes, mm_client_t client);
void oracle_back(struct world *w, paddr_t base, uint64_t bytes, enum oracle_state state);

void assert_err(err_t e, enum err_code code, uint64_t detail);
#define assert_ok(e) assert_int_equal((e).code[0], ERR_OK)

uint64_t random_next(uint64_t *seed);

#endif
