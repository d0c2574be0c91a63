/* SPDX-License-Identifier: MIT */
/* A thread faulted. Its registers are put aside and threads which may block like any other are asked what to
 * do; the other threads run on:
 *
 *    fault --> pager (the address space) --> handler (the program's) --> the process ends
 *
 * They are two threads, so that what the handler waits for may need the pager. A fault of the pager itself,
 * and one in the handler that the pager does not answer, end the process: nothing here loops. */
#include "fault.h"
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/process.h>
#include "sched.h"

static struct fault_server pager;
static const struct mutex *needed; /* by the pager, for each fault */
static struct fault_server *second;

/* Entered. */
static void hand_over(struct fault_server *to, struct thread *t)
{
    list_push_back(&to->faulted, &t->node);
    if (to->idle) {
        to->idle = false;
        sched_wake(&to->thread);
    }
}

/* Whom this fault of `t` goes to first; NULL: nobody. The pager would wait for ever for a lock that `t`
 * holds. */
static struct fault_server *first_for(const struct thread *t)
{
    if (t == &pager.thread || (needed != NULL && needed->owner == t)) {
        return NULL;
    }
    if (pager.serve != NULL) {
        return &pager;
    }
    return second != NULL && t != &second->thread ? second : NULL;
}

/* For the kernel's report. */
static void note(const struct thread *t, uint32_t why)
{
    str_copy(sched.user->thread, sizeof(sched.user->thread), t->name);
    sched.user->fault_why = why;
}

/* Entered, on the upcall stack. */
void fault_upcall(void *user)
{
    struct thread *t = sched.current;
    struct fault_server *to = first_for(t);

    (void)user;
    if (to == NULL) {
        note(t, FAULT_WHY_TABLES);
        rt_fault_is_fatal();
    }
    mem_copy(&t->save, &sched.user->save[SAVE_TRAP], sizeof(t->save));
    t->fault = sched.user->record;
    t->fault_why = FAULT_WHY_TABLES;
    t->preempted = true;
    t->state = THREAD_FAULTED;
    hand_over(to, t);
    sched_run_other();
}

/* The kernel reports and ends the process when it faults with upcalls disabled: let the thread fault again
 * like that. */
_Noreturn void rt_fault_is_fatal(void)
{
    uint64_t args[SYS_ARGS] = {[0] = SAVE_TRAP, [SYS_ARG_NUMBER] = SYS_RESUME};

    sched.user->fault = 0;
    rt_syscall(args);
    __builtin_trap();
}

/* Its registers again, for a fault that nobody handled. */
static _Noreturn void give_up(struct thread *t)
{
    sched_enter();
    mem_copy(&sched.user->save[SAVE_TRAP], &t->save, sizeof(t->save));
    note(t, t->fault_why);
    rt_fault_is_fatal();
}

static struct thread *next_faulted(struct fault_server *s)
{
    struct list_node *node;

    sched_enter();
    while ((node = list_pop_front(&s->faulted)) == NULL) {
        s->idle = true;
        sched_block(NANOS_NEVER);
    }
    sched_leave();
    return CONTAINER_OF(node, struct thread, node);
}

static void go_on(struct thread *t)
{
    sched_enter();
    t->state = THREAD_BLOCKED;
    sched_wake(t);
    sched_leave();
}

/* `s` did not answer the fault of `t`. */
static void pass_on(const struct fault_server *s, struct thread *t)
{
    if (s != &pager || second == NULL || t == &second->thread) {
        give_up(t);
    }
    sched_enter();
    hand_over(second, t);
    sched_leave();
}

static void serve(void *server)
{
    struct fault_server *s = server;

    for (;;) {
        struct thread *t = next_faulted(s);

        if (s->serve(t, &t->fault, &t->save)) {
            go_on(t);
        } else {
            pass_on(s, t);
        }
    }
}

void fault_server_start(struct fault_server *s, const char *name, rt_fault_handler_t answer)
{
    list_init(&s->faulted);
    s->serve = answer;
    s->idle = true; /* the first fault starts it */
    thread_prepare(&s->thread, name, s->stack, sizeof(s->stack), serve, s);
}

void fault_set_second(struct fault_server *s)
{
    second = s;
}

void rt_set_pager(rt_fault_handler_t answer, const struct mutex *lock)
{
    if (pager.serve == NULL) {
        fault_server_start(&pager, "pager", answer);
    }
    pager.serve = answer;
    needed = lock;
}
