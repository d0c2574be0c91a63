/* SPDX-License-Identifier: MIT */
/* Standard streams of processes that are not on the console's core: they call their own core server, which
 * passes each call, whatever it is, to that of core 0, which makes it at the terminal.
 *
 *    process --LMP--> init of its core --peer.stream--> init of core 0 --LMP--> terminal
 *
 * Each call ends before its writer goes on, so what one thread writes stays in order. */
#ifndef INIT_STREAMS_H
#define INIT_STREAMS_H

#include <mudskipper/rpc/server.h>

struct archive;

/* Called once, before processes are started; `service` is to be added to what processes of this core call. */
MUST_USE err_t streams_init(const struct archive *archive, struct rpc_service **service);

/* What becomes the standard streams of a process, into an empty slot. *given false: there is no console, and
 * the slot is empty. */
MUST_USE err_t streams_give(uint32_t process, cptr_t slot, bool *given);

/* On core 0: a call of another core's process at the terminal; `request` is that of peer.stream, from `core`.
 */
MUST_USE err_t streams_call(struct rpc_request *request, coreid_t core, uint16_t method, const void *bytes,
                            size_t count);

#endif
