/* SPDX-License-Identifier: MIT */
#include "target.h"

struct search {
    struct target *target;
    const char *name; /* NULL: by number */
    process_number_t number;
    bool ended;
    size_t found;
    bool failed;
};

static void take(struct search *s, process_number_t number, const char *name)
{
    s->found++;
    s->target->number = number;
    if (!buffer_set(&s->target->name, name, str_length(name))) {
        s->failed = true;
    }
}

static bool look_at_process(void *argument, const struct system_process *p)
{
    struct search *s = argument;
    bool same = s->name ? str_equal(p->name, s->name) : p->number == s->number;

    if (same && (s->ended || p->state != PROCESS_ENDED)) {
        take(s, p->number, p->name);
    }
    return !s->failed;
}

/* Jobs whose end is known to the shell only. */
static void look_at_jobs(struct shell *sh, struct search *s)
{
    for (size_t i = 0; s->ended && i < sh->jobs.count; i++) {
        struct job *job = &sh->jobs.items[i];
        bool same = s->name ? str_equal(job->name, s->name) : job->process == s->number;
        if (job->ended && same) {
            take(s, job->process, job->name);
            s->target->job = job;
        }
    }
}

static err_t search(struct shell *sh, struct search *s, const char *word)
{
    err_t e = sh->system->processes(sh->system->context, look_at_process, s);

    if (!err_ok(e)) {
        return shell_fail_with(sh, e, "cannot list the processes");
    }
    look_at_jobs(sh, s);
    if (s->failed) {
        return shell_no_memory(sh);
    }
    if (s->found == 0) {
        return s->name ? shell_fail(sh, err_make(ERR_PROC_NOT_FOUND, 0), "no process is called %s", word)
                       : shell_fail(sh, err_make(ERR_PROC_NOT_FOUND, 0), "there is no process %s", word);
    }
    if (s->found > 1) {
        return shell_fail(sh, err_make(ERR_EXISTS, 0),
                          "%zu processes are called %s: give the number that ps shows", s->found, word);
    }
    if (!s->target->job) {
        s->target->job = jobs_by_process(&sh->jobs, s->target->number);
    }
    return OK;
}

static err_t find_job(struct shell *sh, const char *word, bool ended, struct target *target)
{
    uint64_t number = 0;
    bool is_number = text_number(text_of(word + 1), &number) && number <= UINT32_MAX;
    struct job *job = is_number ? jobs_by_number(&sh->jobs, (unsigned)number) : NULL;

    if (!job) {
        return shell_fail(sh, err_make(ERR_PROC_NOT_FOUND, 0), "there is no job %s", word);
    }
    if (job->ended && !ended) {
        return shell_fail(sh, err_make(ERR_PROC_NOT_FOUND, 0), "job %s has ended", word);
    }
    if (!buffer_set(&target->name, job->name, str_length(job->name))) {
        return shell_no_memory(sh);
    }
    target->number = job->process;
    target->job = job;
    return OK;
}

err_t target_find(struct shell *sh, const char *word, bool ended, struct target *target)
{
    struct search s = {.target = target, .ended = ended};
    uint64_t number = 0;
    err_t e;

    *target = (struct target){.number = PROCESS_NONE};
    buffer_init(&target->name, sh->memory);
    if (word[0] == '%') {
        e = find_job(sh, word, ended, target);
    } else if (!text_number(text_of(word), &number)) {
        s.name = word;
        e = search(sh, &s, word);
    } else if (number == PROCESS_NONE || number > UINT32_MAX) {
        e = shell_fail(sh, err_make(ERR_PROC_NOT_FOUND, 0), "there is no process %s", word);
    } else {
        s.number = (process_number_t)number;
        e = search(sh, &s, word);
    }
    if (!err_ok(e)) {
        target_free(target);
    }
    return e;
}

void target_free(struct target *target)
{
    buffer_free(&target->name);
}

err_t target_or_self(struct shell *sh, const struct arguments *a, struct target *target)
{
    if (a->count > 0) {
        return target_find(sh, a->words[0], false, target);
    }
    *target = (struct target){.number = sh->system->self};
    buffer_init(&target->name, sh->memory);
    return buffer_string(&target->name, "this shell") ? OK : shell_no_memory(sh);
}
