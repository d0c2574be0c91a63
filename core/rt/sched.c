/* SPDX-License-Identifier: MIT */
#include "sched.h"
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/process.h>

#define UPCALL_STACK_BYTES 16384u

struct sched sched;

static _Alignas(16) unsigned char upcall_stack[UPCALL_STACK_BYTES];

/* What runs with upcalls disabled uses less of the stack than this. */
#define ENTERED_BYTES PAGE_SIZE

void sched_enter(void)
{
    if (sched.current->on_demand) {
        thread_touch_stack(ENTERED_BYTES);
    }
    *(volatile uint32_t *)&sched.user->disabled = 1;
    __asm__ volatile("" ::: "memory");
}

void sched_leave(void)
{
    __asm__ volatile("" ::: "memory");
    *(volatile uint32_t *)&sched.user->disabled = 0;
}

static struct thread *sleeper_of(struct list_node *node)
{
    return CONTAINER_OF(node, struct thread, sleep_node);
}

static void make_ready(struct thread *t)
{
    t->state = THREAD_READY;
    list_push_back(&sched.ready, &t->node);
}

void sched_wake(struct thread *t)
{
    list_remove(&t->node);
    list_remove(&t->sleep_node);
    t->timed_out = false;
    make_ready(t);
}

/* O(sleepers); the list is short and most waits have no deadline. */
static void add_sleeper(struct thread *t, nanos_t deadline)
{
    struct list_node *place = sched.sleepers.head.next;

    while (place != &sched.sleepers.head && sleeper_of(place)->deadline <= deadline) {
        place = place->next;
    }
    list_insert_before(place, &t->sleep_node);
}

void sched_end_wait(struct thread *t)
{
    if (t->state == THREAD_BLOCKED && t->deadline != NANOS_NEVER) {
        sched_wake(t);
        t->timed_out = true;
    }
}

static nanos_t first_deadline(void)
{
    struct list_node *first = list_first(&sched.sleepers);

    return first != NULL ? sleeper_of(first)->deadline : NANOS_NEVER;
}

static void wake_sleepers(nanos_t now)
{
    while (first_deadline() <= now && !list_empty(&sched.sleepers)) {
        struct thread *t = sleeper_of(list_first(&sched.sleepers));

        sched_wake(t);
        t->timed_out = true;
    }
}

/* The next ready thread; waits in the kernel while there is none. */
static struct thread *next_ready(void)
{
    if (!list_empty(&sched.sleepers)) {
        wake_sleepers(rt_now());
    }
    while (list_empty(&sched.ready)) {
        wait_in_kernel(first_deadline());
        if (!list_empty(&sched.sleepers)) {
            wake_sleepers(rt_now());
        }
    }
    return CONTAINER_OF(list_pop_front(&sched.ready), struct thread, node);
}

/* Loads the registers of a preempted thread; it continues with upcalls enabled. */
static void resume_preempted(void *thread)
{
    struct thread *t = thread;
    uint64_t args[SYS_ARGS] = {[0] = SAVE_ENABLED, [SYS_ARG_NUMBER] = SYS_RESUME};

    t->preempted = false;
    mem_copy(&sched.user->save[SAVE_ENABLED], &t->save, sizeof(t->save));
    rt_syscall(args); /* cannot fail: the index is right and the user part is there */
    __builtin_trap();
}

/* The kernel looks at the word when it is entered (at any moment, hence volatile), and sets its timer then:
 * it is entered when the word changes to yes, or a thread that computes would never be interrupted. */
void sched_want_slices(bool wanted)
{
    bool before = sched.user->slices != 0;
    uint64_t args[SYS_ARGS] = {[SYS_ARG_NUMBER] = SYS_NULL};

    *(volatile uint32_t *)&sched.user->slices = wanted;
    if (wanted && !before) {
        rt_syscall(args);
    }
}

/* From here on `t` runs. Others want to take turns with it: those that are ready, and those whose deadlines
 * nobody but this process knows. */
static void set_current(struct thread *t)
{
    sched.current = t;
    t->state = THREAD_RUNNING;
    sched_want_slices(!list_empty(&sched.ready) || !list_empty(&sched.sleepers));
}

/* Continues `t`; *save keeps where the caller is. Returns when the caller is continued. */
static void switch_to(struct thread *t, uintptr_t *save)
{
    set_current(t);
    if (t->preempted) {
        rt_switch(save,
                  rt_switch_prepare((uintptr_t)upcall_stack + sizeof(upcall_stack), resume_preempted, t));
    } else {
        rt_switch(save, t->stack_pointer);
    }
}

static void run_next(void)
{
    struct thread *from = sched.current;
    struct thread *to = next_ready();

    if (to == from) {
        set_current(to);
    } else {
        switch_to(to, &from->stack_pointer);
    }
}

bool sched_block(nanos_t deadline)
{
    struct thread *t = sched.current;

    if (t->hurried && deadline != NANOS_NEVER) {
        list_remove(&t->node);
        return false;
    }
    t->state = THREAD_BLOCKED;
    t->deadline = deadline;
    if (deadline != NANOS_NEVER) {
        add_sleeper(t, deadline);
    }
    run_next();
    return !t->timed_out;
}

void sched_yield(void)
{
    make_ready(sched.current);
    run_next();
}

_Noreturn void sched_run_other(void)
{
    struct thread *to = next_ready();
    uintptr_t nowhere;

    if (to->preempted) {
        /* Perhaps on the upcall stack already: no switch is needed, nothing here is wanted any more. */
        set_current(to);
        resume_preempted(to);
    } else {
        switch_to(to, &nowhere);
    }
    __builtin_unreachable();
}

/* The kernel's run upcall: the current thread was interrupted, something came or its slice is over. */
static void run_upcall(void *unused)
{
    struct thread *t = sched.current;

    (void)unused;
    mem_copy(&t->save, &sched.user->save[SAVE_ENABLED], sizeof(t->save));
    t->preempted = true;
    wait_poll();
    wake_sleepers(rt_now());
    make_ready(t);
    sched_run_other();
}

void sched_init(const struct start_block *start)
{
    struct thread *t = &sched.first;

    list_init(&sched.ready);
    list_init(&sched.sleepers);
    list_init(&sched.all);
    t->name = "main";
    t->state = THREAD_RUNNING;
    t->stack_base = start->stack_top - start->stack_size;
    t->stack_bytes = start->stack_size;
    list_push_back(&sched.all, &t->all_node);
    sched.current = t;
    sched.user = (struct dispatcher_user *)start->dispatcher_user;
    sched.user->run = (vaddr_t)run_upcall;
    sched.user->fault = (vaddr_t)fault_upcall;
    sched.user->stack = (vaddr_t)upcall_stack + sizeof(upcall_stack);
    sched_leave();
}
