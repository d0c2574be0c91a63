/* SPDX-License-Identifier: MIT */
/* Answers of the core server that only look, and change nothing. Who may see it was decided before. */
#ifndef INIT_CORE_LOOK_H
#define INIT_CORE_LOOK_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/rt/cap.h>

struct archive;
struct boot_info;
struct core_capability;
struct core_figures;
struct core_process;
struct core_region;
struct core_waiting;

/* Processes of this core from a number on, ascending; there is room for one at least. */
size_t look_at_processes(uint32_t from, struct core_process *found, size_t room, bool *more);

/* The capabilities of one from a slot on; *next is where to go on, CPTR_NULL when that was all.
 * PROC_NOT_FOUND. */
MUST_USE err_t look_at_capabilities(uint32_t number, cptr_t from, struct core_capability *found, size_t room,
                                    size_t *count, cptr_t *next);

/* What lies where in the address space of one, from an address on; *next is where to go on, 0 when that was
 * all. PROC_NOT_FOUND, NO_MEMORY. */
MUST_USE err_t look_at_regions(const struct archive *archive, uint32_t number, uint64_t from,
                               struct core_region *found, size_t room, size_t *count, uint64_t *next);

/* A slot in use of another's capability space, from `at` on. */
bool look_next_used(cptr_t root, uint32_t end, cptr_t at, cptr_t *slot, struct cap_identity *identity);
uint32_t look_l1_slots(cptr_t root);

/* What the processes of this core wait for, but for process `but`, from number `from` on; *next is where to
 * go on, 0 when that was all. */
size_t look_at_waits(uint32_t from, uint32_t but, struct core_waiting *found, size_t room, uint32_t *next);

/* The memory of this core; the rest of *figures is zero. */
MUST_USE err_t look_memory(const struct boot_info *info, struct core_figures *figures);

/* And the rest. */
void look_core(struct core_figures *figures);

/* Whole pieces of this core's log from *position on, which moves; *count 0: the end. */
MUST_USE err_t look_log(uint64_t *position, char *text, size_t room, size_t *count);

#endif
