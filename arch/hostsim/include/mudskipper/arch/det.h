/* SPDX-License-Identifier: MIT */
/* For C and assembly: where programs of a deterministic machine count their basic blocks down (kernel/det.h),
 * below all other places of the machine.
 *
 *    DET_PLACES                                 DET_PAGE                  the machine's RAM
 *    +-----------------------------------------+--------+-------+--------+------
 *    | for each place, how often until the     | budget | place | unused |
 *    | program stops there: 16 bits            | 64 bits| 64    |        |
 *    +-----------------------------------------+--------+-------+--------+------
 *
 * A place is the address of a block modulo 65,536; DET_PLACE_CAME says whether the program stopped for one.
 */
#ifndef MUDSKIPPER_ARCH_DET_H
#define MUDSKIPPER_ARCH_DET_H

#define DET_PAGE         0x7e8ffffff000
#define DET_PLACES       0x7e8ffffdf000
#define DET_PLACES_COUNT 0x10000
#define DET_PLACE_CAME   8 /* in the page */

/* Length of the instruction that ends a budget (user/det.S). */
#define DET_TRAP_BYTES 2

#endif
