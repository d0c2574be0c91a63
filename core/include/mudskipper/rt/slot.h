/* SPDX-License-Identifier: MIT */
/* Free slots of this process's own capability space. Thread-safe; does not block. */
#ifndef MUDSKIPPER_RT_SLOT_H
#define MUDSKIPPER_RT_SLOT_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/pure/bitmap.h>
#include <mudskipper/pure/format.h>

/* L1 slots that a process starts with beside the well-known one: its spawner puts what the process is made of
 * into the first, and leaves the rest of it to the process. */
#define SLOT_L1_MADE 1u

/* One empty slot. CAP_SLOTS_EXHAUSTED: none is left, and no memory for more of them; without slot_on_few,
 * none until somebody adds a CNode. */
MUST_USE err_t slot_alloc(cptr_t *slot);

/* `count` consecutive ones in one CNode. */
MUST_USE err_t slot_alloc_run(unsigned count, cptr_t *first);

/* The slot is empty and no longer used. */
void slot_free(cptr_t slot);

/* Deletes what is in the slot and frees it. */
void slot_delete(cptr_t slot);

/* There is an L2 CNode in this L1 slot; `used` slots at its beginning are taken. */
MUST_USE err_t slot_add_cnode(uint32_t l1, unsigned used);

/* ---- more of them, for who has memory */

#define SLOTS_KEPT 32u

/* `more` is called, by whoever allocates, when fewer than SLOTS_KEPT slots are left: true when it has added
 * some. It may allocate slots itself and must then return false instead of beginning anew. */
void slot_on_few(bool (*more)(void));

/* The lowest L1 slot that has no CNode; slot_cnodes_room: all that the table has room for have one. */
uint32_t slot_next_cnode(void);

struct slot_cnode {
    bool present;
    unsigned free;
    uint64_t used[BITMAP_WORDS(CPTR_L2_SLOTS)];
};

/* Room in the table of CNodes, at first for a root of 4 KiB; the table moves to `memory`, with room for
 * `more`. Returns the memory it had, if that was given by this; else NULL. */
uint32_t slot_cnodes_room(void);
struct slot_cnode *slot_move_table(struct slot_cnode *memory, uint32_t more);

/* How many slots are free. */
unsigned slot_free_count(void);

/* The walker C16: free and used slots are all there are, and nothing is in a free one. Returns the number of
 * mistakes; each is told to `sink`, a line, if that is not NULL. A system call for each free slot. */
uint64_t slot_check(format_sink_t sink, void *context);

#endif
