/* SPDX-License-Identifier: MIT */
/* Questions to the core that can answer them, this one or another: the owner of a name, the core of a server,
 * all. Each blocks when it is another; names.mutex is not held. PEER_GONE: that core's nameserver has ended.
 */
#ifndef NAMES_PEERS_H
#define NAMES_PEERS_H

#include "names_rpc.h"
#include "owned.h"

MUST_USE err_t peers_claim(const struct asker *who, const struct claim *claim, struct claimed *claimed);
void peers_release(const struct asker *who, const char *name, uint64_t service);
MUST_USE err_t peers_find(const char *name, uint64_t generation, struct holder *holder);

/* Only for names of other cores. */
MUST_USE err_t peers_wait(uint32_t process, const char *name, nanos_t deadline, struct holder *holder);

/* NOT_FOUND: the service has ended. */
MUST_USE err_t peers_handle(const struct holder *holder, uint32_t client, cptr_t *handle);

void peers_drop(coreid_t core, uint64_t service);

/* A process of this core has ended: everybody forgets its names. */
void peers_gone(uint32_t process);

/* How many mistakes the nameserver of a core finds in its books. BAD_CORE: none is there. */
MUST_USE err_t peers_check(coreid_t core, uint64_t *mistakes);

/* The first names of all cores behind `after`. *more: these were not all. */
#define PEERS_LIST_MAX NAMES_LIST_FOUND_MAX
MUST_USE err_t peers_list(const char *prefix, const char *after, struct names_entry found[PEERS_LIST_MAX],
                          size_t *count, bool *more);

#endif
