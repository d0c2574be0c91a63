/* SPDX-License-Identifier: MIT */
/* What a suite cannot do to itself, asked for on the kernel's command line instead of the suite:
 *
 *   panic fault overflow reset hang exit=N    end the machine that way (hang: not at all)
 *   stop                                      stop the boot core, the only one
 *   idle                                      do nothing
 *   echo                                      print what is typed, until the end of a line
 *   archive                                   print names and sizes of the boot archive's files
 *   masked=N                                  rest, work with interrupts off for N rounds, rest, end with 0
 *   use-free race shift                       do what a checking tool must report, then end with 0 */
#ifndef TESTS_ARCH_COMMANDS_H
#define TESTS_ARCH_COMMANDS_H

#include <mudskipper/hal/kernel.h>

/* True: there is a command that goes on with command_event, now and at every event. */
bool command_run(const char *command_line);

/* Its part on a core it has started; false: there is no command. */
bool command_on_other_core(void);

/* The next event of a command that is under way. */
struct hal_next command_event(void);

#endif
