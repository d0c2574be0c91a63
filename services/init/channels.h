/* SPDX-License-Identifier: MIT */
/* Channels through shared memory between processes: the service of core/rpc/channels.rpc. With init's lock
 * held.
 */
#ifndef INIT_CHANNELS_H
#define INIT_CHANNELS_H

#include <mudskipper/rpc/server.h>

struct rpc_service *channels_service(void);

/* What other cores ask (peer.rpc). */
MUST_USE err_t channels_connect_far(struct rpc_request *request, cptr_t handle, cptr_t frame, cptr_t wake,
                                    uint32_t number);
MUST_USE err_t channels_take_far(struct rpc_request *request, uint32_t number, uint32_t token);
void channels_gone_far(coreid_t core, uint32_t number);

/* Before all that the process has is taken back: its channels end, and what it waits for. */
void channels_end_process(uint32_t process);

/* After that: who waits for a service that has ended is told. */
void channels_look(void);

#endif
