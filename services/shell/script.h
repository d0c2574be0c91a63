/* SPDX-License-Identifier: MIT */
/* Scripts: lines run one after the other, each shown behind the prompt before it runs, so that what is
 * printed reads like a session at a terminal and is the same in every world:
 *
 *     msk> kill counter
 *     msk> expect PEER_GONE call counter get
 *     as expected: call: counter get: the peer is gone
 *     msk> kill foo
 *     line 3: kill: no process is called foo
 *
 * The first line that fails ends the script with STATUS_FAILED. Background programs are not announced, since
 * when they end is nobody's promise: wait tells it. */
#ifndef SHELL_SCRIPT_H
#define SHELL_SCRIPT_H

#include "shell.h"

/* Both leave the status in sh->status; sh->leaving is set on return. */
void script_run_text(struct shell *sh, const char *text, size_t length);

/* The script is what the terminal's input brings, up to its end or Ctrl-D at the start of a line. With `echo`
 * false nothing is shown and a failing line does not end it: what a program that is piped into a shell wants.
 */
void script_run_input(struct shell *sh, bool echo);

/* The script is a file of the boot archive. STATUS_USAGE when it cannot be read. */
void script_run_file(struct shell *sh, const char *name);

#endif
