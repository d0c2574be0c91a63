/* SPDX-License-Identifier: MIT */
#include "jobs.h"

#include <mudskipper/pure/bytes.h>

#define FIRST_ROOM 4u

void jobs_init(struct jobs *jobs, const struct memory *memory)
{
    *jobs = (struct jobs){.memory = memory};
}

static void free_job(struct jobs *jobs, struct job *job)
{
    memory_free(jobs->memory, job->name);
    memory_free(jobs->memory, job->line);
    memory_free(jobs->memory, job->fault);
}

void jobs_free(struct jobs *jobs)
{
    for (size_t i = 0; i < jobs->count; i++) {
        free_job(jobs, &jobs->items[i]);
    }
    memory_free(jobs->memory, jobs->items);
    jobs_init(jobs, jobs->memory);
}

static char *copy(const struct memory *memory, const char *text, size_t length)
{
    char *to = memory_resize(memory, NULL, length + 1);

    if (to) {
        mem_copy(to, text, length);
        to[length] = '\0';
    }
    return to;
}

/* The reserved job lies behind the last one. */
static struct job *reserved(struct jobs *jobs)
{
    return &jobs->items[jobs->count];
}

bool jobs_reserve(struct jobs *jobs, const char *name, const char *line, size_t line_length)
{
    if (jobs->count == jobs->room) {
        size_t room = jobs->room ? 2 * jobs->room : FIRST_ROOM;
        struct job *items = memory_resize(jobs->memory, jobs->items, room * sizeof(*items));
        if (!items) {
            return false;
        }
        jobs->items = items;
        jobs->room = room;
    }
    struct job *job = reserved(jobs);
    *job = (struct job){.name = copy(jobs->memory, name, str_length(name)),
                        .line = copy(jobs->memory, line, line_length)};
    if (!job->name || !job->line) {
        free_job(jobs, job);
        return false;
    }
    return true;
}

unsigned jobs_commit(struct jobs *jobs, process_number_t process, coreid_t core)
{
    struct job *job = reserved(jobs);

    job->number = jobs->count > 0 ? job[-1].number + 1 : 1;
    job->process = process;
    job->core = core;
    jobs->count++;
    return job->number;
}

void jobs_abandon(struct jobs *jobs)
{
    free_job(jobs, reserved(jobs));
}

struct job *jobs_by_number(struct jobs *jobs, unsigned number)
{
    for (size_t i = 0; i < jobs->count; i++) {
        if (jobs->items[i].number == number) {
            return &jobs->items[i];
        }
    }
    return NULL;
}

struct job *jobs_by_process(struct jobs *jobs, process_number_t process)
{
    for (size_t i = 0; i < jobs->count; i++) {
        if (jobs->items[i].process == process && !jobs->items[i].ended) {
            return &jobs->items[i];
        }
    }
    return NULL;
}

void jobs_end(struct jobs *jobs, struct job *job, const struct system_exit *exit)
{
    job->ended = true;
    job->exit = *exit;
    job->fault = exit->fault ? copy(jobs->memory, exit->fault, str_length(exit->fault)) : NULL;
    job->exit.fault = job->fault;
}

void jobs_remove(struct jobs *jobs, struct job *job)
{
    free_job(jobs, job);
    jobs->count--;
    size_t index = (size_t)(job - jobs->items);
    mem_move(job, job + 1, (jobs->count - index) * sizeof(*job));
}
