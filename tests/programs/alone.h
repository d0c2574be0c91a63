/* SPDX-License-Identifier: MIT */
/* For a program that is the machine's first and only one (init=NAME), or was given RAM under the name "ram":
 * memory, address space and a heap. A step that fails ends it with status 2. */
#ifndef TESTS_PROGRAMS_ALONE_H
#define TESTS_PROGRAMS_ALONE_H

#include <mudskipper/heap/heap.h>
#include <mudskipper/rt/cap.h>

void alone_begin(void);

/* Ends the program when `e` is an error. */
void alone_insist(const char *what, err_t e);

/* A new object in a slot of its own. */
cptr_t alone_object(enum cap_type type, uint64_t bytes);

/* Made at the first call. */
struct heap *alone_heap(void);

#endif
