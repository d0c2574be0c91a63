/* SPDX-License-Identifier: MIT */
/* For C and assembly: where programs of a deterministic machine count their basic blocks down (kernel/det.h),
 * below all other places of the machine. */
#ifndef MUDSKIPPER_ARCH_DET_H
#define MUDSKIPPER_ARCH_DET_H

#define DET_PAGE 0x7e8ffffff000

/* Length of the instruction that ends a budget (user/det.S). */
#define DET_TRAP_BYTES 2

#endif
