/* SPDX-License-Identifier: MIT */
/* How the machine is divided among the cores that run programs. All free memory, page after page in ascending
 * order, is cut into as many equal runs as there are such cores, after the pages that all have in common were
 * taken off the largest range; what is no memory belongs to core 0.
 *
 *   free ranges   ├─────────────┤   ├──────────────────────────┤   ├─────────────────┤
 *   shares        ├──── 0 ──────┤   ├common┤├──── 1 ────┤├─ 2 ─┤   ├──2─┤├──── 3 ────┤
 *
 * Pure: every core comes to the same answer from the same boot_info, and none has to ask. */
#ifndef MUDSKIPPER_KERNEL_SHARE_H
#define MUDSKIPPER_KERNEL_SHARE_H

#include <mudskipper/abi/boot_info.h>

struct share {
    const struct boot_info *info;
    uint32_t cores;        /* that run programs: 0 .. cores-1 */
    uint64_t pages;        /* of free memory in all, without the common ones */
    paddr_t common;        /* a page for each ordered pair of these cores (BOOT_PEERS_PAGE); nobody's share */
    uint64_t common_bytes; /* 0: there is one core, or too little memory for any */
};

/* With init= on the command line the boot core alone runs programs and has everything. */
struct share share_of_machine(const struct boot_info *info);

struct share_part {
    paddr_t base;
    uint64_t bytes;
};

/* Piece number `i` of a core's share, ascending; false: there is none. */
bool share_part(const struct share *s, coreid_t core, uint32_t i, struct share_part *part);

/* The largest of them; bytes 0: the share is empty. */
struct share_part share_largest(const struct share *s, coreid_t core);

#define SHARE_NOBODY UINT32_MAX

/* The core that has all of [base, base+bytes); SHARE_NOBODY: several, or it is nobody's (the kernel's image,
 * the firmware's). The archive is core 0's. */
coreid_t share_owner(const struct share *s, paddr_t base, uint64_t bytes);

/* Is [base, base+bytes), which has an owner, memory, or is it devices? */
bool share_is_memory(const struct share *s, paddr_t base, uint64_t bytes);

#endif
