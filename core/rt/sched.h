/* SPDX-License-Identifier: MIT */
/* The thread library's inside. Everything that touches its lists runs with upcalls disabled: sched_enter() ..
 * sched_leave(). A switch keeps them disabled; the thread switched to leaves. */
#ifndef MUDSKIPPER_RT_SCHED_H
#define MUDSKIPPER_RT_SCHED_H

#include <mudskipper/abi/start.h>
#include <mudskipper/abi/syscall.h>
#include <mudskipper/rt/thread.h>

struct sched {
    struct dispatcher_user *user;
    struct thread *current;
    struct list ready;
    struct list sleepers; /* earliest first */
    struct list all;
    struct thread first; /* main's */
};

extern struct sched sched;

void sched_init(const struct start_block *start);

/* Upcalls off; nests not. */
void sched_enter(void);
void sched_leave(void);

/* What is used while entered must be there: an object of a caller, which may lie in memory that comes on
 * demand, is touched before. */
#define SCHED_TOUCH(object)                                                                                  \
    do {                                                                                                     \
        const volatile char *touched = (const volatile char *)(object);                                      \
                                                                                                             \
        (void)touched[0];                                                                                    \
        (void)touched[sizeof(*(object)) - 1];                                                                \
    } while (0)

/* Entered. The current thread stops being runnable until sched_wake or the deadline; when this returns it
 * runs again, entered. False: the deadline came. The caller has put the thread into a waiting list of its
 * own, if any. */
bool sched_block(nanos_t deadline);

/* Entered. `t` is blocked: it becomes ready. Takes it out of the list its node is in. */
void sched_wake(struct thread *t);

/* Entered. Whether the current thread is to be interrupted when its slice is over. */
void sched_want_slices(bool wanted);

/* Entered. Ends the wait of `t`, if it is in one that has a deadline. */
void sched_end_wait(struct thread *t);

/* Entered. Others of the ready list may go first. */
void sched_yield(void);

/* Entered, in the place of a thread that cannot go on: never returns to it. */
_Noreturn void sched_run_other(void);

/* wait.c: nothing is ready. Waits in the kernel until something wakes a thread. Entered. */
void wait_in_kernel(nanos_t deadline);

/* wait.c: takes what has come, without waiting. Entered. */
void wait_poll(void);

/* wait.c: what a receiving system call returned; wakes whom it concerns. Entered. */
void wait_dispatch(const uint64_t args[SYS_ARGS]);

/* fault.c: the fault upcall. */
void fault_upcall(void *user);

#endif
