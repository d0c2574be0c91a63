/* SPDX-License-Identifier: MIT */
/* Threads that serve faults of other threads, one fault at a time in the order they came. */
#ifndef MUDSKIPPER_RT_FAULT_QUEUE_H
#define MUDSKIPPER_RT_FAULT_QUEUE_H

#include <mudskipper/rt/fault.h>

#define FAULT_STACK_BYTES 16384u

/* Who asks what to do about a fault: true, and the thread goes on. */
struct fault_server {
    struct thread thread;
    struct list faulted;
    bool idle; /* waits for faults, and not for something it needs to serve one */
    rt_fault_handler_t serve;
    _Alignas(16) unsigned char stack[FAULT_STACK_BYTES]; /* never faults */
};

/* The thread begins when there is something to serve. */
void fault_server_start(struct fault_server *s, const char *name, rt_fault_handler_t serve);

/* Faults that the pager does not answer go to this one; once set, it stays. */
void fault_set_second(struct fault_server *s);

#endif
