/* SPDX-License-Identifier: MIT */
/* Names of services, as a process uses them. Behind it stands the nameserver of its core (SLOT_NAMES), which
 * knows the names of all cores; what names are and who may have which: docs/reference/names.md.
 *
 *     server                              client
 *     name_register(…, "app.demo.echo")   name_lookup(…, "app.demo.echo", &found)
 *       Service of its endpoint -->         --> found.handle, a capability to call through
 *
 * Every call here blocks until the nameserver has answered, and fails with PEER_GONE when there is none, with
 * NAME_SYNTAX (detail: position of the first wrong byte) when the name is none; further errors are named.
 * Thread-safe. */
#ifndef MUDSKIPPER_NS_CLIENT_H
#define MUDSKIPPER_NS_CLIENT_H

#include <mudskipper/ns/name.h>
#include <mudskipper/rpc/lmp.h>

/* What a nameserver tells apart by the upper half of a badge (RPC_BADGE), for whoever makes the capabilities
 * to it: the core server, which also makes its endpoint. The lower half is the caller's process number; of
 * NAMES_FOR_PEERS the number of the calling core. */
enum names_service {
    NAMES_FOR_PROGRAMS = 1, /* names.rpc; may register below app. */
    NAMES_FOR_SYSTEM = 2,   /* names.rpc; what the boot file started: sys. dev. net. fs. app. */
    NAMES_FOR_PEERS = 3,    /* peer.rpc: the nameservers of other cores */
};

/* The connection to the nameserver. Fields are private. */
struct name_client {
    struct rpc_lmp_link link;
    struct rpc_channel channel;
};

/* Nothing is sent. `memory` and `slots` stay as long as the client is used. */
void name_client_init(struct name_client *c, const struct rpc_memory *memory, const struct rpc_slots *slots);

/* ---- servers ---- */

struct name_offer {
    const char *name;
    const char *attributes;            /* "key=value key=value"; NULL: none */
    const struct rpc_service *service; /* of this process's own endpoint */
    enum ns_mode mode;
};

/* Registers a service of this process: makes a Service capability of SLOT_ENDPOINT with service->number and
 * hands it over. *generation (may be NULL) is 0 when it was queued. One name per call; a service may have
 * several. The name goes with the process, with name_deregister, or when the Service is revoked.
 *   NAME_ATTRIBUTES  (detail: position)
 *   NAME_PREFIX      not for this process to have
 *   NAME_TAKEN
 *   NO_MEMORY */
MUST_USE err_t name_register(const struct name_client *c, const struct name_offer *offer,
                             uint64_t *generation);

/* Gives a name back. Whoever holds a handle gets PEER_GONE from then on.
 *   NOT_FOUND  this process neither holds it nor waits for it */
MUST_USE err_t name_deregister(const struct name_client *c, const char *name);

/* ---- clients ---- */

struct name_found {
    cptr_t handle; /* to call the service, on whichever core it is; the caller's, with its slot */
    uint64_t generation;
    coreid_t core; /* of the server */
    uint32_t process;
};

/* *found is set on success only.
 *   NAME_UNKNOWN  nobody holds it */
MUST_USE err_t name_lookup(const struct name_client *c, const char *name, struct name_found *found);

/* For somebody who had a handle of this generation.
 *   NAME_UNKNOWN
 *   STALE         another one holds the name (detail: its generation) */
MUST_USE err_t name_lookup_same(const struct name_client *c, const char *name, uint64_t generation,
                                struct name_found *found);

/* Blocks until somebody holds the name.
 *   TIMEOUT       nobody did before the deadline
 *   NAME_UNKNOWN  somebody did, and ended at once */
MUST_USE err_t name_wait(const struct name_client *c, const char *name, nanos_t deadline,
                         struct name_found *found);

struct name_entry {
    const char *name;
    const char *attributes; /* "" when there are none */
    coreid_t core;          /* of the server */
    uint32_t process;
    uint64_t generation;
};

/* Strings are valid during the call. False: that is enough. */
typedef bool (*name_each_t)(void *argument, const struct name_entry *entry);

/* All names of all cores at or below a prefix ("": all), in order. No snapshot: a name that comes or goes
 * meanwhile may be told or not, each once. `each` may have been called before an error.
 *   NO_MEMORY */
MUST_USE err_t name_list(const struct name_client *c, const char *prefix, name_each_t each, void *argument);

#endif
