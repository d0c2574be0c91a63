/* SPDX-License-Identifier: MIT */
/* The own address space of a process. Thread-safe. */
#ifndef MUDSKIPPER_VSPACE_SELF_H
#define MUDSKIPPER_VSPACE_SELF_H

#include <mudskipper/pure/format.h>
#include <mudskipper/vspace/space.h>

/* Memory for tables, notes and what comes on demand is asked of the core server (SLOT_INIT), or taken from
 * what the kernel left when this is the first program of its machine. A program whose memory comes from
 * elsewhere says so here, before anything else in this file: EXISTS. */
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

/* Addresses whose memory comes when they are first touched, all zero, `around` pages at once (a power of two;
 * 0 counts as 1) where it is there. Touching more than there is memory for ends the process, unless a handler
 * (rt/fault.h) answers: who wants an error instead commits first. `name` is for people and stays. */
MUST_USE err_t self_map_lazy(uint64_t bytes, unsigned around, const char *name, void **at);

/* Lets the memory of a range of such a region come now: touching it does not fault then, and cannot fail.
 * NO_MEMORY: a beginning of it may have come. MAP_NOT_MAPPED: not all in one region on demand. */
MUST_USE err_t self_commit(void *at, uint64_t bytes);

/* Its memory is not needed; it reads as zero when it is touched again. */
MUST_USE err_t self_release(void *at, uint64_t bytes);

/* Undoes one of the above, named by its address; also when shared memory was taken away. MAP_NOT_MAPPED. */
MUST_USE err_t self_unmap(void *at);

/* What is mapped where: M's regions, for looking. */
struct vregions;
struct vregions *self_regions(void);

/* The walkers of what a process has of its own: its regions (M10), its slots (C16), its heap. Returns the
 * number of mistakes; each is told to `sink`, a line, if that is not NULL, which must not use the heap. */
uint64_t self_check(format_sink_t sink, void *context);

#endif
