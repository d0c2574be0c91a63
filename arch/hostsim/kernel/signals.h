/* SPDX-License-Identifier: MIT */
/* Signals of the host as this port uses them. Handlers are installed and sent by raw system calls: a
 * sanitizer's wrappers would hold asynchronous ones back. */
#ifndef HOSTSIM_SIGNALS_H
#define HOSTSIM_SIGNALS_H

#include <signal.h>

#define SIM_SIGNAL_TIMER SIGALRM
#define SIM_SIGNAL_KICK  SIGUSR1 /* an event was posted to a core that runs a program */

/* A system call of the host from a handler: no libc, no errno. In isa_<host>. */
long sim_raw_syscall(long number, long a, long b, long c, long d);

#endif
