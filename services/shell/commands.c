/* SPDX-License-Identifier: MIT */
/* The table of commands, and what reads a command's words. */
#include "command.h"

static const struct command commands[] = {
    {.name = "help",
     .synopsis = "[CMD]",
     .help = "lists the commands, or tells about one",
     .examples = "help spawn",
     .options = "",
     .most = 1,
     .complete = {COMPLETE_COMMAND},
     .run = command_help},
    {.name = "echo",
     .synopsis = "[WORD...]",
     .help = "prints its words",
     .examples = "echo \"two words\"",
     .most = ANY_NUMBER,
     .run = command_echo},
    {.name = "ls",
     .synopsis = "[-l] [PREFIX]",
     .help = "lists the files of the boot archive; -l: with sizes",
     .examples = "ls\nls -l",
     .options = "l",
     .most = 1,
     .complete = {COMPLETE_FILE},
     .run = command_ls},
    {.name = "cat",
     .synopsis = "FILE...",
     .help = "prints files of the boot archive",
     .examples = "cat boot.txt",
     .options = "",
     .least = 1,
     .most = ANY_NUMBER,
     .complete = {COMPLETE_FILE, COMPLETE_FILE, COMPLETE_FILE},
     .run = command_cat},
    {.name = "ps",
     .synopsis = "[-ln]",
     .help = "lists all processes; -l: more about them; -n: only cores and names",
     .examples = "ps",
     .options = "ln",
     .run = command_ps},
    {.name = "spawn",
     .synopsis = "[-c CORE] [-p NAMES] PROG [ARG...] [&]",
     .help =
         "starts a program on this or another core and waits; &: does not; -p: gives it rights of the shell",
     .examples = "spawn hello world\nspawn -c 1 hello &\nspawn -p inspect,manage hello",
     .options = "c:p:",
     .least = 1,
     .most = ANY_NUMBER,
     .complete = {COMPLETE_PROGRAM},
     .background = true,
     .run = command_spawn},
    {.name = "oncore",
     .synopsis = "CORE PROG [ARG...] [&]",
     .help = "spawn -c CORE PROG",
     .examples = "oncore 2 hello",
     .options = "",
     .least = 2,
     .most = ANY_NUMBER,
     .complete = {COMPLETE_CORE, COMPLETE_PROGRAM},
     .background = true,
     .run = command_oncore},
    {.name = "jobs",
     .synopsis = "[-l]",
     .help = "lists what was started with &; -l: with process and core",
     .examples = "spawn counter &; jobs",
     .options = "l",
     .run = command_jobs},
    {.name = "wait",
     .synopsis = "PID|NAME|%JOB",
     .help = "waits for a process to end; fails unless with exit code 0",
     .examples = "wait hello\nwait %1",
     .options = "",
     .least = 1,
     .most = 1,
     .complete = {COMPLETE_PROCESS},
     .run = command_wait},
    {.name = "kill",
     .synopsis = "PID|NAME|%JOB",
     .help = "ends a process, and what it owns and offers with it",
     .examples = "kill counter",
     .options = "",
     .least = 1,
     .most = 1,
     .complete = {COMPLETE_PROCESS},
     .run = command_kill},
    {.name = "mem",
     .synopsis = "[-ln]",
     .help = "shows each core's memory; -l: who has it; -n: whether it adds up",
     .examples = "mem\nmem -l",
     .options = "ln",
     .run = command_mem},
    {.name = "caps",
     .synopsis = "[-n] [PID|NAME|%JOB]",
     .help = "lists the capabilities of a process, or this shell; -n: kinds only",
     .examples = "caps\ncaps -n names",
     .options = "n",
     .most = 1,
     .complete = {COMPLETE_PROCESS},
     .run = command_caps},
    {.name = "vm",
     .synopsis = "[-n] [PID|NAME|%JOB]",
     .help = "shows the address space of a process, or this shell; -n: kinds only",
     .examples = "vm names",
     .options = "n",
     .most = 1,
     .complete = {COMPLETE_PROCESS},
     .run = command_vm},
    {.name = "waits",
     .synopsis = "[-n]",
     .help = "shows who waits for whom, and circles; -n: no numbers",
     .examples = "waits",
     .options = "n",
     .run = command_waits},
    {.name = "check",
     .synopsis = "",
     .help = "lets the servers of all cores check their books; fails when one is wrong",
     .examples = "check",
     .options = "",
     .run = command_check},
    {.name = "cores",
     .synopsis = "[-n]",
     .help = "lists the cores; -n: no amounts and times",
     .examples = "cores",
     .options = "n",
     .run = command_cores},
    {.name = "ns",
     .synopsis = "ls [-l] [PREFIX] | wait NAME",
     .help = "lists the services, all or below a prefix; -l: more about them; wait: until one is there",
     .examples = "ns ls\nns ls -l demo\nns wait demo.echo",
     .options = "",
     .least = 1,
     .most = ANY_NUMBER,
     .complete = {COMPLETE_NS, COMPLETE_NAME, COMPLETE_NAME},
     .run = command_ns},
    {.name = "call",
     .synopsis = "NAME [METHOD [ARG...]]",
     .help = "calls a service, wherever it is; without METHOD: what it can do",
     .examples = "call demo.echo\ncall demo.echo add 2 3",
     .options = "",
     .least = 1,
     .most = ANY_NUMBER,
     .complete = {COMPLETE_NAME, COMPLETE_METHOD},
     .run = command_call},
    {.name = "time",
     .synopsis = "CMD",
     .help = "runs a command and tells how long it took",
     .examples = "time spawn hello",
     .least = 1,
     .most = ANY_NUMBER,
     .complete = {COMPLETE_LINE},
     .run = command_time},
    {.name = "repeat",
     .synopsis = "N CMD",
     .help = "runs a command N times, or until it fails",
     .examples = "repeat 10 call demo.echo where",
     .options = "",
     .least = 2,
     .most = ANY_NUMBER,
     .complete = {COMPLETE_NOTHING, COMPLETE_LINE},
     .run = command_repeat},
    {.name = "sleep",
     .synopsis = "MS",
     .help = "does nothing for so many milliseconds",
     .examples = "sleep 500",
     .options = "",
     .least = 1,
     .most = 1,
     .run = command_sleep},
    {.name = "uptime",
     .synopsis = "",
     .help = "tells how long the machine has been running",
     .examples = "uptime",
     .options = "",
     .run = command_uptime},
    {.name = "dmesg",
     .synopsis = "[-c CORE]",
     .help = "prints the kernel's log, of all cores or of one",
     .examples = "dmesg -c 0",
     .options = "c:",
     .run = command_dmesg},
    {.name = "log",
     .synopsis = "[WORD...]",
     .help = "writes a line into this core's log; without words: its newest lines",
     .examples = "log the test begins here\nlog",
     .most = ANY_NUMBER,
     .run = command_log},
    {.name = "history",
     .synopsis = "",
     .help = "lists the lines typed before",
     .examples = "history",
     .options = "",
     .run = command_history},
    {.name = "reboot",
     .synopsis = "",
     .help = "restarts the machine",
     .examples = "reboot",
     .options = "",
     .run = command_reboot},
    {.name = "poweroff",
     .synopsis = "[CODE]",
     .help = "ends the machine; CODE, 0 to 255, is its exit status",
     .examples = "poweroff\npoweroff 3",
     .options = "",
     .most = 1,
     .run = command_poweroff},
    {.name = "exit",
     .synopsis = "[CODE]",
     .help = "leaves this shell, and the machine if it was started with --poweroff",
     .examples = "exit",
     .options = "",
     .most = 1,
     .run = command_exit},
};

