/* SPDX-License-Identifier: MIT */
/* Shared by the files that manage the process's own address space.
 *
 * Who holds the lock must not fault on memory that comes on demand: the pager takes the lock, too. */
#ifndef MUDSKIPPER_VSPACE_SELF_INTERNAL_H
#define MUDSKIPPER_VSPACE_SELF_INTERNAL_H

#include <mudskipper/rt/fault.h>
#include <mudskipper/vspace/region.h>
#include <mudskipper/vspace/self.h>

extern struct space self_space;
extern struct vregions self_all;

void self_lock(void);
void self_unlock(void);

/* All of these: locked. */

/* Maps [from, from + r->bytes) of a Frame at a region that was placed; r->object is its first Mapping. */
MUST_USE err_t self_map_region(struct vregion *r, cptr_t frame, uint64_t from);

/* Deletes them, there or not, and frees their slots. */
void self_unmap_region(const struct vregion *r);

/* `bytes` of fresh memory as a Frame into an empty slot. */
MUST_USE err_t self_new_frame(uint64_t bytes, cptr_t frame);

/* Regions of memory that others can take away: what is put aside for that, is used, and goes with the region.
 */
MUST_USE err_t self_shared_prepare(struct vregion *r, _Atomic bool *gone);
void self_shared_end(const struct vregion *r);
bool self_shared_fault(struct vregion *r, vaddr_t address);

#endif
