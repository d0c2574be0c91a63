/* SPDX-License-Identifier: MIT */
/* After each program: what the servers of all cores know has to fit together, whatever the program was about.
 */
#ifndef TESTD_BOOKS_H
#define TESTD_BOOKS_H

#include <mudskipper/abi/error.h>

struct rpc_channel;

/* Called once: how many cores there are. */
void books_init(struct rpc_channel *core, uint32_t cores);

/* How many mistakes there are; 0, always. The cores' logs tell which. A server that does not answer has none.
 */
uint64_t books_check(void);

#endif