const struct command *command_at(size_t index)
{
    return index < ARRAY_LENGTH(commands) ? &commands[index] : NULL;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        if (str_equal(commands[i].name, name)) {
            return &commands[i];
        }
    }
    return NULL;
}

/* The place of `letter` in the list of options; NULL when it is none. */
static const char *find_option(const char *options, char letter)
{
    return letter >= 'a' && letter <= 'z' ? str_find(options, letter) : NULL;
}

/* The letters of one word, "-lc"; *next is the index of the word behind it, and moves when a value was taken.
 */
static err_t read_letters(struct shell *sh, const char *options, char *const *words, size_t count,
                          size_t *next, struct arguments *out)
{
    for (const char *letter = words[*next - 1] + 1; *letter != '\0'; letter++) {
        const char *option = find_option(options, *letter);
        if (!option || *option == '\0') {
            return shell_usage(sh, "there is no option -%s", letter);
        }
        out->given |= (uint32_t)1 << (*letter - 'a');
        if (option[1] != ':') {
            continue;
        }
        if (letter[1] != '\0') {
            out->values[*letter - 'a'] = letter + 1;
        } else if (*next < count) {
            out->values[*letter - 'a'] = words[(*next)++];
        } else {
            return shell_usage(sh, "option -%c wants a value", *letter);
        }
        break;
    }
    return OK;
}

err_t arguments_parse(struct shell *sh, const char *options, char *const *words, size_t count,
                      struct arguments *out)
{
    size_t next = 0;

    *out = (struct arguments){.count = 0};
    while (options && next < count && words[next][0] == '-' && words[next][1] != '\0') {
        if (str_equal(words[next++], "--")) {
            break;
        }
        err_t e = read_letters(sh, options, words, count, &next, out);
        if (!err_ok(e)) {
            return e;
        }
    }
    out->words = words + next;
    out->count = count - next;
    return OK;
}

static bool only_digits(const char *word)
{
    while (*word >= '0' && *word <= '9') {
        word++;
    }
    return *word == '\0';
}

err_t parse_number(struct shell *sh, const char *word, const char *what, uint64_t most, uint64_t *number)
{
    if (!text_number(text_of(word), number)) {
        if (*word != '\0' && only_digits(word)) {
            return shell_usage(sh, "%s: %s is more than %llu", what, word, (unsigned long long)most);
        }
        return shell_usage(sh, "%s: '%s' is not a number", what, word);
    }
    if (*number > most) {
        return shell_usage(sh, "%s: %s is more than %llu", what, word, (unsigned long long)most);
    }
    return OK;
}

struct core_search {
    uint64_t id;
    bool found;
};

static bool same_core(void *argument, const struct system_core *core)
{
    struct core_search *s = argument;

    s->found = core->id == s->id;
    return !s->found;
}

err_t parse_core(struct shell *sh, const char *word, coreid_t *core)
{
    struct core_search s = {.found = false};
    err_t e = parse_number(sh, word, "core", UINT64_MAX, &s.id);

    if (!err_ok(e)) {
        return e;
    }
    e = sh->system->cores(sh->system->context, same_core, &s);
    if (!err_ok(e)) {
        return shell_fail_with(sh, e, "cannot list the cores");
    }
    if (!s.found) {
        return shell_fail_error(sh, err_make(ERR_BAD_CORE, s.id));
    }
    *core = (coreid_t)s.id;
    return OK;
}

err_t print_table(struct shell *sh, struct table *t)
{
    struct buffer text;

    buffer_init(&text, sh->memory);
    bool ok = table_print(t, &text);
    if (ok) {
        shell_print_buffer(sh, &text);
    }
    buffer_free(&text);
    table_free(t);
    return ok ? OK : shell_no_memory(sh);
}
