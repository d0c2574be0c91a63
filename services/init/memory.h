/* SPDX-License-Identifier: MIT */
/* All RAM of this core: who has it. Any thread, unless a function says otherwise. */
#ifndef INIT_MEMORY_H
#define INIT_MEMORY_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/mm/mm.h>

#define MEMORY_CLIENT_INIT 0u /* init itself */

/* Takes over the RAM the kernel left (BOOT_L1_RAM in the kernel's boot_program.h). */
MUST_USE err_t memory_init(void);

/* `bytes` of RAM for a client into an empty slot. */
MUST_USE err_t memory_alloc(mm_client_t client, uint64_t bytes, cptr_t slot, paddr_t *base);

/* Pages that a client has are revoked and free again. MM_FOREIGN, MM_DOUBLE_FREE and others of mm_free_range.
 */
MUST_USE err_t memory_free(mm_client_t client, paddr_t base, uint64_t bytes);

/* Everything a client has is revoked and free again; the client is gone. */
MUST_USE err_t memory_end_client(mm_client_t client);

MUST_USE err_t memory_add_client(mm_client_t client);

void memory_stats(struct mm_stats *stats);

/* Whose memory it is; false: nobody's. */
bool memory_client_of(paddr_t address, mm_client_t *client);

/* An endpoint of init's own, to be bound to a process that serves there, and to the next one when that ends.
 */
MUST_USE err_t memory_own_endpoint(cptr_t *endpoint);

/* Makes slots and room for page tables before they run out: done before init's lock is given back (lock.h).
 */
void memory_tend(void);

/* What a client has. NOT_FOUND. */
MUST_USE err_t memory_account(mm_client_t client, uint64_t *used, uint64_t *quota);

/* init's own heap. */
struct heap;
struct heap *memory_heap(void);

#endif
