/* SPDX-License-Identifier: MIT */
/* Commands about processes: list, start, wait, end. */
#include "target.h"

/* --- ps ---- */

struct process_table {
    struct table table;
    bool details;
};

static const char *process_state(enum system_process_state state)
{
    switch (state) {
    case PROCESS_STARTING:
        return "starting";
    case PROCESS_RUNNING:
        return "running";
    case PROCESS_READY:
        return "ready";
    case PROCESS_WAITING:
        return "waiting";
    case PROCESS_SUSPENDED:
        return "suspended";
    case PROCESS_ENDED:
        return "ended";
    }
    return "unknown";
}

static bool add_process(void *argument, const struct system_process *p)
{
    struct process_table *t = argument;

    table_cell(&t->table, "%u", p->number);
    table_cell(&t->table, "%u", p->core);
    table_cell(&t->table, "%s", process_state(p->state));
    table_size(&t->table, p->memory);
    if (t->details) {
        table_cell(&t->table, "%u", p->parent);
        table_cell(&t->table, p->threads > 0 ? "%u" : "-", p->threads);
        table_cell(&t->table, "%llu", (unsigned long long)p->capabilities);
    }
    table_duration(&t->table, p->time);
    table_cell(&t->table, "%s", p->name);
    return !t->table.failed;
}

struct name_list {
    struct strings rows;
    struct buffer row;
    bool failed;
};

/* Rows that sort by core, then by name: numbers would differ from run to run. */
static bool add_core_and_name(void *argument, const struct system_process *p)
{
    struct name_list *list = argument;

    if (p->state == PROCESS_ENDED) {
        return true;
    }
    buffer_clear(&list->row);
    buffer_format(&list->row, "%4u  %s", p->core, p->name);
    list->failed = list->row.failed || !strings_add(&list->rows, buffer_text(&list->row), list->row.length);
    return !list->failed;
}

static int by_text(const void *a, const void *b)
{
    return str_compare(a, b);
}

static err_t print_names(struct shell *sh, struct name_list *list)
{
    if (list->failed || !sort_pointers(sh->memory, (void **)list->rows.items, list->rows.count, by_text)) {
        return shell_no_memory(sh);
    }
    shell_print(sh, "CORE  NAME\n");
    for (size_t i = 0; i < list->rows.count; i++) {
        shell_print(sh, "%s\n", list->rows.items[i]);
    }
    return OK;
}

static err_t list_names(struct shell *sh)
{
    struct name_list list = {.failed = false};

    strings_init(&list.rows, sh->memory);
    buffer_init(&list.row, sh->memory);
    err_t e = sh->system->processes(sh->system->context, add_core_and_name, &list);
    e = err_ok(e) ? print_names(sh, &list) : shell_fail_with(sh, e, "cannot list the processes");
    strings_free(&list.rows);
    buffer_free(&list.row);
    return e;
}

err_t command_ps(struct shell *sh, const struct arguments *a)
{
    struct process_table t = {.details = given(a, 'l')};

    if (given(a, 'n')) {
        return list_names(sh);
    }
    table_init(&t.table, sh->memory,
               t.details ? ">PID >CORE STATE >MEMORY >PARENT >THREADS >CAPS >TIME NAME"
                         : ">PID >CORE STATE >MEMORY >TIME NAME");
    err_t e = sh->system->processes(sh->system->context, add_process, &t);
    if (err_ok(e)) {
        return print_table(sh, &t.table);
    }
    table_free(&t.table);
    return shell_fail_with(sh, e, "cannot list the processes");
}

/* --- how a process ended ---- */

bool put_exit(struct buffer *to, const struct system_exit *exit)
{
    switch (exit->how) {
    case END_EXIT:
        return buffer_format(to, "ended with exit code %u", exit->code);
    case END_KILLED:
        return buffer_string(to, "killed");
    case END_FAULT:
        return buffer_format(to, "ended by a fault: %s", exit->fault ? exit->fault : "not known");
    }
    return false;
}

err_t exit_error(const struct system_exit *exit)
{
    switch (exit->how) {
    case END_EXIT:
        return exit->code == 0 ? OK : err_make(ERR_PROC_EXIT_CODE, exit->code);
    case END_KILLED:
        return err_make(ERR_PROC_KILLED, 0);
    case END_FAULT:
        return err_make(ERR_PROC_FAULT, exit->address);
    }
    return err_make(ERR_PROC_NOT_FOUND, 0);
}

/* The command's outcome is the program's. */
static err_t fail_unless_good(struct shell *sh, const char *name, const struct system_exit *exit)
{
    struct buffer words;
    err_t e = exit_error(exit);

    if (err_ok(e)) {
        return OK;
    }
    buffer_init(&words, sh->memory);
    put_exit(&words, exit);
    e = shell_fail(sh, e, "%s: %s%s", name, buffer_text(&words),
                   exit->how == END_FAULT ? "; dmesg tells more" : "");
    buffer_free(&words);
    return e;
}

