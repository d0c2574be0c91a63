/* SPDX-License-Identifier: MIT */
/* The host's terminal: raw while the machine runs on one, left as it was found. */
#ifndef HOSTSIM_CONSOLE_H
#define HOSTSIM_CONSOLE_H

#include <mudskipper/abi/types.h>

void sim_console_create(bool take_input);
void sim_console_destroy(void);

/* Keys come one by one from a person, Ctrl-C among them. */
bool sim_console_interactive(void);

/* Standard input belongs to the machine. */
bool sim_console_has_input(void);

/* All of it, in one piece, to standard output. */
void sim_console_write_host(const char *bytes, size_t count);

/* Safe in signal handlers. */
void sim_terminal_restore(void);

/* Somebody stopped this process and set it going again: raw once more. */
void sim_terminal_continue(void);

#endif
