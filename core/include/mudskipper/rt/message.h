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
    cptr_t cap;      /* sent: a copy goes along, CPTR_NULL none; received: where it is, CPTR_NULL none */
    uint64_t flags;  /* received: SYS_CAME_...; SYS_CAME_CAP without cap: it found no place and is gone */
    uint64_t words[SYS_WORDS];
};

/* One-way; does not block. MSG_FULL: too many of this process's messages are under way. */
MUST_USE err_t rt_send(cptr_t to, const struct rt_message *message);

/* Sends `message` and blocks until its reply has overwritten it. A capability in the reply goes to
 * receive_slot, or is deleted when that is CPTR_NULL or not empty. A reply after the deadline is dropped.
 * When too many of this process's calls are under way, it waits for one to end; MSG_FULL only when one-way
 * messages have all places. Errors: what the kernel refuses, TIMEOUT, PEER_GONE, CANCELLED (the server took
 * another message without answering). */
MUST_USE err_t rt_call(cptr_t to, struct rt_message *message, cptr_t receive_slot, nanos_t deadline);

/* Blocks until a message comes to one of this process's endpoints; several threads may wait, the first gets
 * it. A capability goes where rt_call puts it. While a received call is unanswered and not kept, nobody
 * receives. */
MUST_USE err_t rt_receive(struct rt_message *message, cptr_t receive_slot, nanos_t deadline);

/* Answers the call received last. Does not block. A message that is refused (MSG_LENGTH, CAP_...) leaves the
 * call unanswered. MSG_NO_REPLY: there is no call, or its caller is gone. */
MUST_USE err_t rt_reply(const struct rt_message *message);

/* Puts the right to answer the call received last into an empty slot, as a Reply, to be used later; from here
 * on others may receive. MSG_NO_REPLY: no call is unanswered. */
MUST_USE err_t rt_keep_reply(cptr_t slot);

/* Answers a call that was kept, from any thread. Does not block. The slot is empty afterwards, unless the
 * message itself was refused. MSG_NO_REPLY: the caller is gone. */
MUST_USE err_t rt_reply_to(cptr_t reply_slot, const struct rt_message *message);

/* rt_reply and rt_receive in one step: what a server's loop does. After an error of rt_reply nothing was
 * received. */
MUST_USE err_t rt_reply_receive(struct rt_message *message, cptr_t receive_slot, nanos_t deadline);

/* Called with upcalls disabled when notification bits were set; must clear them and may wake threads. */
void rt_on_notify(void (*handler)(void));

#endif
