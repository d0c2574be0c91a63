/* SPDX-License-Identifier: MIT */
/* The kernel's half of the address space (TTBR1_EL1), 48 bits. Also read by the assembler.
 *
 *   0xffff_ffff_ffff_ffff  +----------------------------+
 *                          | not used                   |
 *   0xffff_c000_0040_0000  +----------------------------+
 *                          | device tree, while booting |  read-only, at its offset in 2 MiB
 *   0xffff_c000_0000_0000  +----------------------------+
 *                          | devices: physical address  |  device memory, read-write,
 *                          |   + KERNEL_DEVICES         |  only what a driver asked for
 *   0xffff_8000_0000_0000  +----------------------------+
 *                          | RAM: physical address      |  kernel text read-execute, constants
 *                          |   + KERNEL_DIRECT_MAP      |  read-only, all else read-write;
 *                          |                            |  no-map regions left out
 *   0xffff_0000_0000_0000  +----------------------------+
 *                            programs (TTBR0_EL1)
 */
#ifndef AARCH64_KERNEL_LAYOUT_H
#define AARCH64_KERNEL_LAYOUT_H

#define KERNEL_DIRECT_MAP 0xffff000000000000
#define KERNEL_DEVICES    0xffff800000000000
#define KERNEL_TREE       0xffffc00000000000

/* Physical addresses that fit. */
#define KERNEL_RAM_LIMIT    0x800000000000 /* 2^47 */
#define KERNEL_DEVICE_LIMIT 0x400000000000 /* 2^46 */

/* One block per core:
 *
 *   +0x0000  guard, not mapped
 *   +0x1000  emergency stack, for faults of the kernel itself
 *   +0x3000  guard, not mapped
 *   +0x4000  kernel stack
 *   +0x8000
 */
#define CORE_BLOCK_BYTES     0x8000
#define CORE_EMERGENCY_TOP   0x3000
#define CORE_EMERGENCY_BYTES 0x2000
#define CORE_STACK_GUARD     0x3000
#define CORE_STACK_BYTES     0x4000

#endif
