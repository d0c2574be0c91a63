/* SPDX-License-Identifier: MIT */
/* The shell: runs lines of commands against a system. Pure but for the system's table of functions.
 *
 *   bytes --> edit --> line --> parse --> commands --> shell_run_words --> command_*.c --> system
 *   script --------------'                                                      |
 *                                                                               '--> out --> terminal */
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include "history.h"
#include "jobs.h"
#include "system.h"
#include "table.h"

#define SHELL_PROMPT "msk> "

enum shell_status {
    STATUS_OK = 0,
    STATUS_FAILED = 1, /* a script stopped at a failing line, or the terminal has gone */
    STATUS_USAGE = 2,  /* the shell's own arguments */
};

struct command;

struct shell {
    const struct system *system;
    const struct memory *memory;
    const struct command *command; /* that runs now; names itself in front of failures */
    struct buffer out;             /* not yet written to the terminal */
    struct buffer message;         /* why the last command failed: one sentence, no line feed */
    struct jobs jobs;
    struct history history;
    bool interactive;   /* a person sits there */
    bool leaving;       /* no further command is run */
    bool in_line;       /* the last byte written was not the end of a line */
    bool terminal_gone; /* nothing can be written any more */
    uint8_t status;     /* the shell's exit status, once leaving */
};

void shell_init(struct shell *sh, const struct system *system, const struct memory *memory,
                size_t history_limit);
void shell_free(struct shell *sh);

/* Runs a line: all its commands, up to the first that fails. False: `message` says why. What the commands
 * printed is written. */
MUST_USE bool shell_run_line(struct shell *sh, const char *text, size_t length);

/* Runs one command; what it printed may still lie in `out`. Used by commands that take a command. */
MUST_USE err_t shell_run_words(struct shell *sh, char *const *words, size_t count, bool background);

/* Why the last line or command failed. */
const char *shell_message(const struct shell *sh);

/* Printing loses nothing when memory is short; a terminal that is gone makes the shell leave. */
void shell_print(struct shell *sh, const char *format, ...) __attribute__((format(printf, 2, 3)));
void shell_print_text(struct shell *sh, const char *text,
                      size_t count); /* lines of unknown origin: put_text */
void shell_print_buffer(struct shell *sh, const struct buffer *b);
void shell_flush(struct shell *sh);
void shell_terminal_gone(struct shell *sh, err_t why); /* it cannot be read or written: the shell leaves */
void shell_fresh_line(struct shell *sh); /* ends the line, if one is begun: a prompt stands at its start */

/* Both set `message` to "COMMAND: sentence" and return `error`; the second adds ": " and the words of the
 * error. No words of the error needed: shell_fail(sh, err_make(ERR_NOT_FOUND, 0), "no process is called %s",
 * name). */
MUST_USE err_t shell_fail(struct shell *sh, err_t error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
MUST_USE err_t shell_fail_with(struct shell *sh, err_t error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
MUST_USE err_t shell_fail_error(struct shell *sh, err_t error); /* only the words of the error */
MUST_USE err_t shell_no_memory(struct shell *sh);
MUST_USE err_t shell_usage(struct shell *sh, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Tells of background jobs that have ended, and forgets them. */
void shell_notice_jobs(struct shell *sh);

/* "ended with exit code 3", "killed", "ended by a fault: …"; and the error that stands for it: OK only for
 * code 0. */
bool put_exit(struct buffer *to, const struct system_exit *exit);
err_t exit_error(const struct system_exit *exit);

#endif
