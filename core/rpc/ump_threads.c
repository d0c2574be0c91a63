/* SPDX-License-Identifier: MIT */
#include <mudskipper/rpc/process_ump.h>

void rpc_ump_threads_init(struct rpc_ump_threads *threads, struct notification *woken)
{
    mutex_init(&threads->mutex);
    threads->woken = woken;
}

void rpc_ump_threads_lock(void *threads)
{
    mutex_lock(&((struct rpc_ump_threads *)threads)->mutex);
}

void rpc_ump_threads_unlock(void *threads)
{
    mutex_unlock(&((struct rpc_ump_threads *)threads)->mutex);
}

err_t rpc_ump_threads_sleep(void *threads, nanos_t deadline)
{
    struct rpc_ump_threads *t = threads;
    bool woken;

    mutex_unlock(&t->mutex);
    woken = notification_wait(t->woken, deadline);
    mutex_lock(&t->mutex);
    return woken ? OK : err_make(ERR_TIMEOUT, 0);
}

err_t rpc_ump_threads_wait(void *threads, struct rpc_ump_waiter *waiter, nanos_t deadline)
{
    struct rpc_ump_threads *t = threads;
    struct condition woken;
    bool in_time;

    condition_init(&woken);
    waiter->object = &woken;
    in_time = condition_wait_until(&woken, &t->mutex, deadline);
    waiter->object = NULL;
    return in_time ? OK : err_make(ERR_TIMEOUT, 0);
}

void rpc_ump_threads_rouse(void *threads)
{
    notification_set(((struct rpc_ump_threads *)threads)->woken);
}

void rpc_ump_threads_signal(void *threads, struct rpc_ump_waiter *waiter)
{
    (void)threads;
    if (waiter->object != NULL) {
        condition_signal(waiter->object);
    }
}
