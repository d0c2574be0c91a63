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
 * A capability that goes along may at the time of the receive be the last to its object, so that dropping it
 * ends something: the receiver, the sender, anything. Therefore it is dropped before the message is taken out
 * of its list, in steps of a system call that starts again. A message that meets its receiver carries a copy
 * of what its sender holds, and dropping that ends nothing.
 *
 * The buffer in the sender's memory is L4's, the one-shot reply seL4's; that both are one object is ours. */
#ifndef MUDSKIPPER_KERNEL_MESSAGE_H
#define MUDSKIPPER_KERNEL_MESSAGE_H

#include <mudskipper/abi/cap_slot.h>
#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/abi/syscall.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/pure/list.h>

struct core;
struct dispatcher;
struct endpoint;

enum message_state { MESSAGE_FREE, MESSAGE_QUEUED, MESSAGE_TAKEN, MESSAGE_ANSWERED };

struct message {
    struct list_node node; /* in a list of the receiver, or in `free_messages` of the owner */
    struct dispatcher *owner;
    struct endpoint *endpoint; /* QUEUED: where to */
    uint32_t server;           /* process that it was sent to, for people */
    struct message **taker;    /* TAKEN: the pointer that names this message, to be cleared when it goes */
    struct cap_slot *cap;      /* the capability that goes along; in the owner's object */
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
    struct cap_slot deletion;    /* reserved: where its last capability goes when the object is deleted */
    struct dispatcher *receiver; /* NULL: nobody receives there (any more) */
    struct list_node node;       /* in `endpoints` of the receiver */
};

static inline struct endpoint *endpoint_of(const struct cap_slot *s)
{
    return hal_p2v(s->base);
}

/* Makes the pool: `count` messages at `memory`. The last one is kept for the news of the dispatcher's end. */
void message_pool_init(struct dispatcher *d, void *memory, uint32_t count);

/* Messages to `endpoint` come to `d` from now on. */
void message_bind(struct dispatcher *d, struct endpoint *endpoint);

/* Does a step towards an empty slot in the message that `d` would send next, when a capability that nobody
 * received is left there. True: the system call starts again, unless that ended `d`. */
bool message_clean(struct core *core, struct dispatcher *d);

/* Sends what the arguments of the running `d` say, with a copy of the capability they name. Refused without a
 * trace: MSG_LENGTH, MSG_NO_TARGET, MSG_FULL, what cap_lookup_source and cap_copy_check say,
 * CAP_MISSING_RIGHT (GRANT). */
MUST_USE err_t message_send(struct core *core, struct dispatcher *d, struct endpoint *endpoint,
                            uint64_t badge, bool is_call);

/* The n-th call of `d` that was not answered yet, counted from 0; NULL: there are not so many. */
const struct message *message_open_call(const struct dispatcher *d, uint64_t n);

/* Answers the call that *call names with the arguments of the running `d`: the same errors, and MSG_NO_REPLY.
 */
MUST_USE err_t message_reply(struct core *core, struct dispatcher *d, struct message **call);

/* Gives the running `d` what has come, or makes it wait until its deadline. Sets all results; or goes on as
 * an unfinished SYS_RECV, when a capability that finds no place has to be deleted first. */
void message_receive(struct core *core, struct dispatcher *d);

/* Tells a waiting `d` that notification bits were set. */
void message_notify(struct core *core, struct dispatcher *d);

/* The call `m`, which is TAKEN and whose taker goes, ends with an error instead of a reply. */
void message_fail(struct core *core, struct message *m, err_t error);

/* The monitor of `d` learns that it ended. */
void message_exit(struct core *core, struct dispatcher *d, uint32_t exit_code, enum exit_reason reason,
                  const struct fault_record *fault);

/* `d` ends: its messages vanish, calls to it fail with PEER_GONE. */
void message_forget_dispatcher(struct core *core, struct dispatcher *d);

/* The object of `d` goes away: so does the news of its end. */
void message_forget_exit(struct dispatcher *d);

/* The endpoint ends: messages queued through it fail the same way. */
void message_forget_endpoint(struct core *core, struct endpoint *endpoint);

#endif
