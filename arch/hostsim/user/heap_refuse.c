/* SPDX-License-Identifier: MIT */
/* Allocations that a deterministic machine refuses (--faults refuse:NAME). */
#include <mudskipper/arch/det.h>
#include "heap_tools.h"

/* The page lies outside of the program's window. */
__attribute__((no_sanitize("kernel-address"))) bool heap_refuses(void *context)
{
    volatile uint64_t *left = (volatile uint64_t *)(DET_PAGE + DET_REFUSE);

    (void)context;
    return *left != 0 && --*left == 0;
}
