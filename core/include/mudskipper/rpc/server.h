/* SPDX-License-Identifier: MIT */
/* A server's end: one process offers many services, told apart by the badge of the capability through which a
 * client calls.
 *
 *     63              32 31               0
 *    +------------------+------------------+
 *    | service          | client           |   badge, set once when the capability is made, so it cannot be
 *    +------------------+------------------+   forged; a client number means the same client as long as it
 * lives
 *
 *    transport's loop --> rpc_server_take --> interface->dispatch --> ops->write(context, request, …)
 *      (lmp.h, …)           (this file)         (tools/rpcgen)           (the service)
 *
 * A handler ends the call in one of four ways:
 *   - terminal_read_reply(request, …), made by rpcgen for methods with results;
 *   - returning OK from a method without results;
 *   - returning an error, which travels to the client with all its context;
 *   - rpc_keep, and one of the first and third later, from any thread.
 * A handler that does none of them is a bug that the client sees as MSG_UNANSWERED.
 *
 * Arguments point into the message and are valid until the handler returns, also after rpc_keep. Capabilities
 * in arguments are deleted when it returns, unless rpc_take_cap was called for them.
 *
 * What a client leaves here (requests that are not whole yet, results that it has not fetched, calls that
 * were kept) is accounted to it, up to client_bytes and client_slots: further calls end with LIMIT, and
 * nobody else notices.
 *
 * Locks: the server's protects services, clients and everything below them; it is not held while a handler
 * runs. Services are added before and removed after calls to them can come. Pure. */
#ifndef MUDSKIPPER_RPC_SERVER_H
#define MUDSKIPPER_RPC_SERVER_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/tree.h>
#include <mudskipper/rpc/message.h>

struct rpc_request;

/* A service's interface; tools/rpcgen makes NAME_interface of NAME.rpc. */
struct rpc_interface {
    const char *name;
    uint32_t version;
    const uint8_t *description; /* what the method `describe` answers: describe.h */
    uint32_t description_bytes;
    /* Reads the arguments and calls the handler. MSG_MALFORMED, MSG_NO_METHOD, NOT_SUPPORTED (the service has
     * no handler for it), NO_MEMORY, and what the handler returns. */
    MUST_USE err_t (*dispatch)(const void *ops, void *context, struct rpc_request *request);
};

struct rpc_service {
    const struct rpc_interface *interface;
    const void *ops; /* struct NAME_ops */
    void *context;   /* first argument of all its handlers */
    uint32_t number; /* not 0; unique in its server */
    struct tree_node node;
};

#define RPC_BADGE(service, client) CAP_HANDLE_BADGE(service, client)

/* A way in: one for all callers by LMP, one for each ring. A server may have any number, and answers each
 * call where it came in. A handle stands for a call that was kept; 0 is the call that is being taken. Both
 * are called with the server's lock held and do not wait for the client. MSG_NO_REPLY: it is gone; after that
 * and after success the handle is none any more. */
struct rpc_server_port {
    MUST_USE err_t (*answer)(void *context, uint64_t handle, const struct rpc_part *part);
    MUST_USE err_t (*keep)(void *context, uint64_t *handle);
    void *context;
};

/* The server's lock: what its threads have for that. */
struct rpc_lock {
    void (*lock)(void *context);
    void (*unlock)(void *context);
    void *context;
};

struct rpc_server_figures {
    uint64_t requests;  /* whole ones, given to handlers */
    uint64_t malformed; /* parts that were refused */
    uint64_t dropped;   /* replies that nobody waited for */
    size_t clients;     /* that have left something here */
    size_t bytes;       /* left by all of them */
};

struct rpc_server {
    const struct rpc_lock *lock;
    const struct rpc_lock *turns; /* held while a handler runs; NULL: those of several threads run at once */
    const struct rpc_memory *memory;
    const struct rpc_slots *slots;
    size_t client_bytes; /* the most that one client may leave here; may be changed at any time */
    size_t client_slots;
    struct tree services; /* by number */
    struct tree clients;  /* by badge and port */
    struct rpc_server_figures figures;
};

/* Until somebody says otherwise. */
#define RPC_CLIENT_BYTES ((size_t)4 * RPC_MESSAGE_MAX)
#define RPC_CLIENT_SLOTS ((size_t)RPC_CAPS_MAX)

