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

/* Maps [from, from+bytes) of a Frame that another process can take away, which may happen under an access.
 * Then the process does not fault: the access goes on in memory of its own, private, zero at first and good
 * for nothing, and *gone is set before. Whoever reads must therefore check what it read, and ask *gone before
 * it believes that the other side said something.
 *
 * Not to be touched with upcalls disabled, nor from a handler that rt_on_notify installs: there a fault is
 * fatal. `rights` are CAP_READ, perhaps with CAP_WRITE. `gone` stays until self_unmap. What the pager needs
 * then is put aside here: a page, up to five slots; the errors are those of self_map and of getting it. */
MUST_USE err_t self_map_shared(cptr_t frame, uint64_t from, uint64_t bytes, unsigned rights,
                               _Atomic bool *gone, void **at);

/* Undoes one self_map, self_map_shared or self_map_at, named by its address; also when the memory was taken
 * away. MAP_NOT_MAPPED. */
MUST_USE err_t self_unmap(void *at);

/* What is mapped where: M's regions, for looking. */
struct vregions;
struct vregions *self_regions(void);

#endif
