/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <mudskipper/pure/error_text.h>
#include "parse.h"

/* So much output is collected before it is written: one message of a usual channel. */
#define FLUSH_AT 2048u

void shell_init(struct shell *sh, const struct system *system, const struct memory *memory,
                size_t history_limit)
{
    *sh = (struct shell){.system = system, .memory = memory};
    buffer_init(&sh->out, memory);
    buffer_init(&sh->message, memory);
    jobs_init(&sh->jobs, memory);
    history_init(&sh->history, memory, history_limit);
}

void shell_free(struct shell *sh)
{
    buffer_free(&sh->out);
    buffer_free(&sh->message);
    jobs_free(&sh->jobs);
    history_free(&sh->history);
}

const char *shell_message(const struct shell *sh)
{
    return sh->message.failed ? "out of memory" : buffer_text(&sh->message);
}

/* --- printing ---- */

/* The log is what is left to tell it. */
void shell_terminal_gone(struct shell *sh, err_t why)
{
    struct buffer line;

    sh->terminal_gone = true;
    sh->leaving = true;
    sh->status = STATUS_FAILED;
    buffer_init(&line, sh->memory);
    buffer_string(&line, "shell: the terminal is gone, so the shell ends: ");
    err_format(buffer_sink, &line, why);
    buffer_byte(&line, '\n');
    why = sh->system->write_log(sh->system->context, buffer_text(&line), line.length);
    (void)why;
    buffer_free(&line);
}

static void write_now(struct shell *sh, const char *bytes, size_t count)
{
    if (count == 0 || sh->terminal_gone) {
        return;
    }
    sh->in_line = bytes[count - 1] != '\n';
    err_t e = sh->system->write(sh->system->context, bytes, count);
    if (!err_ok(e)) {
        shell_terminal_gone(sh, e);
    }
}

void shell_flush(struct shell *sh)
{
    write_now(sh, buffer_text(&sh->out), sh->out.length);
    buffer_clear(&sh->out);
}

void shell_fresh_line(struct shell *sh)
{
    shell_flush(sh);
    if (sh->in_line) {
        shell_print(sh, "\n");
    }
}

static void print_sink(void *context, const char *bytes, size_t count)
{
    struct shell *sh = context;

    if (sh->out.length + count > FLUSH_AT) {
        shell_flush(sh);
    }
    if (!buffer_append(&sh->out, bytes, count)) {
        shell_flush(sh);
        write_now(sh, bytes, count);
    }
}

void shell_print(struct shell *sh, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    format_args(print_sink, sh, format, arguments);
    va_end(arguments);
}

void shell_print_buffer(struct shell *sh, const struct buffer *b)
{
    print_sink(sh, buffer_text(b), b->length);
}

void shell_print_text(struct shell *sh, const char *text, size_t count)
{
    put_text_to(print_sink, sh, text, count, true);
}

/* --- failing ---- */

/* The capability that lacks the right is this shell's own, and its number says nothing to a person. */
static void put_reason(struct shell *sh, err_t error)
{
    if (err_is(error, ERR_CAP_MISSING_RIGHT)) {
        buffer_string(&sh->message, "this shell may not (cap= in the boot file)");
    } else {
        err_format(buffer_sink, &sh->message, error);
    }
}

static void set_message(struct shell *sh, err_t error, bool with_error, const char *format, va_list arguments)
{
    buffer_clear(&sh->message);
    if (sh->command) {
        buffer_format(&sh->message, "%s: ", sh->command->name);
    }
    format_args(buffer_sink, &sh->message, format, arguments);
    if (with_error) {
        buffer_string(&sh->message, ": ");
        put_reason(sh, error);
    }
}

/* For what is no command's failure. */
static void __attribute__((format(printf, 2, 3))) explain(struct shell *sh, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    set_message(sh, OK, false, format, arguments);
    va_end(arguments);
}

err_t shell_fail(struct shell *sh, err_t error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    set_message(sh, error, false, format, arguments);
    va_end(arguments);
    return error;
}

err_t shell_fail_with(struct shell *sh, err_t error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    set_message(sh, error, true, format, arguments);
    va_end(arguments);
    return error;
}

err_t shell_fail_error(struct shell *sh, err_t error)
{
    buffer_clear(&sh->message);
    if (sh->command) {
        buffer_format(&sh->message, "%s: ", sh->command->name);
    }
    err_format(buffer_sink, &sh->message, error);
    return error;
}

err_t shell_no_memory(struct shell *sh)
{
    return shell_fail_error(sh, err_make(ERR_NO_MEMORY, 0));
}

err_t shell_usage(struct shell *sh, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    set_message(sh, OK, false, format, arguments);
    va_end(arguments);
    const char *blank = *sh->command->synopsis ? " " : "";
    buffer_format(&sh->message, " (usage: %s%s%s)", sh->command->name, blank, sh->command->synopsis);
    return err_make(ERR_BAD_ARGUMENT, 0);
}

/* --- one command ---- */

struct search {
    const char *name;
    bool found;
};

static bool is_program(void *argument, const struct system_file *file)
{
    struct search *s = argument;

    s->found = file->program && str_equal(file->program, s->name);
    return !s->found;
}

