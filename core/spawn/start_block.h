/* SPDX-License-Identifier: MIT */
#ifndef MUDSKIPPER_SPAWN_START_BLOCK_H
#define MUDSKIPPER_SPAWN_START_BLOCK_H

#include <mudskipper/abi/start.h>
#include <mudskipper/spawn/spawn.h>

/* Bytes of the start block of this request. */
uint64_t start_block_bytes(const struct spawn_request *r);

/* Writes it: `fixed` has what does not follow from the request, slots[i] is where grant i went. */
void start_block_write(const struct spawn_request *r, const cptr_t *slots, const struct start_block *fixed,
                       void *to);

#endif
