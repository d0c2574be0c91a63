/* SPDX-License-Identifier: MIT */
/* Refuses a page of memory after the other: an operation is tried with no page left on this core, with one,
 * with two, until it succeeds. Each time before, it has to say that memory is short, and to leave nothing
 * behind. */
#ifndef TESTS_CONFORMANCE_SYSTEM_SWEEP_H
#define TESTS_CONFORMANCE_SYSTEM_SWEEP_H

#include <mudskipper/rpc/channel.h>
#include "suite.h"

/* The core server of this core. Takes all memory there is; whoever else needs some waits or is refused. */
void sweep_begin(const struct rpc_channel *core_server);
void sweep_end(void);

/* How many pages it took. Fails the test when something else is said than that memory is short, when the core
 * server's books are wrong afterwards, or when more than `most` pages are not enough. `undo`, after a
 * success, may be NULL. */
unsigned sweep(const char *what, err_t (*operation)(void), void (*undo)(void), unsigned most);

#endif
