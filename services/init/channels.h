/* SPDX-License-Identifier: MIT */
/* Channels through shared memory between processes: the service of core/rpc/channels.rpc. With init's lock
 * held.
 */
#ifndef INIT_CHANNELS_H
#define INIT_CHANNELS_H

#include <mudskipper/rpc/server.h>

struct rpc_service *channels_service(void);

/* Before all that the process has is taken back: its channels end, and what it waits for. */
void channels_end_process(uint32_t process);

/* After that: who waits for a service that has ended is told. */
void channels_look(void);

#endif
