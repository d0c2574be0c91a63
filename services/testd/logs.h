/* SPDX-License-Identifier: MIT */
/* What the kernels of all cores say while a test program runs. */
#ifndef TESTD_LOGS_H
#define TESTD_LOGS_H

#include <mudskipper/abi/error.h>

struct rpc_channel;

/* The core server, from whom the logs come. Called once. */
MUST_USE err_t logs_init(struct rpc_channel *core);

/* How many cores there are. */
uint32_t logs_cores(void);

/* What has been said so far is of no interest. */
void logs_pass(void);

/* Shows what was said since, every whole line in the program's name: this core's after "kernel:", the others'
 * after "core N:". */
void logs_show(const char *name);

#endif
