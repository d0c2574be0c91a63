/* SPDX-License-Identifier: MIT */
/* The core servers of the other cores: calls to them, and the thread that serves theirs (peer.rpc).
 *
 *    core 0                                             core 1
 *    thread (work.h) -- peer_kill(&channel, ...) -->    peers' thread -- handler, with init's lock
 *                    <-- answer --------------------
 *
 * The rings are pages of SLOT_PEERS, one for each ordered pair of cores. */
#ifndef INIT_PEERS_H
#define INIT_PEERS_H

#include <mudskipper/rpc/channel.h>
#include <mudskipper/rpc/server.h>

struct archive;

/* Opens the rings and starts the thread. `service` is what is served there; badges are the callers' cores. */
MUST_USE err_t peers_start(const struct archive *archive, struct rpc_service *service);

/* False: this core server is the only one. */
bool peers_there(void);

/* What is called through: blocks, so never with init's lock. Every call has a deadline some seconds off.
 * BAD_CORE; PEER_GONE: no core server runs there, or it does not answer. */
MUST_USE err_t peers_channel(uint32_t core, struct rpc_channel *channel);

/* The same without a deadline, for what waits for people. */
MUST_USE err_t peers_patient_channel(uint32_t core, struct rpc_channel *channel);

/* What a call to that core ended with: one that did not answer is left alone until it is heard of again. */
void peers_note(uint32_t core, err_t e);

#endif
