/* SPDX-License-Identifier: MIT */
/* Deadlines of waiting dispatchers on one core, in a pairing heap: setting one costs O(1), the earliest is at
 * the root, taking one out O(log n) amortised; the nodes lie in the dispatchers, so nothing can run out. */
#ifndef MUDSKIPPER_KERNEL_DEADLINE_H
#define MUDSKIPPER_KERNEL_DEADLINE_H

#include <mudskipper/abi/types.h>

struct deadline {
    nanos_t when; /* NANOS_NEVER: not in the queue */
    struct deadline *child;
    struct deadline *next;     /* sibling */
    struct deadline *previous; /* sibling, or the parent for the first child; NULL at the root */
};

struct deadline_queue {
    struct deadline *root;
};

void deadline_queue_init(struct deadline_queue *q);

/* A deadline outside any queue. */
void deadline_init(struct deadline *d);

/* Puts `d`, which is in no queue, in; NANOS_NEVER does nothing. */
void deadline_set(struct deadline_queue *q, struct deadline *d, nanos_t when);

/* Takes `d` out if it is in. */
void deadline_clear(struct deadline_queue *q, struct deadline *d);

/* The earliest, NANOS_NEVER when there is none. */
static inline nanos_t deadline_next(const struct deadline_queue *q)
{
    return q->root != NULL ? q->root->when : NANOS_NEVER;
}

/* Takes out and returns one that is due at `now`, or NULL. */
struct deadline *deadline_take_due(struct deadline_queue *q, nanos_t now);

#endif
