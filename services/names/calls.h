/* SPDX-License-Identifier: MIT */
/* names.rpc and peer.rpc: what processes of this core, and nameservers of others, ask. */
#ifndef NAMES_CALLS_H
#define NAMES_CALLS_H

#include <mudskipper/ns/client.h>

/* By NAMES_FOR_PROGRAMS, NAMES_FOR_SYSTEM, NAMES_FOR_PEERS. EXISTS. */
MUST_USE err_t calls_serve(struct rpc_server *server);      /* calls.c */
MUST_USE err_t peer_calls_serve(struct rpc_server *server); /* peer_calls.c */

/* A name of the nameserver's own; asks its owner in the background. */
MUST_USE err_t calls_register(const char *name, cptr_t service);

/* Ends a Service, whose slot is given up, and all its Handles, now or soon. Any lock may be held. */
void calls_revoke(cptr_t service);

/* A process of this core has ended: everything it registered is gone, on every core, when this returns. Not
 * called by handlers. */
void calls_process_gone(uint32_t process);

#endif
