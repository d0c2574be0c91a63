/* SPDX-License-Identifier: MIT */
/* The own address space of a process. Thread-safe. */
#ifndef MUDSKIPPER_VSPACE_SELF_H
#define MUDSKIPPER_VSPACE_SELF_H

#include <mudskipper/vspace/space.h>

/* Takes over the page tables that the spawner made; the capabilities to them and to their Mappings lie in the
 * CNode of SLOT_L1_MADE. Tells the slot allocator about that CNode. Called once; `ops` is where memory for
 * tables comes from. */
MUST_USE err_t self_init(const struct space_ops *ops, void *context);

/* Maps [from, from+bytes) of a Frame somewhere among the process's own addresses. */
MUST_USE err_t self_map(cptr_t frame, uint64_t from, uint64_t bytes, unsigned rights, void **at);

/* Keeps `bytes` of the process's own addresses for self_map_at; nothing else is ever mapped there. `name` is
 * for people and stays. */
MUST_USE err_t self_reserve(uint64_t bytes, const char *name, void **at);

/* Maps [from, from+bytes) of a Frame at this address, inside a reservation. MAP_OVERLAP: something is there.
 */
MUST_USE err_t self_map_at(cptr_t frame, uint64_t from, uint64_t bytes, unsigned rights, void *at);

/* Undoes one self_map, or self_map_at, named by its address. MAP_NOT_MAPPED. */
MUST_USE err_t self_unmap(void *at);

/* What is mapped where: M's regions, for looking. */
struct vregions;
struct vregions *self_regions(void);

#endif
