/* SPDX-License-Identifier: MIT */
/* The shell as a program, but for what connects it to a real system.
 *
 *   shell [--poweroff] [--history N] [--columns N] [-c CMDS | --script FILE | --script - | --script-if FILE]
 */
#ifndef SHELL_PROGRAM_H
#define SHELL_PROGRAM_H

#include "system.h"
#include "memory.h"

/* Returns the exit status: enum shell_status, or what exit and poweroff said. */
int shell_program(const struct system *system, const struct memory *memory, int argc, char *const *argv);

#endif
