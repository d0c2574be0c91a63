/* SPDX-License-Identifier: MIT */
/* Mutexes, condition variables, semaphores. Wake-ups hand over: the woken thread has what it waited for. */
#include "sched.h"

static struct thread *first_of(struct list *waiting)
{
    struct list_node *node = list_first(waiting);

    return node != NULL ? CONTAINER_OF(node, struct thread, node) : NULL;
}

/* Entered. Blocks the current thread in `waiting`. */
static bool block_in(struct list *waiting, nanos_t deadline)
{
    list_push_back(waiting, &sched.current->node);
    return sched_block(deadline);
}

void mutex_init(struct mutex *m)
{
    m->owner = NULL;
    list_init(&m->waiting);
}

static void lock_entered(struct mutex *m)
{
    if (m->owner == NULL) {
        m->owner = sched.current;
    } else {
        if (m->waiting.head.next == NULL) {
            list_init(&m->waiting); /* all zero is a valid lock */
        }
        block_in(&m->waiting, NANOS_NEVER); /* unlock makes us the owner */
    }
}

static void unlock_entered(struct mutex *m)
{
    struct thread *next = m->waiting.head.next != NULL ? first_of(&m->waiting) : NULL;

    m->owner = next;
    if (next != NULL) {
        sched_wake(next);
    }
}

void mutex_lock(struct mutex *m)
{
    SCHED_TOUCH(m);
    sched_enter();
    lock_entered(m);
    sched_leave();
}

bool mutex_try_lock(struct mutex *m)
{
    bool free;

    SCHED_TOUCH(m);
    sched_enter();
    free = m->owner == NULL;
    if (free) {
        m->owner = sched.current;
    }
    sched_leave();
    return free;
}

void mutex_unlock(struct mutex *m)
{
    sched_enter();
    unlock_entered(m);
    sched_leave();
}

void condition_init(struct condition *c)
{
    list_init(&c->waiting);
}

bool condition_wait_until(struct condition *c, struct mutex *m, nanos_t deadline)
{
    bool signalled;

    SCHED_TOUCH(c);
    sched_enter();
    unlock_entered(m);
    signalled = block_in(&c->waiting, deadline);
    lock_entered(m);
    sched_leave();
    return signalled;
}

void condition_wait(struct condition *c, struct mutex *m)
{
    condition_wait_until(c, m, NANOS_NEVER);
}

void condition_signal(struct condition *c)
{
    struct thread *t;

    SCHED_TOUCH(c);
    sched_enter();
    t = first_of(&c->waiting);
    if (t != NULL) {
        sched_wake(t);
    }
    sched_leave();
}

void condition_broadcast(struct condition *c)
{
    struct thread *t;

    SCHED_TOUCH(c);
    sched_enter();
    while ((t = first_of(&c->waiting)) != NULL) {
        sched_wake(t);
    }
    sched_leave();
}

void semaphore_init(struct semaphore *s, unsigned long count)
{
    s->count = count;
    list_init(&s->waiting);
}

void semaphore_post(struct semaphore *s)
{
    struct thread *t;

    SCHED_TOUCH(s);
    sched_enter();
    t = first_of(&s->waiting);
    if (t != NULL) {
        sched_wake(t);
    } else {
        s->count++;
    }
    sched_leave();
}

bool semaphore_wait_until(struct semaphore *s, nanos_t deadline)
{
    bool got = true;

    SCHED_TOUCH(s);
    sched_enter();
    if (s->count > 0) {
        s->count--;
    } else {
        got = block_in(&s->waiting, deadline);
    }
    sched_leave();
    return got;
}

void semaphore_wait(struct semaphore *s)
{
    semaphore_wait_until(s, NANOS_NEVER);
}
