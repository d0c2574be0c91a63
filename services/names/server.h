/* SPDX-License-Identifier: MIT */
/* The nameserver of a core: what it knows, and who does what.
 *
 *                      names.rpc                          peer.rpc
 *    processes of  ---------------> calls.c   +--------> peer_calls.c   <--- nameservers of
 *    this core                        |  |    |             |                 other cores
 *                        far away     |  |    |             |
 *        work.c  <--------------------+  |    |             |
 *          |                             v    |             v
 *          +--> peers.c --> others     offers.c (Services of this core's processes)
 *                                      owned.c  (names that this core owns: core/ns)
 *
 * A name has one owner core, ns_name_owner. Its table says which service holds it, since when, by whose
 * right; the Service itself lies with the nameserver of the server's core, the only place where Handles of it
 * can be made. Asking for a name takes at most one call to each of the two.
 *
 * Locks: `mutex` protects everything in owned.c and offers.c and is never held over a call to another
 * nameserver. Handlers that need another core keep their call and let a
 * worker go on with it (work.c). */
#ifndef NAMES_SERVER_H
#define NAMES_SERVER_H

#include <mudskipper/ns/table.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/thread.h>

struct names_server {
    struct mutex mutex;
    struct condition earlier; /* somebody waits with a deadline before all others */
    coreid_t core;            /* this one */
    size_t count;             /* of cores with a nameserver */
    coreid_t *live;           /* which, this one among them */
    struct rpc_lmp_server lmp;
    struct rpc_memory memory;
};

extern struct names_server names;

/* The core that owns a name. */
coreid_t names_owner(const char *name);

#endif
