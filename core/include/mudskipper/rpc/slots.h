/* SPDX-License-Identifier: MIT */
/* Slots from a range of one's own capability space, for programs that have no larger plan for theirs. */
#ifndef MUDSKIPPER_RPC_SLOTS_H
#define MUDSKIPPER_RPC_SLOTS_H

#include <mudskipper/pure/bitmap.h>
#include <mudskipper/rpc/message.h>
#include <mudskipper/rt/thread.h>

struct rpc_slot_range {
    struct rpc_slots slots;
    struct mutex mutex;
    uint64_t *used; /* a bit per slot */
    cptr_t first;
    size_t count;
};

/* `count` consecutive slots from `first` on, which are empty and nobody else's; `used` is zero and has a bit
 * for each (BITMAP_WORDS). */
void rpc_slot_range_init(struct rpc_slot_range *range, cptr_t first, size_t count, uint64_t *used);

/* How many are in use. */
size_t rpc_slot_range_used(struct rpc_slot_range *range);

#endif
