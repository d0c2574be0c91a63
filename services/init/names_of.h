/* SPDX-License-Identifier: MIT */
/* How the nameservers of all cores reach each other: Handles of this core's, one for each other core, made
 * when they are asked for. Their Service stands on the endpoint that init keeps for the nameserver, so they
 * stay good when it is started anew. With init's lock held. */
#ifndef INIT_NAMES_OF_H
#define INIT_NAMES_OF_H

#include <mudskipper/rpc/server.h>

/* Into an empty slot: a Handle whose badge is (NAMES_FOR_PEERS, core). */
MUST_USE err_t names_handle(coreid_t core, cptr_t slot);

/* The handler of core.names_of. */
MUST_USE err_t serve_names_of(void *context, struct rpc_request *request, uint32_t core);

/* And of peer.names, for core `core`. */
MUST_USE err_t names_for(struct rpc_request *request, coreid_t core);

#endif
