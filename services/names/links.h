/* SPDX-License-Identifier: MIT */
/* Connections to the nameservers of other cores: made when first used, and again after one was lost. */
#ifndef NAMES_LINKS_H
#define NAMES_LINKS_H

#include <mudskipper/rpc/bind.h>

struct link {
    coreid_t core;
    unsigned users;
    bool lost;
    cptr_t handle;
    struct rpc_connection connection;
    struct rpc_channel channel;
};

/* Which cores have a nameserver: fills names.live and names.count. */
MUST_USE err_t links_init(void);

/* The connection to another core's nameserver, for one call; blocks while it is made. PEER_GONE: there is no
 * nameserver. */
MUST_USE err_t links_use(coreid_t core, struct link **link);

/* The call has ended like this. After PEER_GONE all names that came from that core are gone, too. */
void links_done(struct link *link, err_t e);

#endif
