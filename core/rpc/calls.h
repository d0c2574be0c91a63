/* SPDX-License-Identifier: MIT */
/* What clients leave at a server between two messages, and who pays for it. All functions are called with the
 * server's lock held.
 *
 *    server->clients --> client (badge, port) --> calls, by id:  REQUEST   parts are missing
 *                          bytes, slots, objects                 KEPT      the handler answers later
 *                                                                REPLY     parts have not been fetched
 *
 * A call whose handler runs is in no tree, but still accounted. At most one stands under an id: a new one
 * ends the old one, whose client has plainly given it up. */
#ifndef MUDSKIPPER_RPC_CALLS_H
#define MUDSKIPPER_RPC_CALLS_H

#include <mudskipper/rpc/server.h>

/* Who calls: the badge, and the way in. A client that comes by two ways is two clients, each with its ids. */
struct origin {
    const struct rpc_server_port *port;
    uint64_t badge;
};

struct client {
    struct tree_node node;
    struct tree calls;
    struct list kept; /* KEPT, whether in the tree or not */
    struct origin from;
    size_t bytes;   /* of all its objects */
    size_t slots;   /* likewise */
    size_t objects; /* in its tree or not; a client without any is freed */
};

enum stored_state { STORED_REQUEST, STORED_KEPT, STORED_REPLY };

struct rpc_stored {
    struct tree_node node;
    struct client *client;
    size_t object_bytes; /* of this struct and what lies behind it */
    size_t slots;        /* that it may need, filled or not */
    uint32_t call;
    uint16_t method;
    uint8_t state;
    bool cancelled; /* KEPT: its client does not wait any more */
    uint32_t next;  /* part that is taken or fetched next */
    uint32_t bytes; /* of the payload */
    unsigned caps;  /* of the message */
    cptr_t *cap;    /* those that are there; CPTR_NULL: not here (any more) */
    uint8_t *payload;
    struct list_node kept_node;         /* KEPT */
    const struct rpc_server_port *port; /* KEPT: where to answer */
    uint64_t handle;                    /* likewise: what stands for the call there */
    struct rpc_request request;         /* KEPT: what the service has in hand */
};

void calls_init(struct rpc_server *server);

/* NULL: none. */
struct rpc_stored *calls_find(struct rpc_server *server, struct origin from, uint32_t call);

/* One with room for a message, its slots empty. LIMIT: the client's; NO_MEMORY. */
MUST_USE err_t calls_add(struct rpc_server *server, enum stored_state state, struct origin from,
                         const struct rpc_header *header, struct rpc_stored **stored);

/* Takes it out of its client's tree. */
void calls_unlink(struct rpc_stored *stored);

/* Gives everything back, capabilities too. */
void calls_free(struct rpc_server *server, struct rpc_stored *stored);

/* What sending a capability of a reply says, as the client is told: that it has been revoked meanwhile. */
static inline err_t rpc_revoked(err_t e)
{
    return err_is(e, ERR_CAP_EMPTY_SLOT) ? err_make(ERR_MSG_CAP_GONE, 0) : e;
}

/* Its client has given it up: freed, but for one that was kept, which is marked. NULL is allowed. */
void calls_drop(struct rpc_server *server, struct rpc_stored *stored);

#endif
