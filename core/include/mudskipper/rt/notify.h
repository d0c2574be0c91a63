/* SPDX-License-Identifier: MIT */
/* Notification bits of this process (abi/dispatcher.h), shared out: each `struct notification` has a bit that
 * the kernel sets, and threads wait until it has been set. Being set twice before anybody looks counts once.
 *
 * This is the handler of rt_on_notify: a program that installs its own cannot use what stands here. */
#ifndef MUDSKIPPER_RT_NOTIFY_H
#define MUDSKIPPER_RT_NOTIFY_H

#include <mudskipper/rt/thread.h>

/* Several notifications that a thread waits for at once: those that have been set, in that order. */
struct notification_group {
    struct list ready;
    struct list waiting;
};

/* Members are the library's own; stays where it was opened. */
struct notification {
    struct list_node node; /* among those of its word */
    struct list waiting;
    struct notification_group *group; /* NULL: it is waited for alone */
    struct list_node ready_node;
    unsigned bit;
    unsigned hands; /* threads that got it of its group and have not put it back */
    bool set;       /* and nobody has taken it */
    bool over;      /* nobody gets it any more */
};

/* Takes a free bit: n->bit, to be told to whoever sets it. LIMIT: all are in use. */
MUST_USE err_t notification_open(struct notification *n);

void notification_group_init(struct notification_group *g);

/* The same, for a group; nobody waits for it alone. */
MUST_USE err_t notification_open_in(struct notification *n, struct notification_group *g);

/* Nobody waits, and nobody sets the bit any more. */
void notification_close(struct notification *n);

/* Blocks until the bit has been set since the last wait that returned true; false: the deadline came. One
 * thread is woken each time. */
bool notification_wait(struct notification *n, nanos_t deadline);

/* Blocks until one of the group has been set; each time it was set some thread gets it once, and has it in
 * hand until notification_put. NULL: the deadline came. O(1), however many there are. */
struct notification *notification_wait_any(struct notification_group *g, nanos_t deadline);

/* Puts it back. Once one thread has said `over`, no other gets it. True: it is over, and no thread has it in
 * hand any more; exactly one is told, and may close and free it. */
MUST_USE bool notification_put(struct notification *n, bool over);

/* As if the kernel had set it: wakes whoever waits for several things by one notification. */
void notification_set(struct notification *n);

#endif
