/* SPDX-License-Identifier: MIT */
/* The services of the system, by name. */
#include "command.h"

struct name_table {
    struct table table;
    bool details;
    size_t count;
};

static bool add_name(void *argument, const struct system_name *n)
{
    struct name_table *t = argument;

    t->count++;
    table_cell(&t->table, "%s", n->name);
    table_cell(&t->table, "%u", n->core);
    table_cell(&t->table, "%s", n->server);
    if (t->details) {
        table_cell(&t->table, "%u", n->process);
        table_cell(&t->table, "%llu", (unsigned long long)n->generation);
        table_cell(&t->table, "%s", n->attributes);
    }
    return !t->table.failed;
}

static err_t list_names(struct shell *sh, const char *prefix, bool details)
{
    struct name_table t = {.details = details};

    table_init(&t.table, sh->memory,
               details ? "NAME >CORE SERVER >PID >GENERATION ATTRIBUTES" : "NAME >CORE SERVER");
    err_t e = sh->system->names(sh->system->context, prefix, add_name, &t);
    if (err_ok(e) && (t.count > 0 || *prefix == '\0')) {
        return print_table(sh, &t.table);
    }
    table_free(&t.table);
    if (!err_ok(e)) {
        return *prefix ? shell_fail_with(sh, e, "%s", prefix)
                       : shell_fail_with(sh, e, "cannot list the services");
    }
    return shell_fail(sh, err_make(ERR_NAME_UNKNOWN, 0), "there is no service %s and none below it", prefix);
}

#define PATIENCE ((nanos_t)10 * 1000 * 1000 * 1000)

static err_t wait_for_name(struct shell *sh, const struct arguments *a)
{
    err_t e;

    if (a->count < 2) {
        return shell_usage(sh, "a name is missing");
    }
    if (a->count > 2) {
        return shell_usage(sh, "'%s' is too much", a->words[2]);
    }
    e = sh->system->wait_name(sh->system->context, a->words[1],
                              sh->system->now(sh->system->context) + PATIENCE);
    if (err_is(e, ERR_TIMEOUT)) {
        return shell_fail(sh, e, "nobody offers %s, not after 10 seconds either", a->words[1]);
    }
    return err_ok(e) ? e : shell_fail_with(sh, e, "%s", a->words[1]);
}

err_t command_ns(struct shell *sh, const struct arguments *a)
{
    struct arguments rest;

    if (str_equal(a->words[0], "wait")) {
        return wait_for_name(sh, a);
    }
    if (!str_equal(a->words[0], "ls")) {
        return shell_usage(sh, "'%s' is nothing that ns can do", a->words[0]);
    }
    err_t e = arguments_parse(sh, "l", a->words + 1, a->count - 1, &rest);
    if (!err_ok(e)) {
        return e;
    }
    if (rest.count > 1) {
        return shell_usage(sh, "'%s' is too much", rest.words[1]);
    }
    return list_names(sh, rest.count > 0 ? rest.words[0] : "", given(&rest, 'l'));
}