void rpc_server_init(struct rpc_server *server, const struct rpc_lock *lock, const struct rpc_memory *memory,
                     const struct rpc_slots *slots);

/* Drops everything that clients have left. No handler runs, and all calls that were kept have ended. */
void rpc_server_end(struct rpc_server *server);

/* The caller fills interface, ops, context and number; the struct stays his. EXISTS: the number is taken. */
MUST_USE err_t rpc_server_add(struct rpc_server *server, struct rpc_service *service);
void rpc_server_remove(struct rpc_server *server, struct rpc_service *service);

/* For transports. Takes a part that came in at this port, through a capability with this badge, and runs the
 * handler if the request is whole. A capability in *part is the server's from here on, with its slot. True:
 * *answer has to be sent, and bears no capability; false: the answer went through the port, will come later,
 * or is not due. */
bool rpc_server_take(struct rpc_server *server, const struct rpc_server_port *port, uint64_t badge,
                     bool is_call, const struct rpc_part *part, struct rpc_part *answer);

/* The client of this badge is gone: drops what it has left, and the answers to its calls that were kept,
 * whichever way they came in. */
void rpc_server_forget(struct rpc_server *server, uint64_t badge);

/* The same for what came in at one port; from here on the port is not used any more. */
void rpc_server_forget_port(struct rpc_server *server, const struct rpc_server_port *port, uint64_t badge);

/* The walker R2: the number of mistakes in the bookkeeping, each a sentence for `sink`, unless it is NULL.
 * The caller holds the server's lock. */
size_t rpc_server_check(const struct rpc_server *server, format_sink_t sink, void *context);

/* ---- for handlers
 * ------------------------------------------------------------------------------------------------ */

enum rpc_request_state { RPC_REQUEST_OPEN, RPC_REQUEST_ANSWERED, RPC_REQUEST_KEPT };

struct rpc_stored;

/* One call. Handlers use the functions below; `arguments` is the generated code's. */
struct rpc_request {
    struct rpc_server *server;
    const struct rpc_server_port *port; /* taken now: where it came in */
    const struct rpc_service *service;
    uint64_t badge;
    uint32_t call;
    uint16_t method;
    enum rpc_request_state state;
    struct rpc_reader arguments;
    cptr_t *caps;              /* of the arguments; CPTR_NULL where one was taken */
    struct rpc_part *answer;   /* taken now: where the answer goes */
    bool answer_due;           /* and it is there */
    struct rpc_stored *stored; /* the request's own memory, or where it is kept */
    void *scratch;
};

/* Who calls: the lower half of the badge. */
static inline uint32_t rpc_client(const struct rpc_request *request)
{
    return (uint32_t)request->badge;
}

/* The capability of an argument, and its slot, are the service's now. */
void rpc_take_cap(struct rpc_request *request, cptr_t cap);

/* The call will be answered later: by a reply function or rpc_fail with *kept, once, from any thread. Others
 * are served meanwhile. NO_MEMORY, LIMIT, CAP_SLOTS_EXHAUSTED: it was not kept. */
MUST_USE err_t rpc_keep(struct rpc_request *request, struct rpc_request **kept);

/* Whether the client of a call that was kept has stopped waiting. It still has to be answered. */
bool rpc_is_cancelled(const struct rpc_request *kept);

/* Ends the call with an error. For a handler that has not kept the call, returning it is the same. */
void rpc_fail(struct rpc_request *request, err_t error);

/* ---- for generated code
 * ------------------------------------------------------------------------------------------ */

/* Memory until the handler returns, zeroed; NULL, and the arguments are in error: there is none. */
void *rpc_scratch(struct rpc_request *request, size_t bytes);

/* A message for the results. */
void rpc_reply_begin(struct rpc_request *request, struct rpc_message *results);

/* Answers with it and frees it. The call ends in any case, and one that was kept is not there any more: an
 * error, which the client gets and the caller too, says that it did not get the results. The capabilities in
 * it are not needed any more afterwards. */
MUST_USE err_t rpc_reply_send(struct rpc_request *request, struct rpc_message *results);

/* Answers a method without results if its handler succeeded and did nothing itself; returns `result`. */
MUST_USE err_t rpc_reply_empty(struct rpc_request *request, err_t result);

#endif
