/* SPDX-License-Identifier: MIT */
/* Threads of one process. They run one at a time, on the process's core; a thread that blocks lets the others
 * run, and when all are blocked the process waits in the kernel (docs/decisions/0005). Threads that compute
 * take turns by slices.
 *
 * Rules: functions that block say so. Nothing here may be called from a fault handler's process-wide
 * callbacks unless it says so. Memory of threads belongs to whoever creates them. */
#ifndef MUDSKIPPER_RT_THREAD_H
#define MUDSKIPPER_RT_THREAD_H

#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/libc/backend.h>
#include <mudskipper/pure/list.h>

enum thread_state { THREAD_READY, THREAD_RUNNING, THREAD_BLOCKED, THREAD_FAULTED, THREAD_ENDED };

/* A thread; members are the library's own. The memory must stay until the thread was joined. */
struct thread {
    struct list_node node;       /* in the ready list or a waiting list */
    struct list_node sleep_node; /* in the list of sleepers, earliest first */
    struct list_node all_node;
    nanos_t deadline;
    enum thread_state state;
    bool timed_out; /* how the last wait ended */
    bool hurried;   /* thread_hurry */
    bool preempted; /* its registers are in `save`, not on its stack */
    bool on_demand; /* memory of its stack comes on first touch */
    uintptr_t stack_pointer;
    uintptr_t stack_base;
    size_t stack_bytes;
    void (*entry)(void *);
    void *argument;
    struct thread *joiner;
    const char *name;
    struct fault_record fault;
    uint32_t fault_why; /* enum fault_why, of a fault that nobody answers */
    _Alignas(16) unsigned char libc[LIBC_THREAD_BYTES];
    struct save_area save;
};

/* Starts `t`, whose memory and stack the caller provides: stack_base 16-byte aligned, stack_bytes a multiple
 * of 16. `name` stays. The thread ends when entry returns. */
void thread_start(struct thread *t, const char *name, void *stack, size_t stack_bytes, void (*entry)(void *),
                  void *argument);

/* The two halves of that: all but running, and running. */
void thread_prepare(struct thread *t, const char *name, void *stack, size_t stack_bytes,
                    void (*entry)(void *), void *argument);
void thread_begin(struct thread *t);

struct thread *thread_self(void);

/* Touches `bytes` of the stack below the caller, if it comes on demand, so that what runs next does not
 * fault: because it runs with upcalls disabled, or holds a lock that the pager takes. */
void thread_touch_stack(size_t bytes);

/* Ends the calling thread; the first thread ends the process instead, by returning from main. */
_Noreturn void thread_exit(void);

/* `end` is called by each thread but the first, when it ends. One function; set before threads start. */
void thread_at_end(void (*end)(struct thread *));

/* Blocks until `t` has ended; its memory is the caller's again. One joiner only. */
void thread_join(struct thread *t);

void thread_yield(void);

/* Blocks. */
void thread_sleep_until(nanos_t deadline);

/* While on, every wait of `t` that has a deadline ends as if that had come, the one it is in, too: how
 * another thread calls it back from a call or a sleep. Waits without a deadline, such as those for mutexes,
 * go on. */
void thread_hurry(struct thread *t, bool on);

/* A lock between threads; all zero is unlocked. Not recursive; unlocked by its owner. Fair: handed over in
 * order. */
struct mutex {
    struct thread *owner;
    struct list waiting;
};
#define MUTEX_INITIAL(name)                                                                                  \
    {                                                                                                        \
        NULL, LIST_INITIAL((name).waiting)                                                                   \
    }

void mutex_init(struct mutex *m);
void mutex_lock(struct mutex *m); /* blocks */
bool mutex_try_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);

/* A condition variable; used with one mutex at a time. */
struct condition {
    struct list waiting;
};
#define CONDITION_INITIAL(name)                                                                              \
    {                                                                                                        \
        LIST_INITIAL((name).waiting)                                                                         \
    }

void condition_init(struct condition *c);
void condition_wait(struct condition *c, struct mutex *m); /* blocks; spurious wake-ups do not happen */
bool condition_wait_until(struct condition *c, struct mutex *m,
                          nanos_t deadline); /* false: the deadline came */
void condition_signal(struct condition *c);
void condition_broadcast(struct condition *c);

struct semaphore {
    unsigned long count;
    struct list waiting;
};

void semaphore_init(struct semaphore *s, unsigned long count);
void semaphore_post(struct semaphore *s);
void semaphore_wait(struct semaphore *s); /* blocks */
bool semaphore_wait_until(struct semaphore *s, nanos_t deadline);

#endif
