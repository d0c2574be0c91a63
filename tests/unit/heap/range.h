/* SPDX-License-Identifier: MIT */
/* A heap for tests, and what is around it: a range of host memory, pages that are committed or not, a tool
 * that checks what it is told. */
#ifndef HEAP_RANGE_H
#define HEAP_RANGE_H

#include <mudskipper/heap/heap.h>

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)

struct range {
    struct heap heap;
    unsigned char *memory;
    size_t bytes;
    bool *touched; /* page: committed and not released since */
    long commits;  /* so many succeed; < 0: all */
    bool keep;     /* release refuses */
    size_t released;
    int locked;
    enum heap_misuse misuse; /* the last one */
    void *misused;
    unsigned misuses;

    bool tool;
    size_t red_zone;
    unsigned char *state; /* per byte, when there is a tool: 0 not the program's, 1 a block's */
    size_t told;          /* calls of the tool */
};

struct range *range_make(size_t bytes, bool tool, size_t red_zone);
void range_end(struct range *r);

/* A last word: no block is in use, all is given back, and it is one span again. */
void range_expect_empty(struct range *r);

void range_check(struct range *r); /* the walker finds nothing */

uint64_t random_next(uint64_t *seed);

#endif
