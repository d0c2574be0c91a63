/* SPDX-License-Identifier: MIT */
/* HAL: address spaces. Page tables are AArch64 descriptors (4 KiB granule, 48 bits, 4 levels) in RAM on every
 * port; the neutral core writes them (pure/page_table.h). On hardware the MMU walks them; on the simulator a
 * window of host memory stands for the TLB. An address space belongs to one core. */
#ifndef MUDSKIPPER_HAL_VSPACE_H
#define MUDSKIPPER_HAL_VSPACE_H

#include <mudskipper/abi/types.h>
#include <mudskipper/arch/hal_types.h> /* struct hal_vspace, by the port: at most HAL_VSPACE_BYTES */

#define HAL_VSPACE_BYTES 256u
CLAIM(a_port_keeps_within_the_space_it_was_given, sizeof(struct hal_vspace) <= HAL_VSPACE_BYTES);

/* `vs` is zeroed memory of the caller that stays until destroy. `root` is a zeroed level-0 table. False: no
 * window or no ASID left; nothing changed. */
bool hal_vspace_init(struct hal_vspace *vs, paddr_t root);

/* Takes every entry out of the TLB and gives the window or ASID back. No context of it may run. */
void hal_vspace_destroy(struct hal_vspace *vs);

/* First address and size in bytes of what programs may use. Table indices are those of (address - base). */
vaddr_t hal_vspace_base(const struct hal_vspace *vs);
uint64_t hal_vspace_size(const struct hal_vspace *vs);

/* Descriptors for [va, va+bytes) were invalid and have been written: makes them usable. The simulator may
 * fill its TLB here; a later fault on them must be answered by hal_vspace_refill. */
void hal_vspace_mapped(struct hal_vspace *vs, vaddr_t va, uint64_t bytes);

/* Descriptors for [va, va+bytes) were valid and have been changed or cleared: when this returns no access by
 * this core uses the old ones. */
void hal_vspace_changed(struct hal_vspace *vs, vaddr_t va, uint64_t bytes);

/* A fault at va: true when the table allows the access and only the TLB lacked it (simulator); run the
 * context again. */
bool hal_vspace_refill(struct hal_vspace *vs, vaddr_t va, unsigned access);

#endif
