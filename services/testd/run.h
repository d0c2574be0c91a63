/* SPDX-License-Identifier: MIT */
/* One test program, from start to end. */
#ifndef TESTD_RUN_H
#define TESTD_RUN_H

#include <mudskipper/abi/types.h>

struct boot_statement;
struct rpc_channel;

/* Runs it, for so long at most, and reports how it ended. True: by itself, with 0. */
bool run_program(struct rpc_channel *core, const struct boot_statement *s, uint64_t seconds);

#endif
