/* SPDX-License-Identifier: MIT */
/* From a name to a channel: look up, and connect (rpc/bind.h). */
#ifndef MUDSKIPPER_NS_BIND_H
#define MUDSKIPPER_NS_BIND_H

#include <mudskipper/ns/client.h>
#include <mudskipper/rpc/bind.h>

/* Stays where it was made as long as channels are used. */
struct name_binding {
    struct name_found found;
    struct rpc_connection connection;
};

/* To whoever holds the name now. When that one ends, calls end with PEER_GONE and stay so: bind again to get
 * to its successor. Errors: name_lookup's and rpc_connect's. Blocks. */
MUST_USE err_t name_bind(const struct name_client *c, const char *name, struct name_binding *binding);

/* The same, as soon as somebody holds the name: name_wait's errors. */
MUST_USE err_t name_bind_wait(const struct name_client *c, const char *name, nanos_t deadline,
                              struct name_binding *binding);

static inline struct rpc_channel name_binding_channel(const struct name_binding *binding)
{
    return rpc_connection_channel(&binding->connection);
}

/* Gives connection and handle back. No thread is in a call any more. */
void name_unbind(struct name_binding *binding);

#endif
