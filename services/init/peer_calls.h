/* SPDX-License-Identifier: MIT */
/* What this core answers the others (peer.rpc). */
#ifndef INIT_PEER_CALLS_H
#define INIT_PEER_CALLS_H

#include <mudskipper/rpc/server.h>

struct archive;

struct rpc_service *peer_calls_service(const struct archive *archive);

#endif
