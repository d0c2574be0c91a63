/* SPDX-License-Identifier: MIT */
#include "work.h"
#include <mudskipper/heap/heap.h>
#include <mudskipper/rpc/server.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/thread.h>
#include "memory.h"

#define STACK_BYTES (32u * 1024u)
#define IDLE_KEPT   2u
#define PAUSE       ((nanos_t)10 * 1000 * 1000)

struct worker {
    struct thread thread;
    struct list_node node; /* in pool.idle or pool.ended */
    struct condition wake;
    struct work *work; /* NULL: it is idle */
    _Alignas(16) unsigned char stack[STACK_BYTES];
};

static struct {
    struct mutex mutex;
    struct list idle;
    unsigned idle_count;
    struct list ended; /* to be joined by whoever comes next: a thread cannot free its own stack */
} pool = {
    .mutex = MUTEX_INITIAL(pool.mutex), .idle = LIST_INITIAL(pool.idle), .ended = LIST_INITIAL(pool.ended)};

/* The thread that is always there. */
static struct {
    struct thread thread;
    struct condition more;
    struct list waiting; /* struct work; pool.mutex */
    _Alignas(16) unsigned char stack[STACK_BYTES];
} reserve = {.more = CONDITION_INITIAL(reserve.more), .waiting = LIST_INITIAL(reserve.waiting)};

static struct worker *worker_of(struct list_node *n)
{
    return CONTAINER_OF(n, struct worker, node);
}

/* The lock is held. */
static struct worker *first_of(struct list *l)
{
    struct worker *w = list_empty(l) ? NULL : worker_of(l->head.next);

    if (w != NULL) {
        list_remove(&w->node);
    }
    return w;
}

static void free_ended(void)
{
    struct worker *w;

    do {
        mutex_lock(&pool.mutex);
        w = first_of(&pool.ended);
        mutex_unlock(&pool.mutex);
        if (w != NULL) {
            thread_join(&w->thread);
            heap_free(memory_heap(), w);
        }
    } while (w != NULL);
}

/* Its work is done. False: it is not needed any more. */
static bool wait_for_work(struct worker *w)
{
    bool stay;

    free_ended();
    mutex_lock(&pool.mutex);
    w->work = NULL;
    stay = pool.idle_count < IDLE_KEPT;
    list_push_back(stay ? &pool.idle : &pool.ended, &w->node);
    pool.idle_count += stay;
    while (stay && w->work == NULL) {
        condition_wait(&w->wake, &pool.mutex);
    }
    mutex_unlock(&pool.mutex);
    return stay;
}

static void loop(void *argument)
{
    struct worker *w = argument;

    do {
        w->work->run(w->work);
    } while (wait_for_work(w));
}

static err_t start_worker(struct work *work)
{
    struct worker *w = heap_memalign(memory_heap(), _Alignof(struct worker), sizeof(*w));

    if (w == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*w));
    }
    w->work = work;
    list_node_init(&w->node);
    condition_init(&w->wake);
    thread_start(&w->thread, "work", w->stack, sizeof(w->stack), loop, w);
    return OK;
}

err_t work_start(struct work *work, void (*run)(struct work *work))
{
    struct worker *w;

    work->run = run;
    mutex_lock(&pool.mutex);
    w = first_of(&pool.idle);
    if (w != NULL) {
        pool.idle_count--;
        w->work = work;
        condition_signal(&w->wake);
    }
    mutex_unlock(&pool.mutex);
    return w != NULL ? OK : start_worker(work);
}

/* ---- without memory ---- */

static void run_reserve(void *unused)
{
    (void)unused;
    for (;;) {
        struct list_node *n;
        struct work *work;

        mutex_lock(&pool.mutex);
        while ((n = list_pop_front(&reserve.waiting)) == NULL) {
            condition_wait(&reserve.more, &pool.mutex);
        }
        mutex_unlock(&pool.mutex);
        work = CONTAINER_OF(n, struct work, node);
        work->run(work);
    }
}

void work_init(void)
{
    thread_start(&reserve.thread, "reserve", reserve.stack, sizeof(reserve.stack), run_reserve, NULL);
}

void work_surely(struct work *work, void (*run)(struct work *work))
{
    if (err_ok(work_start(work, run))) {
        return;
    }
    mutex_lock(&pool.mutex);
    list_push_back(&reserve.waiting, &work->node);
    condition_signal(&reserve.more);
    mutex_unlock(&pool.mutex);
}

void work_again(struct work *work)
{
    thread_sleep_until(rt_now() + PAUSE);
    work_surely(work, work->run);
}

/* ---- calls that end later ---- */

void *later_make(size_t bytes)
{
    return heap_calloc(memory_heap(), 1, bytes);
}

void later_free(struct later *later)
{
    heap_free(memory_heap(), later);
}

static void go_on(struct work *work)
{
    struct later *later = CONTAINER_OF(work, struct later, work);

    later->run(later);
}

err_t later_go(struct later *later, void (*run)(struct later *))
{
    err_t e;

    later->run = run;
    e = work_start(&later->work, go_on);
    if (!err_ok(e)) {
        later_free(later);
    }
    return e;
}

err_t later_start(struct later *later, struct rpc_request *request, void (*run)(struct later *))
{
    struct rpc_request *kept;
    err_t e = rpc_keep(request, &kept);

    if (!err_ok(e)) {
        later_free(later);
        return e;
    }
    later->request = kept;
    e = later_go(later, run);
    if (!err_ok(e)) {
        rpc_fail(kept, e); /* it has ended: what the handler returns is not looked at */
    }
    return e;
}
