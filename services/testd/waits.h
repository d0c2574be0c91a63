/* SPDX-License-Identifier: MIT */
#ifndef TESTD_WAITS_H
#define TESTD_WAITS_H

struct rpc_channel;

/* Of a machine whose program does not come to its end: who waits for whom, in the name of the program. */
void waits_show(struct rpc_channel *core, const char *name);

#endif
