/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <mudskipper/pure/error_text.h>
#include "interact.h"
#include "script.h"

#define HISTORY_LINES 500u
#define ERROR_WORDS   160u

static const char usage[] =
    "usage: shell [OPTION...] [-c CMDS | --script FILE | --script - | --script-if FILE]\n"
    "  -c CMDS          runs these lines as a script\n"
    "  --script FILE    runs a script from the boot archive; -: from the terminal's input\n"
    "  --script-if FILE the same if there is such a file; otherwise as without a script\n"
    "  --poweroff       when the shell ends, powers the machine off with its exit status\n"
    "  --history N      keeps so many lines (500)\n"
    "  --columns N      width of the terminal, when it does not tell (80)\n"
    "Without a script: at a terminal a prompt; otherwise runs the input's lines and shows nothing else.\n"
    "A script ends at its first failing line, with exit status 1.\n";

struct options {
    const char *commands;
    const char *script;
    const char *script_if;
    uint64_t history;
    uint64_t columns;
    bool poweroff;
    bool help;
    const char *complaint; /* NULL: all good */
    const char *about;     /* the argument complained about */
};

/* The value behind argv[*i], which moves to it; NULL, with a complaint, when there is none. */
static const char *take_value(struct options *o, int argc, char *const *argv, int *i)
{
    if (*i + 1 >= argc) {
        o->complaint = "wants a value";
        o->about = argv[*i];
        return NULL;
    }
    return argv[++*i];
}

static void take_number(struct options *o, int argc, char *const *argv, int *i, uint64_t *number)
{
    const char *value = take_value(o, argc, argv, i);

    if (value && !text_number(text_of(value), number)) {
        o->complaint = "is not a number";
        o->about = value;
    }
}

static void take_argument(struct options *o, int argc, char *const *argv, int *i)
{
    const char *word = argv[*i];

    if (str_equal(word, "-c")) {
        o->commands = take_value(o, argc, argv, i);
    } else if (str_equal(word, "--script")) {
        o->script = take_value(o, argc, argv, i);
    } else if (str_equal(word, "--script-if")) {
        o->script_if = take_value(o, argc, argv, i);
    } else if (str_equal(word, "--history")) {
        take_number(o, argc, argv, i, &o->history);
    } else if (str_equal(word, "--columns")) {
        take_number(o, argc, argv, i, &o->columns);
    } else if (str_equal(word, "--poweroff")) {
        o->poweroff = true;
    } else if (str_equal(word, "--help") || str_equal(word, "-h")) {
        o->help = true;
    } else {
        o->complaint = "is no argument of the shell";
        o->about = word;
    }
}

static struct options read_options(int argc, char *const *argv)
{
    struct options o = {.history = HISTORY_LINES};

    for (int i = 1; i < argc && !o.complaint; i++) {
        take_argument(&o, argc, argv, &i);
    }
    if (!o.complaint && o.commands && (o.script || o.script_if)) {
        o.complaint = o.script ? "and --script exclude each other" : "and --script-if exclude each other";
        o.about = "-c";
    }
    if (!o.complaint && o.script && o.script_if) {
        o.complaint = "and --script-if exclude each other";
        o.about = "--script";
    }
    if (!o.complaint && o.columns > UINT16_MAX) {
        o.complaint = "wants a number of at most 65535";
        o.about = "--columns";
    }
    return o;
}

static bool there_is(struct shell *sh, const char *file)
{
    char byte;
    size_t count;

    err_t e = sh->system->read_file(sh->system->context, file, 0, &byte, sizeof(byte), &count);

    return !err_is(e, ERR_CPIO_NOT_FOUND);
}

static void run(struct shell *sh, const struct options *o)
{
    struct system_terminal terminal = {.interactive = false};

    if (o->commands) {
        script_run_text(sh, o->commands, str_length(o->commands));
    } else if (o->script && str_equal(o->script, "-")) {
        script_run_input(sh, true);
    } else if (o->script) {
        script_run_file(sh, o->script);
    } else if (o->script_if && there_is(sh, o->script_if)) {
        script_run_file(sh, o->script_if);
    } else if (!err_ok(sh->system->terminal(sh->system->context, &terminal)) || !terminal.interactive) {
        if (o->script_if) {
            interact_banner(sh); /* the machine's own shell: without it nobody would know what came up */
            shell_flush(sh);     /* now: the first line may be long in coming */
        }
        script_run_input(sh, false);
    } else {
        terminal.columns = o->columns > 0 ? (unsigned)o->columns : terminal.columns;
        interact_run(sh, &terminal);
    }
}

/* Whoever started the machine gets the shell's status. */
static void power_off(struct shell *sh)
{
    char words[ERROR_WORDS];
    err_t e = sh->system->power_off(sh->system->context, sh->status);

    if (!err_ok(e)) {
        err_print(words, sizeof(words), e);
        shell_print(sh, "shell: the machine cannot be powered off: %s\n", words);
        shell_flush(sh);
    }
}

int shell_program(const struct system *system, const struct memory *memory, int argc, char *const *argv)
{
    struct options o = read_options(argc, argv);
    struct shell sh;

    shell_init(&sh, system, memory, o.history < SIZE_MAX ? (size_t)o.history : SIZE_MAX);
    if (o.complaint) {
        shell_print(&sh, "shell: %s %s\n%s", o.about, o.complaint, usage);
        sh.status = STATUS_USAGE;
    } else if (o.help) {
        shell_print(&sh, "%s", usage);
    } else {
        run(&sh, &o);
    }
    shell_flush(&sh);
    if (o.poweroff) {
        power_off(&sh);
    }
    int status = sh.status;
    shell_free(&sh);
    return status;
}
