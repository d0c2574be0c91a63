/* SPDX-License-Identifier: MIT */
/* What surrounds the nameserver's table in its tests: memory that fails when told to and knows every size,
 * random numbers, short ways to call. */
#ifndef NS_WORLD_H
#define NS_WORLD_H

#include <mudskipper/ns/table.h>

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct world {
    struct ns_table t;
    uint64_t out;     /* bytes handed to the table */
    size_t blocks;    /* how many pieces */
    long fail_after;  /* so many more allocations succeed, the next fails; < 0: none fails */
    bool only_once;   /* and those after it succeed again */
    size_t failures;  /* how many failed */
    uint64_t service; /* the next service id */
};

uint64_t random_next(uint64_t *seed);

void world_begin(struct world *w, size_t remember);

/* Validates, ends the table, and wants all memory back. */
void world_end(struct world *w);

/* No walker finds a fault, and the memory is what the table says. */
void world_check(struct world *w);

void assert_err(err_t e, enum err_code code, uint64_t detail);

struct ns_owner owner(coreid_t core, uint32_t epoch, uint64_t process);

/* Registers a new service id; `attributes` may be NULL. The id goes to *service (NULL: not). */
err_t offer(struct world *w, uint64_t grant, const char *name, const char *attributes, struct ns_owner who,
            enum ns_mode mode, uint64_t *service, struct ns_registered *result);

/* Refuse mode, root grant; must succeed. Returns the service id. */
uint64_t put(struct world *w, const char *name, struct ns_owner who);

/* Who holds the name: service id, 0 for nobody. */
uint64_t holder(struct world *w, const char *name);

/* The next ended service must be this one, with this generation. */
void assert_ended(struct world *w, uint64_t service, uint64_t generation);
void assert_no_more_ended(struct world *w);

#endif
