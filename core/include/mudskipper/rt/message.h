/* SPDX-License-Identifier: MIT */
/* Messages on one core as threads use them: each call blocks its thread only, and ends with the reply, an
 * error or its deadline. The layer below RPC: at most eight words and one capability. */
#ifndef MUDSKIPPER_RT_MESSAGE_H
#define MUDSKIPPER_RT_MESSAGE_H

#include <mudskipper/abi/error.h>
#include <mudskipper/abi/syscall.h>

struct rt_message {
    uint64_t badge;  /* received: of the sender's capability */
    uint32_t length; /* words */
    cptr_t cap;      /* sent: a copy goes along, CPTR_NULL none; received: where it is, CPTR_NULL none came */
    uint64_t flags;  /* received: SYS_CAME_... */
    uint64_t words[SYS_WORDS];
};

/* One-way; does not block. MSG_FULL: too many of this process's messages are under way. */
MUST_USE err_t rt_send(cptr_t to, const struct rt_message *message);

/* Sends `message` and blocks until its reply has overwritten it. A capability in the reply goes to
 * receive_slot, or is deleted when that is CPTR_NULL. A reply after the deadline is dropped. Errors: what the
 * kernel refuses, TIMEOUT, PEER_GONE, CANCELLED (the server took another message without answering). */
MUST_USE err_t rt_call(cptr_t to, struct rt_message *message, cptr_t receive_slot, nanos_t deadline);

/* Blocks until a message comes to one of this process's endpoints; several threads may wait, the first gets
 * it. While a received call is unanswered and not kept, nobody receives. */
MUST_USE err_t rt_receive(struct rt_message *message, cptr_t receive_slot, nanos_t deadline);

/* Answers the call received last. Does not block. */
MUST_USE err_t rt_reply(const struct rt_message *message);

/* rt_reply and rt_receive in one step: what a server's loop does. */
MUST_USE err_t rt_reply_receive(struct rt_message *message, cptr_t receive_slot, nanos_t deadline);

/* Called with upcalls disabled when notification bits were set; must clear them and may wake threads. */
void rt_on_notify(void (*handler)(void));

#endif
