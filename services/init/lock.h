/* SPDX-License-Identifier: MIT */
/* The lock over all of init's own state: processes, waits, streams, what is shared with other cores.
 *
 * Handlers run with it, and so does what happens when a process ends. It is never held while waiting for
 * another core or for a process: calls that need that are kept and go on in a thread of their own (work.h).
 *
 * Order: this lock, the RPC server's, the heap's, the memory manager's, the address space's. */
#ifndef INIT_LOCK_H
#define INIT_LOCK_H

void core_lock(void);
void core_unlock(void);

#endif
