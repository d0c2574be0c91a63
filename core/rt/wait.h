/* SPDX-License-Identifier: MIT */
/* The waits of threads for messages; all functions are called entered (sched.h). */
#ifndef MUDSKIPPER_RT_WAIT_H
#define MUDSKIPPER_RT_WAIT_H

#include <mudskipper/rt/message.h>
#include "sched.h"

/* A call under way. Its reply is found by the token, so that one that comes after the deadline finds nobody.
 */
struct open_call {
    struct list_node node;
    uint64_t token;
    struct thread *thread;
    struct rt_message *message; /* for the reply */
    cptr_t slot;                /* for its capability */
    err_t error;
    bool done;
};

/* A thread that would take a message. */
struct receiver {
    struct list_node node;
    struct thread *thread;
    struct rt_message *message;
    cptr_t slot; /* for its capability */
    bool done;
};

void wait_open_call(struct open_call *call);
void wait_close_call(struct open_call *call);

/* A call went out; its place in the pool comes back with its reply, in time or not. */
void wait_call_sent(void);

/* The pool is full: blocks until a place may have come back. False: none has. *possible tells why: the
 * deadline passed, or none can, for no call is out. */
bool wait_for_place(nanos_t deadline, bool *possible);

/* A place that was waited for was not used after all: the next may have it. */
void wait_pass_place_on(void);
void wait_add_receiver(struct receiver *r);
void wait_remove_receiver(struct receiver *r);

/* The call received last was answered or kept: others may receive. Returns whether there was one. */
bool wait_call_answered(void);

/* It was not, after all. */
void wait_call_unanswered(void);

/* For a receiving system call: closed when nobody here would take a message. */
uint64_t wait_flags(void);

#endif