static err_t unknown_command(struct shell *sh, const char *name)
{
    struct search s = {.name = name};
    err_t error = err_make(ERR_NOT_FOUND, 0);

    if (err_ok(sh->system->files(sh->system->context, is_program, &s)) && s.found) {
        return shell_fail(sh, error, "%s: this is a program; start it with: spawn %s", name, name);
    }
    return shell_fail(sh, error, "%s: there is no such command; help lists them", name);
}

/* Decides whether the words fit the command. */
static err_t check_arguments(struct shell *sh, const struct command *c, char *const *words, size_t count,
                             bool background, struct arguments *a)
{
    err_t e = arguments_parse(sh, c->options, words + 1, count - 1, a);

    if (!err_ok(e)) {
        return e;
    }
    a->background = background;
    if (background && !c->background) {
        return shell_fail(sh, err_make(ERR_BAD_ARGUMENT, 0),
                          "only programs (spawn, oncore) run in the background");
    }
    if (a->count < c->least) {
        return shell_usage(sh, "something is missing");
    }
    if (a->count > c->most) {
        return shell_usage(sh, "'%s' is too much", a->words[c->most]);
    }
    return OK;
}

err_t shell_run_words(struct shell *sh, char *const *words, size_t count, bool background)
{
    const struct command *outer = sh->command;
    struct arguments a;

    sh->command = NULL;
    const struct command *c = command_find(words[0]);
    if (!c) {
        err_t e = unknown_command(sh, words[0]);
        sh->command = outer;
        return e;
    }
    sh->command = c;
    err_t e = check_arguments(sh, c, words, count, background, &a);
    if (err_ok(e)) {
        e = c->run(sh, &a);
    }
    sh->command = outer;
    return e;
}

/* --- one line ---- */

static bool error_by_name(const char *name, uint16_t *code)
{
    const char *at;

    for (size_t i = 0; (at = err_name_at(i, code)); i++) {
        if (str_equal(at, name)) {
            return true;
        }
    }
    return false;
}

/* The command was to fail with a certain error. True: it did. */
static bool judge_expected(struct shell *sh, const struct parse_command *c, err_t e)
{
    uint16_t expected = 0;
    struct buffer why;

    if (err_ok(e)) {
        explain(sh, "expect: '%s' succeeded, but had to fail with %s", c->words.items[0], c->expected);
        return false;
    }
    if (error_by_name(c->expected, &expected) && err_is(e, expected)) {
        return true;
    }
    const char *name = err_name(e.code[0]);
    buffer_init(&why, sh->memory);
    buffer_string(&why, shell_message(sh));
    explain(sh, "expect: failed with %s, not with %s: %s", name ? name : "an unknown error", c->expected,
            buffer_text(&why));
    buffer_free(&why);
    return false;
}

/* Whether the outcome is what the prefix asked for. A command that somebody interrupted is no expected
 * failure. */
static bool judge(struct shell *sh, const struct parse_command *c, err_t e)
{
    switch (c->prefix) {
    case PREFIX_EXPECT:
        return judge_expected(sh, c, e);
    case PREFIX_FAIL:
        if (err_ok(e)) {
            explain(sh, "!: '%s' succeeded, but had to fail", c->words.items[0]);
            return false;
        }
        return !err_is(e, ERR_CANCELLED);
    case PREFIX_NONE:
        break;
    }
    return err_ok(e);
}

static bool run_command(struct shell *sh, const struct parse_command *c)
{
    err_t e = shell_run_words(sh, c->words.items, c->words.count, c->background);

    if (err_ok(e) && sh->leaving) {
        return true;
    }
    bool good = judge(sh, c, e);
    if (good && !err_ok(e)) {
        shell_print(sh, "as expected: %s\n", shell_message(sh));
    }
    return good;
}

/* What can be decided about the line before any of it runs. */
static bool check_line(struct shell *sh, const struct parse_line *line)
{
    uint16_t code;

    for (size_t i = 0; i < line->count; i++) {
        const struct parse_command *c = &line->commands[i];
        if (c->prefix == PREFIX_EXPECT && !error_by_name(c->expected, &code)) {
            explain(sh, "expect: there is no error called %s", c->expected);
            return false;
        }
    }
    return true;
}

static bool parse(struct shell *sh, const char *text, size_t length, struct parse_line *line)
{
    struct parse_error error;

    if (parse_line(sh->memory, text, length, line, &error)) {
        return true;
    }
    if (error.column > 0) {
        explain(sh, "column %zu: %s", error.column, error.sentence);
    } else {
        explain(sh, "%s", error.sentence);
    }
    return false;
}

bool shell_run_line(struct shell *sh, const char *text, size_t length)
{
    struct parse_line line;

    if (!parse(sh, text, length, &line)) {
        return false;
    }
    bool good = check_line(sh, &line);
    for (size_t i = 0; good && i < line.count && !sh->leaving; i++) {
        good = run_command(sh, &line.commands[i]);
    }
    parse_free(&line);
    shell_flush(sh);
    return good;
}
