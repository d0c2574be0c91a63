/* SPDX-License-Identifier: MIT */
/* A thread faulted. Its registers are put aside and the fault thread, which may block like any other, asks
 * the handlers; the other threads run on. A fault of the fault thread itself is not handled: the kernel ends
 * the process. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/fault.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/process.h>
#include "sched.h"

#define FAULT_STACK_BYTES 16384u

static struct thread fault_thread;
static _Alignas(16) unsigned char fault_stack[FAULT_STACK_BYTES];
static struct list faulted = LIST_INITIAL(faulted);
static rt_fault_handler_t handler;
static bool idle; /* the fault thread waits for faults, and not for something the handler needs */

/* Entered, on the upcall stack. */
void fault_upcall(void *user)
{
    struct thread *t = sched.current;

    (void)user;
    if (handler == NULL || t == &fault_thread) {
        rt_fault_is_fatal();
    }
    mem_copy(&t->save, &sched.user->save[SAVE_TRAP], sizeof(t->save));
    t->fault = sched.user->record;
    t->preempted = true;
    t->state = THREAD_FAULTED;
    list_push_back(&faulted, &t->node);
    if (idle) {
        idle = false;
        sched_wake(&fault_thread);
    }
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
    rt_fault_is_fatal();
}

static struct thread *next_faulted(void)
{
    struct list_node *node;

    sched_enter();
    while ((node = list_pop_front(&faulted)) == NULL) {
        idle = true;
        sched_block(NANOS_NEVER);
    }
    sched_leave();
    return CONTAINER_OF(node, struct thread, node);
}

static void serve(void *unused)
{
    (void)unused;
    for (;;) {
        struct thread *t = next_faulted();

        if (!handler(t, &t->fault, &t->save)) {
            give_up(t);
        }
        sched_enter();
        t->state = THREAD_BLOCKED;
        sched_wake(t);
        sched_leave();
    }
}

void rt_on_fault(rt_fault_handler_t h)
{
    if (handler == NULL) {
        thread_start(&fault_thread, "fault", fault_stack, sizeof(fault_stack), serve, NULL);
    }
    handler = h;
}