/* --- spawn ---- */

static err_t explain_spawn(struct shell *sh, const struct system_spawn *what, err_t e)
{
    const char *name = what->argv[0];

    if (err_is(e, ERR_CPIO_NOT_FOUND)) {
        return shell_fail(sh, e, "there is no program called %s in the archive", name);
    }
    if (err_is(e, ERR_CAP_MISSING_RIGHT) && what->caps[0] != '\0') {
        return shell_fail(sh, e, "%s: this shell does not have all of %s", name, what->caps);
    }
    if (err_is(e, ERR_NOT_FOUND) && what->caps[0] != '\0') {
        return shell_fail(sh, e, "%s: '%s' names something else than log, inspect, manage", name, what->caps);
    }
    if (what->core == CORE_NONE) {
        return shell_fail_with(sh, e, "%s", name);
    }
    return shell_fail_with(sh, e, "%s on core %u", name, what->core);
}

/* Ctrl-C while it ran: it must not outlive the command. */
static err_t end_interrupted(struct shell *sh, process_number_t number, const char *name)
{
    struct system_exit exit;
    err_t e = sh->system->kill(sh->system->context, number);

    if (!err_ok(e) && !err_is(e, ERR_PROC_NOT_FOUND)) {
        return shell_fail_with(sh, e, "%s: interrupted, but cannot be killed", name);
    }
    /* It has ended; asked how, the system may forget it. The answer is of no interest. */
    (void)err_ok(sh->system->wait(sh->system->context, number, 0, &exit));
    return shell_fail(sh, err_make(ERR_CANCELLED, 0), "%s: interrupted", name);
}

static err_t run_foreground(struct shell *sh, const struct system_spawn *what)
{
    struct system_exit exit;
    process_number_t number;

    shell_flush(sh);
    err_t e = sh->system->spawn(sh->system->context, what, &number);
    if (!err_ok(e)) {
        return explain_spawn(sh, what, e);
    }
    e = sh->system->wait(sh->system->context, number, NANOS_NEVER, &exit);
    if (err_is(e, ERR_CANCELLED)) {
        return end_interrupted(sh, number, what->argv[0]);
    }
    if (!err_ok(e)) {
        return shell_fail_with(sh, e, "%s: cannot wait for it", what->argv[0]);
    }
    return fail_unless_good(sh, what->argv[0], &exit);
}

static bool reserve_job(struct shell *sh, const struct system_spawn *what)
{
    struct buffer line;

    buffer_init(&line, sh->memory);
    for (size_t i = 0; i < what->argc; i++) {
        buffer_string(&line, i > 0 ? " " : "");
        buffer_string(&line, what->argv[i]);
    }
    bool ok = !line.failed && jobs_reserve(&sh->jobs, what->argv[0], buffer_text(&line), line.length);
    buffer_free(&line);
    return ok;
}

static err_t run_background(struct shell *sh, const struct system_spawn *what)
{
    process_number_t number;

    if (!reserve_job(sh, what)) {
        return shell_no_memory(sh);
    }
    shell_flush(sh);
    err_t e = sh->system->spawn(sh->system->context, what, &number);
    if (!err_ok(e)) {
        jobs_abandon(&sh->jobs);
        return explain_spawn(sh, what, e);
    }
    coreid_t core = what->core == CORE_NONE ? sh->system->core : what->core;
    shell_print(sh, "[%u] %s\n", jobs_commit(&sh->jobs, number, core), what->argv[0]);
    return OK;
}

static err_t start(struct shell *sh, struct system_spawn *what, char *const *words, size_t count,
                   bool background)
{
    what->argc = count;
    what->argv = (const char *const *)words;
    what->foreground = !background;
    return background ? run_background(sh, what) : run_foreground(sh, what);
}

err_t command_spawn(struct shell *sh, const struct arguments *a)
{
    struct system_spawn what = {.core = CORE_NONE, .caps = given(a, 'p') ? value_of(a, 'p') : ""};

    if (given(a, 'c')) {
        err_t e = parse_core(sh, value_of(a, 'c'), &what.core);
        if (!err_ok(e)) {
            return e;
        }
    }
    return start(sh, &what, a->words, a->count, a->background);
}

err_t command_oncore(struct shell *sh, const struct arguments *a)
{
    struct system_spawn what = {.caps = ""};
    err_t e = parse_core(sh, a->words[0], &what.core);

    return err_ok(e) ? start(sh, &what, a->words + 1, a->count - 1, a->background) : e;
}

/* --- jobs ---- */

