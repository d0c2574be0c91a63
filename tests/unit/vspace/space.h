/* SPDX-License-Identifier: MIT */
/* An address space for tests: regions beside an oracle that knows single pages, and pages that are "mapped".
 */
#ifndef VSPACE_SPACE_H
#define VSPACE_SPACE_H

#include <mudskipper/vspace/region.h>

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define PAGES(n)    ((uint64_t)(n)*PAGE_SIZE)
#define SPACE_BASE  ((vaddr_t)0x7f0000000000)
#define SPACE_PAGES 512u

struct oracle_page {
    unsigned region; /* 0: nothing here; else a number given at placing */
    bool guard;
    unsigned holder;   /* 0: the address space; else number of the reservation */
    unsigned reserved; /* number of the reservation that takes this page; 0: none */
    unsigned rights;
    bool mapped;
};

struct space {
    struct vregions v;
    void *initial;
    void *given[256];
    unsigned givens;
    int refills;        /* so many succeed; < 0: all */
    bool refill_places; /* refill places a region itself */
    unsigned refill_calls;
    long users[4096]; /* pieces by user number */
    struct oracle_page page[SPACE_PAGES];
};

struct space *space_make(void);
void space_end(struct space *s);

/* The walker finds nothing. */
void space_check(const struct space *s);

static inline vaddr_t address(unsigned page)
{
    return SPACE_BASE + PAGES(page);
}

/* Sets what is mapped, and the counter of the region there. */
void space_map(struct space *s, unsigned first, unsigned count, bool mapped);

void assert_err(err_t e, enum err_code code, uint64_t detail);
#define assert_ok(e) assert_int_equal((e).code[0], ERR_OK)

uint64_t random_next(uint64_t *seed);

#endif
