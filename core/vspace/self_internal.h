/* SPDX-License-Identifier: MIT */
/* Shared by the files that manage the process's own address space.
 *
 * The pager takes the lock, too. So who holds it must not fault on memory that comes on demand: taking it
 * touches enough of the stack, and everything else that is used under it is part of the image or was mapped
 * by self_own_page. */
#ifndef MUDSKIPPER_VSPACE_SELF_INTERNAL_H
#define MUDSKIPPER_VSPACE_SELF_INTERNAL_H

#include <mudskipper/abi/layout.h>
#include <mudskipper/rt/thread.h>
#include <mudskipper/vspace/region.h>
#include <mudskipper/vspace/self.h>

extern struct space self_space;
extern struct vregions self_all;

void self_lock(void);
void self_unlock(void);
bool self_locked_by_me(void);
const struct mutex *self_mutex(void); /* what self_lock takes */

/* Where anything may lie that is not said to lie elsewhere. */
static inline vaddr_t self_lowest(void)
{
    return self_all.base + LAYOUT_OWN;
}

/* Called once, before there are threads. */
MUST_USE err_t self_regions_init(vaddr_t base, uint64_t bytes, void *memory, size_t memory_bytes);

/* All that follows: locked. */

/* Takes over the tables that exist, when that was not done yet, and fills what the next operation takes from:
 * slots, notes. To be called before anything that makes Mappings. Errors: what a process that has nothing
 * gets; too little memory for the reserves alone is none. */
MUST_USE err_t self_ready(void);

/* ---- memory (self_ram.c) */

/* RAM of the process, in a new slot: from its core server, or from what the kernel left to the first program.
 */
extern const struct space_ops self_ram_ops;

/* `bytes` of fresh memory as a Frame into an empty slot. */
MUST_USE err_t self_new_frame(uint64_t bytes, cptr_t frame);

/* Deletes the Frame and tells who gave its memory that it is free. */
void self_free_frame(cptr_t frame);

/* ---- what is needed to note all this (self_own.c) */

void self_own_reserve(void);               /* once, when regions are known */
MUST_USE err_t self_own_page(void **page); /* mapped for good */
void self_own_tend(void);                  /* slots and notes ahead of need */

/* Notes for the tables that so many Mappings can need. */
MUST_USE err_t self_own_tables(unsigned mappings);
bool self_more_slots(void); /* not locked: for slot_on_few */

/* ---- regions (self.c) */

/* Maps [from, from + r->bytes) of a Frame at a region that was placed; r->object is its first Mapping. */
MUST_USE err_t self_map_region(struct vregion *r, cptr_t frame, uint64_t from);

/* Deletes them, there or not, and frees their slots. */
void self_unmap_region(const struct vregion *r);

void self_forget_region(const struct vregion *r);

/* ---- for who looks (self_tell.c): after regions came or went */

void self_tell(vaddr_t user_part);

/* Not locked: self_map_lazy with more to say. */
MUST_USE err_t self_place_lazy(struct vregion_request *request, void **at);

/* ---- memory that comes on demand (self_lazy.c) */

/* Makes all of [from, to) of a VREGION_ZERO region be there; when that fails, a beginning of it is. */
MUST_USE err_t self_bring(struct vregion *r, vaddr_t from, vaddr_t to);

/* Takes them away; what shares a piece with something outside is cleared instead. */
void self_take(struct vregion *r, vaddr_t from, vaddr_t to);

/* [base, base + bytes) is there from the start. */
void self_is_there(struct vregion *r, vaddr_t base, uint64_t bytes);

MUST_USE err_t self_lazy_fault(struct vregion *r, vaddr_t address);
void self_lazy_tend(void); /* notes ahead of need */

/* ---- memory that others can take away (self_shared.c) */

/* What is put aside for that, is used, and goes with the region. */
MUST_USE err_t self_shared_prepare(struct vregion *r, _Atomic bool *gone);
void self_shared_end(const struct vregion *r);
bool self_shared_fault(struct vregion *r, vaddr_t address);
void self_shared_tend(void);

#endif
