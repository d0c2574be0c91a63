/* SPDX-License-Identifier: MIT */
/* After each program: what the servers of all cores know has to fit together, whatever the program was about.
 */
#ifndef TESTD_BOOKS_H
#define TESTD_BOOKS_H

#include <mudskipper/abi/error.h>

struct rpc_channel;

/* Called once. */
void books_init(struct rpc_channel *core);

/* How many mistakes there are; 0, always. The cores' logs tell which. A core server that cannot be asked is
 * one; of a nameserver, which may have ended and be about to come back, it is said in the program's name. */
uint64_t books_check(const char *name);

#endif
