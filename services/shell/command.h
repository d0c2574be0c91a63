/* SPDX-License-Identifier: MIT */
/* One struct per command: everything that dispatch, help, completion and usage errors need stands in it once.
 */
#ifndef SHELL_COMMAND_H
#define SHELL_COMMAND_H

#include "shell.h"

/* What Tab offers for an argument. */
enum complete_kind {
    COMPLETE_NOTHING,
    COMPLETE_COMMAND,
    COMPLETE_PROGRAM,
    COMPLETE_PROCESS,
    COMPLETE_CORE,
    COMPLETE_FILE,
    COMPLETE_NAME,   /* of a service */
    COMPLETE_METHOD, /* of the service that the first argument names */
    COMPLETE_NS,     /* what ns can do */
    COMPLETE_LINE,   /* a whole command begins here */
};

#define ANY_NUMBER SIZE_MAX

/* A command's words, after its options. */
struct arguments {
    size_t count;
    char *const *words;
    uint32_t given;         /* bit i: option 'a' + i */
    const char *values[26]; /* of the options that have one */
    bool background;
};

static inline bool given(const struct arguments *a, char option)
{
    return a->given >> (option - 'a') & 1;
}

static inline const char *value_of(const struct arguments *a, char option)
{
    return a->values[option - 'a'];
}

struct command {
    const char *name;
    const char *synopsis;           /* what follows the name */
    const char *help;               /* one line */
    const char *examples;           /* one per line */
    const char *options;            /* letters; ':' behind one that has a value: "lc:" */
    size_t least, most;             /* arguments after the options; ANY_NUMBER */
    enum complete_kind complete[3]; /* first, second, all others */
    bool background;                /* may be followed by & */
    /* Prints with shell_print; on failure shell_fail or shell_fail_with said why. */
    MUST_USE err_t (*run)(struct shell *sh, const struct arguments *a);
};

/* All commands, in the order of help; NULL behind the last. */
const struct command *command_at(size_t index);
const struct command *command_find(const char *name);

/* Reads options off the front of words[0, count); "--" ends them. BAD_ARGUMENT, with a message. */
MUST_USE err_t arguments_parse(struct shell *sh, const char *options, char *const *words, size_t count,
                               struct arguments *out);

/* A number in decimal or 0x…; BAD_ARGUMENT, with a message that calls it `what`. */
MUST_USE err_t parse_number(struct shell *sh, const char *word, const char *what, uint64_t most,
                            uint64_t *number);

/* BAD_CORE when there is no such core, with a message. */
MUST_USE err_t parse_core(struct shell *sh, const char *word, coreid_t *core);

/* Prints the table and frees it. */
MUST_USE err_t print_table(struct shell *sh, struct table *t);

/* The functions, by file. */
#define COMMAND_FUNCTION(name) MUST_USE err_t name(struct shell *sh, const struct arguments *a)
COMMAND_FUNCTION(command_help); /* command_basic.c */
COMMAND_FUNCTION(command_echo);
COMMAND_FUNCTION(command_history);
COMMAND_FUNCTION(command_exit);
COMMAND_FUNCTION(command_time);
COMMAND_FUNCTION(command_repeat);
COMMAND_FUNCTION(command_sleep);
COMMAND_FUNCTION(command_cores); /* command_machine.c */
COMMAND_FUNCTION(command_uptime);
COMMAND_FUNCTION(command_dmesg);
COMMAND_FUNCTION(command_log);
COMMAND_FUNCTION(command_reboot);
COMMAND_FUNCTION(command_poweroff);
COMMAND_FUNCTION(command_ls); /* command_files.c */
COMMAND_FUNCTION(command_cat);
COMMAND_FUNCTION(command_ps); /* command_process.c */
COMMAND_FUNCTION(command_spawn);
COMMAND_FUNCTION(command_oncore);
COMMAND_FUNCTION(command_jobs);
COMMAND_FUNCTION(command_wait);
COMMAND_FUNCTION(command_kill);
COMMAND_FUNCTION(command_mem); /* command_memory.c */
COMMAND_FUNCTION(command_caps);
COMMAND_FUNCTION(command_vm);
COMMAND_FUNCTION(command_waits); /* command_waits.c */
COMMAND_FUNCTION(command_check); /* command_check.c */
COMMAND_FUNCTION(command_ns);    /* command_names.c */
COMMAND_FUNCTION(command_call);  /* command_call.c */
#undef COMMAND_FUNCTION

#endif
