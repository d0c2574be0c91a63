/* SPDX-License-Identifier: MIT */
/* Device trees made by the tests: nodes and properties in the order in which they are written. */
#ifndef BUILD_TREE_H
#define BUILD_TREE_H

#include <libfdt.h>
#include "../pure_test.h"

/* Starts a tree in a fixed place (one at a time); reserve() entries come before the first node. */
void tree_begin(void);
void reserve(uint64_t base, uint64_t bytes);
void node(const char *name); /* "" is the root */
void end(void);
void text(const char *name, const char *value);
void texts(const char *name, const char *values, size_t bytes); /* a list, as in "a\0b" */
void flag(const char *name);

/* 32-bit cells: cells("reg", 4, 0, base, 0, bytes). */
void cells(const char *name, unsigned count, ...);

/* A pair of 64-bit numbers in two cells each: what registers and memory have. */
void pair(const char *name, uint64_t a, uint64_t b);

/* Ends it; a copy on the heap of exactly its size, for the caller to free. */
void *tree_end(void);

/* A whole machine as QEMU's virt is, for changes of single properties: fdt_setprop and the like have room. */
void *tree_of_virt(void);

/* Where a node is; fails when it is not there. */
int at(const void *fdt, const char *path);

/* All that the port asks a tree whose header is sound, whatever else is in it. */
void ask_everything(const void *fdt);

#endif
