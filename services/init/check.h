/* SPDX-License-Identifier: MIT */
/* The core server's own books, checked against each other: memory, address space, heap, slots, processes,
 * channels, ledgers, calls. With init's lock held. */
#ifndef INIT_CHECK_H
#define INIT_CHECK_H

#include <mudskipper/pure/walker.h>
#include <mudskipper/rpc/server.h>

void books_expect(struct walker *books, bool holds, const char *what, uint64_t which);

/* Each checks its own. */
void memory_check(struct walker *books);
void processes_check(struct walker *books);
void ends_check(struct walker *books);
void shared_check(struct walker *books);

/* All of them, and the server's. How many mistakes there are; 0, always. */
uint64_t books_check(const struct rpc_server *server);

#endif
