/* SPDX-License-Identifier: MIT */
#include "work.h"
#include <mudskipper/rpc/server.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/vspace/thread.h>
#include "server.h"

#define PAUSE ((nanos_t)10 * 1000 * 1000)

#define STACK_BYTES (64u << 10) /* of addresses; little of it is used */

static struct mutex mutex;
static struct condition more;
static struct list jobs;
static unsigned job_count;
static unsigned idle;

void work_init(void)
{
    mutex_init(&mutex);
    condition_init(&more);
    list_init(&jobs);
}

static struct job *take(void)
{
    struct list_node *n;

    mutex_lock(&mutex);
    idle++;
    while ((n = list_pop_front(&jobs)) == NULL) {
        condition_wait(&more, &mutex);
    }
    idle--;
    job_count--;
    mutex_unlock(&mutex);
    return CONTAINER_OF(n, struct job, node);
}

static void work(void *unused)
{
    (void)unused;
    for (;;) {
        struct job *job = take();

        job->run(job);
        names.memory.release(names.memory.context, job, job->bytes);
    }
}

/* Locked. One worker more when all have something to do. */
static err_t enough_workers(void)
{
    struct thread *worker;
    err_t e;

    if (idle > job_count) {
        return OK;
    }
    worker = names.memory.allocate(names.memory.context, sizeof(*worker));
    if (worker == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*worker));
    }
    e = thread_create(worker, "worker", STACK_BYTES, work, NULL);
    if (!err_ok(e)) {
        names.memory.release(names.memory.context, worker, sizeof(*worker));
    }
    return e;
}

/* A copy that has its strings behind it. */
static struct job *copy(const struct job *from)
{
    size_t name = from->name != NULL ? str_length(from->name) + 1 : 0;
    size_t text = from->text != NULL ? str_length(from->text) + 1 : 0;
    size_t bytes = sizeof(*from) + name + text;
    struct job *job = names.memory.allocate(names.memory.context, bytes);

    if (job == NULL) {
        return NULL;
    }
    *job = *from;
    job->bytes = bytes;
    if (name > 0) {
        job->name = (char *)(job + 1);
        mem_copy(job + 1, from->name, name);
    }
    if (text > 0) {
        job->text = (char *)(job + 1) + name;
        mem_copy((char *)(job + 1) + name, from->text, text);
    }
    return job;
}

err_t work_prepare(const struct job *from, struct job **prepared)
{
    struct job *job = copy(from);
    err_t e;

    if (job == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*from));
    }
    mutex_lock(&mutex);
    e = enough_workers();
    mutex_unlock(&mutex);
    if (err_ok(e) && job->request != NULL && !job->kept) {
        e = rpc_keep(job->request, &job->request);
    }
    if (err_ok(e)) {
        *prepared = job;
    } else {
        names.memory.release(names.memory.context, job, job->bytes);
    }
    return e;
}

void work_go(struct job *job)
{
    err_t e;

    mutex_lock(&mutex);
    e = enough_workers(); /* the one that was there may have got something else to do */
    (void)e;              /* then it waits for any of the others */
    list_push_back(&jobs, &job->node);
    job_count++;
    condition_signal(&more);
    mutex_unlock(&mutex);
}

void work_here(struct job *job)
{
    job->run(job);
    names.memory.release(names.memory.context, job, job->bytes);
}

err_t work_start(const struct job *from, bool near)
{
    struct job *job;
    err_t e;

    if (near) {
        struct job now = *from;

        now.run(&now);
        return OK;
    }
    e = work_prepare(from, &job);
    if (err_ok(e)) {
        work_go(job);
    }
    return e;
}

bool work_waits_for_more(err_t e)
{
    if (!err_is_shortage(e)) {
        return false;
    }
    thread_sleep_until(rt_now() + PAUSE);
    return true;
}