/* Asks whether a job has ended, and records it. */
static err_t poll_job(struct shell *sh, struct job *job)
{
    struct system_exit exit;

    if (job->ended) {
        return OK;
    }
    err_t e = sh->system->wait(sh->system->context, job->process, 0, &exit);
    if (err_ok(e)) {
        jobs_end(&sh->jobs, job, &exit);
    } else if (err_is(e, ERR_TIMEOUT)) {
        e = OK;
    }
    return e;
}

static err_t poll_jobs(struct shell *sh)
{
    for (size_t i = 0; i < sh->jobs.count; i++) {
        err_t e = poll_job(sh, &sh->jobs.items[i]);
        if (!err_ok(e)) {
            return shell_fail_with(sh, e, "cannot ask how %s is", sh->jobs.items[i].name);
        }
    }
    return OK;
}

static void add_job(struct table *t, const struct job *job, bool details)
{
    table_cell(t, "%u", job->number);
    if (details) {
        table_cell(t, "%u", job->process);
        table_cell(t, "%u", job->core);
    }
    if (job->ended) {
        put_exit(&t->cell, &job->exit);
    }
    table_cell(t, "%s", job->ended ? "" : "running");
    table_cell(t, "%s", job->line);
}

err_t command_jobs(struct shell *sh, const struct arguments *a)
{
    struct table t;
    err_t e = poll_jobs(sh);

    if (!err_ok(e) || sh->jobs.count == 0) {
        return e;
    }
    table_init(&t, sh->memory, given(a, 'l') ? ">JOB >PID >CORE STATE PROGRAM" : ">JOB STATE PROGRAM");
    for (size_t i = 0; i < sh->jobs.count; i++) {
        add_job(&t, &sh->jobs.items[i], given(a, 'l'));
    }
    return print_table(sh, &t);
}

void shell_notice_jobs(struct shell *sh)
{
    struct buffer words;

    buffer_init(&words, sh->memory);
    for (size_t i = 0; i < sh->jobs.count;) {
        struct job *job = &sh->jobs.items[i];
        if (!err_ok(poll_job(sh, job)) || !job->ended) {
            i++;
            continue;
        }
        buffer_clear(&words);
        put_exit(&words, &job->exit);
        shell_print(sh, "[%u] %s: %s\n", job->number, job->line, buffer_text(&words));
        jobs_remove(&sh->jobs, job);
    }
    buffer_free(&words);
}

/* --- wait, kill ---- */

#define CORE_SERVER "init"

/* Core servers do not end, and nobody says how they ended. */
static err_t explain_target(struct shell *sh, const struct target *target, err_t e)
{
    bool refused = err_is(e, ERR_CAP_MISSING_RIGHT) || err_is(e, ERR_PROC_NOT_FOUND);

    if (refused && str_equal(buffer_text(&target->name), CORE_SERVER)) {
        return shell_fail(sh, e, "%s runs the programs of its core, and ends with the machine", CORE_SERVER);
    }
    return shell_fail_with(sh, e, "%s", buffer_text(&target->name));
}

static err_t wait_for(struct shell *sh, const struct target *target, struct system_exit *exit)
{
    if (target->job && target->job->ended) {
        *exit = target->job->exit;
        return OK;
    }
    shell_flush(sh);
    err_t e = sh->system->wait(sh->system->context, target->number, NANOS_NEVER, exit);
    if (err_is(e, ERR_CANCELLED)) {
        return shell_fail(sh, e, "interrupted; %s goes on", buffer_text(&target->name));
    }
    return err_ok(e) ? OK : explain_target(sh, target, e);
}

err_t command_wait(struct shell *sh, const struct arguments *a)
{
    struct target target;
    struct system_exit exit;
    err_t e = target_find(sh, a->words[0], true, &target);

    if (!err_ok(e)) {
        return e;
    }
    if (target.number == sh->system->self) {
        e = shell_fail(sh, err_make(ERR_BAD_ARGUMENT, 0), "%s is this shell: it would wait for ever",
                       buffer_text(&target.name));
    } else {
        e = wait_for(sh, &target, &exit);
        if (err_ok(e)) {
            e = fail_unless_good(sh, buffer_text(&target.name), &exit);
            if (target.job) {
                jobs_remove(&sh->jobs, target.job);
            }
        }
    }
    if (err_ok(e)) {
        shell_print(sh, "%s: ended with exit code 0\n", buffer_text(&target.name));
    }
    target_free(&target);
    return e;
}

err_t command_kill(struct shell *sh, const struct arguments *a)
{
    struct target target;
    err_t e = target_find(sh, a->words[0], false, &target);

    if (!err_ok(e)) {
        return e;
    }
    if (target.number == sh->system->self) {
        e = shell_fail(sh, err_make(ERR_BAD_ARGUMENT, 0), "%s is this shell: exit leaves it",
                       buffer_text(&target.name));
    } else {
        e = sh->system->kill(sh->system->context, target.number);
        if (!err_ok(e)) {
            e = explain_target(sh, &target, e);
        }
    }
    target_free(&target);
    return e;
}
