/* SPDX-License-Identifier: MIT */
/* Numbers that mean different things have different names. All sizes are bytes unless a name says
 * pages or log2. Shared by kernel, programs and host tests; depends on the compiler's headers only. */
#ifndef MUDSKIPPER_ABI_TYPES_H
#define MUDSKIPPER_ABI_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t paddr_t;  /* a physical address of the machine, never dereferenced as it stands */
typedef uint64_t vaddr_t;  /* an address in some process's address space: an allegation until checked */
typedef uint32_t coreid_t; /* 0 .. cores-1, dense; hardware ids (MPIDR) stay inside the port */
typedef uint64_t nanos_t;  /* monotonic nanoseconds since the machine started */

#define NANOS_NEVER UINT64_MAX /* a deadline that never comes */

#define PAGE_SHIFT 12u
#define PAGE_SIZE  ((uint64_t)1 << PAGE_SHIFT)
#define PAGE_MASK  (PAGE_SIZE - 1)

/* Name the claim, so that the compiler's complaint reads as a sentence. */
#define CLAIM(name, condition) _Static_assert(condition, #name)

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#endif
