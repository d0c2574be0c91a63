/* SPDX-License-Identifier: MIT */
/* Commands that concern the shell itself. */
#include "command.h"

static err_t help_all(struct shell *sh)
{
    struct table t;

    table_init(&t, sh->memory, "COMMAND PURPOSE");
    for (size_t i = 0; command_at(i); i++) {
        table_cell(&t, "%s", command_at(i)->name);
        table_cell(&t, "%s", command_at(i)->help);
    }
    err_t e = print_table(sh, &t);
    if (err_ok(e)) {
        shell_print(sh,
                    "\nCMD; CMD     one after the other, up to the first that fails\n"
                    "PROG &       behind spawn or oncore: in the background\n"
                    "! CMD        must fail                 expect ERROR CMD  must fail with that error\n"
                    "'...' \"...\" \\    quote                   #                  the rest is a comment\n"
                    "help CMD tells more. Tab completes, Ctrl-R searches, Ctrl-C interrupts.\n");
    }
    return e;
}

/* Each line of `lines`, indented. */
static void print_indented(struct shell *sh, const char *lines)
{
    while (*lines != '\0') {
        const char *end = str_find(lines, '\n');
        size_t length = end ? (size_t)(end - lines) : str_length(lines);
        shell_print(sh, "    %.*s\n", (int)length, lines);
        lines += length + (end ? 1 : 0);
    }
}

err_t command_help(struct shell *sh, const struct arguments *a)
{
    if (a->count == 0) {
        return help_all(sh);
    }
    const struct command *c = command_find(a->words[0]);
    if (!c) {
        return shell_fail(sh, err_make(ERR_NOT_FOUND, 0), "there is no command called %s", a->words[0]);
    }
    shell_print(sh, "%s%s%s: %s\nfor example:\n", c->name, *c->synopsis ? " " : "", c->synopsis, c->help);
    print_indented(sh, c->examples);
    return OK;
}

err_t command_echo(struct shell *sh, const struct arguments *a)
{
    for (size_t i = 0; i < a->count; i++) {
        shell_print(sh, "%s%s", i > 0 ? " " : "", a->words[i]);
    }
    shell_print(sh, "\n");
    return OK;
}

err_t command_history(struct shell *sh, const struct arguments *a)
{
    (void)a;
    for (size_t age = history_count(&sh->history); age > 0; age--) {
        shell_print(sh, "%s\n", history_line(&sh->history, age));
    }
    return OK;
}

err_t command_exit(struct shell *sh, const struct arguments *a)
{
    uint64_t code = 0;

    if (a->count > 0) {
        err_t e = parse_number(sh, a->words[0], "exit code", UINT8_MAX, &code);
        if (!err_ok(e)) {
            return e;
        }
    }
    sh->leaving = true;
    sh->status = (uint8_t)code;
    return OK;
}

err_t command_time(struct shell *sh, const struct arguments *a)
{
    struct buffer text;
    nanos_t start = sh->system->now(sh->system->context);
    err_t e = shell_run_words(sh, a->words, a->count, false);
    nanos_t end = sh->system->now(sh->system->context);

    buffer_init(&text, sh->memory);
    put_duration(&text, end - start);
    shell_print(sh, "took %s\n", buffer_text(&text));
    buffer_free(&text);
    return e;
}

err_t command_repeat(struct shell *sh, const struct arguments *a)
{
    uint64_t times = 0;
    err_t e = parse_number(sh, a->words[0], "number of times", UINT64_MAX, &times);

    for (uint64_t i = 0; err_ok(e) && i < times && !sh->leaving; i++) {
        e = shell_run_words(sh, a->words + 1, a->count - 1, false);
        shell_flush(sh);
        if (err_ok(e) && sh->system->interrupted(sh->system->context)) {
            e = shell_fail(sh, err_make(ERR_CANCELLED, 0), "interrupted after %llu of %llu times",
                           (unsigned long long)(i + 1), (unsigned long long)times);
        }
    }
    return e;
}

err_t command_sleep(struct shell *sh, const struct arguments *a)
{
    const nanos_t ms = 1000000;
    uint64_t count;
    nanos_t now = sh->system->now(sh->system->context);
    err_t e = parse_number(sh, a->words[0], "milliseconds", (NANOS_NEVER - now) / ms - 1, &count);

    if (!err_ok(e)) {
        return e;
    }
    shell_flush(sh);
    e = sh->system->sleep_until(sh->system->context, now + count * ms);
    if (err_is(e, ERR_CANCELLED)) {
        return shell_fail(sh, e, "interrupted");
    }
    return err_ok(e) ? OK : shell_fail_with(sh, e, "cannot sleep");
}
