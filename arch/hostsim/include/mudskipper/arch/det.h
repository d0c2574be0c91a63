/* SPDX-License-Identifier: MIT */
/* For C and assembly: where programs of a deterministic machine count their basic blocks down (kernel/det.h),
 * below all other places of the machine.
 *
 *    DET_PLACES                              DET_PAGE                             the machine's RAM
 *    +--------------------------------------+---------+---------+---------+------+------
 *    | for each place, how often until the  | budget  | place   | refuse  |      |
 *    | program stops there: 16 bits         | 64 bits | 64 bits | 64 bits |      |
 *    +--------------------------------------+---------+---------+---------+------+------
 *
 * A place is the address of a block modulo 65,536; the word says whether the program stopped for one. The
 * last word counts allocations of a program down: that which makes it 0 fails. */
#ifndef MUDSKIPPER_ARCH_DET_H
#define MUDSKIPPER_ARCH_DET_H

#define DET_PAGE         0x7e8ffffff000
#define DET_PLACES       0x7e8ffffdf000
#define DET_PLACES_COUNT 0x10000
#define DET_PLACE_CAME   8 /* in the page */
#define DET_REFUSE       16

/* Length of the instruction that ends a budget (user/det.S). */
#define DET_TRAP_BYTES 2

#endif
