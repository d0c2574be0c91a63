/* SPDX-License-Identifier: MIT */
/* Messages on one core.
 *
 * A message lies in the memory of the dispatcher that sends it, one of a pool whose size its maker chose. So
 * nobody can fill anybody else's memory, a receiver needs none, and a reply always has a place: the message
 * of its call. The life of one:
 *
 *           send                    receive                    reply
 *   FREE ----------> QUEUED ----------------------> TAKEN ---------------> ANSWERED ----> FREE
 *     ^                 |  one-way: received           |  server gone: an error  |   received
 *     +-----------------+                              +-------------------------+
 *
 * QUEUED and ANSWERED messages are in the `incoming` list of the dispatcher that will receive them, in order
 * of arrival. A TAKEN one is known to the dispatcher that may answer it (`current`) or to a Reply capability,
 * nowhere else; there is at most one answer. When sender and receiver meet in the kernel, words go from
 * registers to registers.
 *
 * The buffer in the sender's memory is L4's, the one-shot reply seL4's; that both are one object is ours. */
#ifndef MUDSKIPPER_KERNEL_MESSAGE_H
#define MUDSKIPPER_KERNEL_MESSAGE_H

#include <mudskipper/abi/error.h>
#include <mudskipper/abi/syscall.h>
#include <mudskipper/pure/list.h>

struct core;
struct dispatcher;
struct endpoint;

enum message_state { MESSAGE_FREE, MESSAGE_QUEUED, MESSAGE_TAKEN, MESSAGE_ANSWERED };

struct message {
    struct list_node node; /* in a list of the receiver, or in `free` of the owner */
    struct dispatcher *owner;
    struct endpoint *endpoint; /* QUEUED: where to */
    struct message **taker;    /* TAKEN: the pointer that names this message, to be cleared when it goes */
    uint8_t state;
    bool is_call;
    uint64_t flags; /* SYS_CAME_... as the receiver will see them */
    uint64_t badge; /* of the sender's capability */
    uint64_t token; /* of the caller */
    err_t error;    /* ANSWERED */
    uint32_t length;
    uint64_t words[SYS_WORDS];
};

/* The kernel object behind EndpointLMP capabilities: a way to one dispatcher. */
struct endpoint {
    struct dispatcher *receiver; /* NULL: nobody receives there any more */
};

/* Makes the pool: as many messages as fit into `bytes` at `memory`. */
void message_pool_init(struct dispatcher *d, void *memory, size_t bytes);

/* Sends what the arguments of the running `d` say. Refused without a trace: MSG_LENGTH, MSG_NO_TARGET,
 * MSG_FULL. */
MUST_USE err_t message_send(struct core *core, struct dispatcher *d, struct endpoint *endpoint,
                            uint64_t badge, bool is_call);

/* Answers the call that *call names with the arguments of the running `d`: MSG_LENGTH, MSG_NO_REPLY. */
MUST_USE err_t message_reply(struct core *core, struct dispatcher *d, struct message **call);

/* Gives the running `d` what has come, or makes it wait until its deadline. Sets all results. */
void message_receive(struct core *core, struct dispatcher *d);

/* Tells a waiting `d` that notification bits were set. */
void message_notify(struct core *core, struct dispatcher *d);

/* The call that *call names ends with an error instead of a reply. Does nothing when there is none. */
void message_fail(struct core *core, struct message **call, err_t error);

/* `d` ends: its messages vanish, calls to it fail with PEER_GONE. */
void message_forget_dispatcher(struct core *core, struct dispatcher *d);

/* The endpoint ends: messages queued through it fail the same way. */
void message_forget_endpoint(struct core *core, struct endpoint *endpoint);

#endif
