/* SPDX-License-Identifier: MIT */
#include "schedule.h"
#include "dispatcher.h"

void schedule_init(struct schedule *s)
{
    s->ready = 0;
    for (unsigned level = 0; level < SCHEDULE_LEVELS; level++) {
        list_init(&s->queue[level]);
    }
}

void schedule_add(struct schedule *s, struct dispatcher *d)
{
    list_push_back(&s->queue[d->priority], &d->ready_node);
    s->ready |= 1u << d->priority;
}

void schedule_add_front(struct schedule *s, struct dispatcher *d)
{
    list_push_front(&s->queue[d->priority], &d->ready_node);
    s->ready |= 1u << d->priority;
}

void schedule_remove(struct schedule *s, struct dispatcher *d)
{
    list_remove(&d->ready_node);
    if (list_empty(&s->queue[d->priority])) {
        s->ready &= ~(1u << d->priority);
    }
}

struct dispatcher *schedule_first(const struct schedule *s)
{
    unsigned level;

    if (s->ready == 0) {
        return NULL;
    }
    level = 31u - (unsigned)__builtin_clz(s->ready);
    return CONTAINER_OF(s->queue[level].head.next, struct dispatcher, ready_node); /* not empty */
}

bool schedule_has_rival(const struct schedule *s, const struct dispatcher *d)
{
    return s->queue[d->priority].head.prev != &d->ready_node;
}

void schedule_rotate(struct schedule *s, struct dispatcher *d)
{
    schedule_remove(s, d);
    schedule_add(s, d);
}
