/* SPDX-License-Identifier: MIT */
/* A person at a terminal: banner, prompt, editing, notices of jobs. */
#ifndef SHELL_INTERACT_H
#define SHELL_INTERACT_H

#include "shell.h"

/* Returns when the person leaves (exit, Ctrl-D, poweroff) or the terminal is gone. */
void interact_run(struct shell *sh, const struct system_terminal *terminal);

/* Says what this is, what to try and how to leave. */
void interact_banner(struct shell *sh);

#endif
