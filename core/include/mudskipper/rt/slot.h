/* SPDX-License-Identifier: MIT */
/* Free slots of this process's own capability space. Thread-safe; does not block. */
#ifndef MUDSKIPPER_RT_SLOT_H
#define MUDSKIPPER_RT_SLOT_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>

/* L1 slots that a process starts with beside the well-known one: its spawner puts what the process is made of
 * into the first, and leaves the rest of it to the process. */
#define SLOT_L1_MADE 1u

/* One empty slot. CAP_SLOTS_EXHAUSTED: none is left; slot_add_cnode makes more. */
MUST_USE err_t slot_alloc(cptr_t *slot);

/* `count` consecutive ones in one CNode. */
MUST_USE err_t slot_alloc_run(unsigned count, cptr_t *first);

/* The slot is empty and no longer used. */
void slot_free(cptr_t slot);

/* Deletes what is in the slot and frees it. */
void slot_delete(cptr_t slot);

/* There is an L2 CNode in this L1 slot; `used` slots at its beginning are taken. */
MUST_USE err_t slot_add_cnode(uint32_t l1, unsigned used);

/* How many slots are free. */
unsigned slot_free_count(void);

#endif
