/* SPDX-License-Identifier: MIT */
/* The core servers of the other cores: calls to them, and the thread that serves theirs (peer.rpc).
 *
 *    core 0                                             core 1
 *    thread (work.h) -- peer_kill(&channel, ...) -->    peers' thread -- handler, with init's lock
 *                    <-- answer --------------------
 *
 * The rings are pages of SLOT_PEERS, one for each ordered pair of cores. Behind a page's ring stands how
 * often its writer's thread was awake: a core server that is woken again and again and does not count is
 * silent, as one is whose core has stopped. How long a call takes says nothing: its handler may wait for a
 * third core. */
#ifndef INIT_PEERS_H
#define INIT_PEERS_H

#include <mudskipper/rpc/channel.h>
#include <mudskipper/rpc/server.h>

struct archive;

/* Opens the rings and starts the thread. `service` is what is served there; badges are the callers' cores. */
MUST_USE err_t peers_start(const struct archive *archive, struct rpc_service *service);

/* False: this core server is the only one. */
bool peers_there(void);

/* What is called through: blocks, so never with init's lock. A call has no deadline, and ends with PEER_GONE
 * when that core falls silent. BAD_CORE; PEER_GONE: no core server runs there, or it is silent, and has not
 * been heard of since. */
MUST_USE err_t peers_channel(uint32_t core, struct rpc_channel *channel);

/* Somebody waits from now on for what another core tells by itself (abroad.h): it is looked at meanwhile. */
void peers_watch(void);

/* It has not answered, and was not heard of since; it is woken, to be heard of the next time. Does not block;
 * with init's lock or without. */
bool peers_is_silent(uint32_t core);

#endif
