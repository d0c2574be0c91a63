/* SPDX-License-Identifier: MIT */
/* What this port's checking tools can be told about a program's memory: memory_<tool>.c. */
#ifndef HOSTSIM_USER_HEAP_TOOLS_H
#define HOSTSIM_USER_HEAP_TOOLS_H

#include <mudskipper/abi/types.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* One is there, and wants to know. */
HIDDEN bool memory_watched(void);

HIDDEN void memory_forbid(void *at, size_t bytes);
HIDDEN void memory_allow(void *at, size_t bytes);       /* holds what it held */
HIDDEN void memory_allow_fresh(void *at, size_t bytes); /* holds nothing worth reading */

/* Whether this allocation fails; NULL: none does for that reason. */
#ifdef HOSTSIM_DET
HIDDEN bool heap_refuses(void *context);
#define HEAP_REFUSES heap_refuses
#else
#define HEAP_REFUSES NULL
#endif

#endif
