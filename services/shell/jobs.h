/* SPDX-License-Identifier: MIT */
/* What this shell started in the background and has not waited for. */
#ifndef SHELL_JOBS_H
#define SHELL_JOBS_H

#include "memory.h"
#include "system.h"

/* A job is made when a program was started with &. It is gone once its end was told: by wait, or, when a
 * person sits at the terminal, by the notice before the next prompt. */
struct job {
    unsigned number; /* 1 ..: one more than the largest there is */
    process_number_t process;
    coreid_t core;
    char *name;              /* of the program */
    char *line;              /* with its arguments */
    bool ended;              /* `exit` is known, and the system has forgotten the process */
    struct system_exit exit; /* its fault is words of ours: see jobs_end */
    char *fault;
};

struct jobs {
    const struct memory *memory;
    struct job *items;
    size_t count;
    size_t room;
};

void jobs_init(struct jobs *jobs, const struct memory *memory);
void jobs_free(struct jobs *jobs);

/* False: no memory, nothing changed. The new job is the last. */
bool jobs_reserve(struct jobs *jobs, const char *name, const char *line, size_t line_length);
/* Makes what was reserved a job; cannot fail. Returns its number. */
unsigned jobs_commit(struct jobs *jobs, process_number_t process, coreid_t core);
/* Or gives it up. */
void jobs_abandon(struct jobs *jobs);

struct job *jobs_by_number(struct jobs *jobs, unsigned number);
struct job *jobs_by_process(struct jobs *jobs, process_number_t process); /* still running, as far as known */

/* Records how it ended; takes a copy of the words of a fault (or does without, when there is no memory). */
void jobs_end(struct jobs *jobs, struct job *job, const struct system_exit *exit);
void jobs_remove(struct jobs *jobs, struct job *job);

#endif
