/* SPDX-License-Identifier: MIT */
/* Connections to the nameservers of other cores. */
#ifndef NAMES_LINKS_H
#define NAMES_LINKS_H

#include <mudskipper/rpc/channel.h>

/* Which cores have a nameserver: fills names.live and names.count. */
MUST_USE err_t links_init(void);

/* The connection to a core's; makes it first if there is none. Blocks. PEER_GONE: it has ended. */
MUST_USE err_t links_channel(coreid_t core, struct rpc_channel *channel);

#endif
