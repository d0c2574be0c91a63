/* SPDX-License-Identifier: MIT */
/* Where a spawner puts things in a new address space, relative to its first address. A convention of
 * spawners, not of the kernel: a process learns the places from its start block.
 *
 *   0x0000_0000  +--------------------------+
 *                | never mapped: NULL       |
 *   0x0040_0000  +--------------------------+
 *                | image                    |
 *   0x2000_0000  +--------------------------+
 *                | guard                    |
 *   0x2001_0000  +--------------------------+
 *                | stack of the first       |
 *                | thread, grows downwards  |
 *   0x3000_0000  +--------------------------+
 *                | start block              |
 *   0x3800_0000  +--------------------------+
 *                | dispatcher's user part   |
 *   0x4000_0000  +--------------------------+
 *                | the process's own:       |
 *                | heap, threads, mappings  |
 *          size  +--------------------------+
 */
#ifndef MUDSKIPPER_ABI_LAYOUT_H
#define MUDSKIPPER_ABI_LAYOUT_H

#include <mudskipper/abi/types.h>

#define LAYOUT_IMAGE           0x00400000ull
#define LAYOUT_STACK_LOWEST    0x20010000ull
#define LAYOUT_STACK_TOP       0x30000000ull
#define LAYOUT_START           0x30000000ull
#define LAYOUT_DISPATCHER_USER 0x38000000ull
#define LAYOUT_OWN             0x40000000ull

#define LAYOUT_IMAGE_MAX (0x20000000ull - LAYOUT_IMAGE)

#endif
