/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/port.h>
#include "sched.h"

struct thread *thread_self(void)
{
    return sched.current;
}

static void begin(void *thread)
{
    struct thread *t = thread;

    sched_leave(); /* whoever switched here had entered */
    t->entry(t->argument);
    thread_exit();
}

void thread_prepare(struct thread *t, const char *name, void *stack, size_t stack_bytes,
                    void (*entry)(void *), void *argument)
{
    mem_set(t, 0, sizeof(*t));
    t->name = name;
    t->entry = entry;
    t->argument = argument;
    t->stack_base = (uintptr_t)stack;
    t->stack_bytes = stack_bytes;
    t->stack_pointer = rt_switch_prepare((uintptr_t)stack + stack_bytes, begin, t);
    t->state = THREAD_BLOCKED;
}

void thread_begin(struct thread *t)
{
    sched_enter();
    t->state = THREAD_READY;
    list_push_back(&sched.all, &t->all_node);
    list_push_back(&sched.ready, &t->node);
    sched_want_slices(true);
    sched_leave();
}

void thread_start(struct thread *t, const char *name, void *stack, size_t stack_bytes, void (*entry)(void *),
                  void *argument)
{
    thread_prepare(t, name, stack, stack_bytes, entry, argument);
    thread_begin(t);
}

/* An array, so that the stack pointer lies below what is read: memory below it is nobody's. */
static __attribute__((noinline)) void touch_below(size_t bytes)
{
    volatile char room[bytes];

    __asm__ volatile("" ::"r"(room) : "memory"); /* what it holds does not matter */
    for (size_t below = PAGE_SIZE; below <= bytes; below += PAGE_SIZE) {
        (void)room[bytes - below];
    }
}

void thread_touch_stack(size_t bytes)
{
    if (sched.current->on_demand) {
        touch_below(bytes);
    }
}

static void (*at_end)(struct thread *);

void thread_at_end(void (*end)(struct thread *))
{
    at_end = end;
}

_Noreturn void thread_exit(void)
{
    struct thread *t = sched.current;

    if (at_end != NULL) {
        at_end(t);
    }
    sched_enter();
    t->state = THREAD_ENDED;
    list_remove(&t->all_node);
    if (t->joiner != NULL) {
        sched_wake(t->joiner);
    }
    sched_run_other();
}

void thread_join(struct thread *t)
{
    sched_enter();
    if (t->state != THREAD_ENDED) {
        t->joiner = sched.current;
        sched_block(NANOS_NEVER);
    }
    sched_leave();
}

void thread_yield(void)
{
    sched_enter();
    sched_yield();
    sched_leave();
}

void thread_hurry(struct thread *t, bool on)
{
    sched_enter();
    t->hurried = on;
    if (on) {
        sched_end_wait(t);
    }
    sched_leave();
}

void thread_sleep_until(nanos_t deadline)
{
    sched_enter();
    sched_block(deadline);
    sched_leave();
}
