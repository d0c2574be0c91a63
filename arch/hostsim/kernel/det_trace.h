/* SPDX-License-Identifier: MIT */
/* What happens on a deterministic machine, in order: numbered, summed up in a hash, and written down if
 * somebody wants to read it (--trace). No address, process id or time of the host is in it. */
#ifndef HOSTSIM_DET_TRACE_H
#define HOSTSIM_DET_TRACE_H

#include "sim.h"

enum det_event {
    DET_RUNS,        /* a core is chosen */
    DET_CALL,        /* its program made a system call; what: its number */
    DET_FAULT,       /* its program faulted; what: where in its address space */
    DET_INTERRUPTED, /* its program was interrupted; what: likewise */
    DET_TIME,        /* all sleep, and time passes */
    DET_STALL,       /* faults of the machine, det_fault.h; what: for how long */
    DET_DELAY,
    DET_SPURIOUS,
    DET_CLOCK,
    DET_LINGER,
    DET_REFUSED, /* what: how many have been */
    DET_KILL,    /* what: where in its address space */
    DET_STOP,    /* for good */
    DET_EVENTS
};

/* Opens the file of --trace. False: the host refuses; one sentence was printed. */
bool det_trace_begin(void);

void det_trace(enum det_event event, const struct sim_core *core, nanos_t now, uint64_t what);

/* Events so far, and their hash. */
uint64_t det_trace_events(void);
uint64_t det_trace_hash(void);

/* The event of --until has happened: for the breakpoint of a debugger, which finds the core in
 * sim_this_core. */
void det_reached(uint64_t event);

void det_trace_end(void);

#endif
