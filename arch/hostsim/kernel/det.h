/* SPDX-License-Identifier: MIT */
/* The deterministic machine (-Dconfig=det): all cores are fibres of one thread of the host, one runs at a
 * time, and nothing of the host decides which.
 *
 *   - A core gives way at its scheduling points: at every way out of the kernel, when it sleeps, where the
 * kernel waits for another core (hal_relax), and, now and then, before an access of neutral kernel code to
 * memory, which is compiled with a call there. Who goes on is drawn from the seed.
 *   - A program gives way at every basic block: it is compiled with a call there, which counts down a budget
 * in a page at a place that programs know. The budget is drawn from the seed, and ends where the core's
 * deadline is.
 *   - Time is virtual: a block, a way through the kernel and a look at the clock each take a fixed time; when
 *     every core sleeps it jumps to the next deadline.
 *   - The console has no input. What a program writes goes out at once.
 *
 * Faults of the machine come from the same seed (det_fault.h).
 *
 * What happened is summed up in a hash (det_trace.h): the same for the same seed, program files and options,
 * in whatever process. After FoundationDB's simulation and the schedulers of Coyote and loom; only
 * interleavings are explored that are sequentially consistent. */
#ifndef HOSTSIM_DET_H
#define HOSTSIM_DET_H

#include <mudskipper/arch/det.h>
#include "sim.h"

/* Makes the thread and the fibres, which run body(core), core 0 first. False: the host does not give them. */
bool det_cores_create(void *(*body)(void *core));

/* A core is about to do something that others may see. Others may run in between. */
void det_point(struct sim_core *core);

/* The same inside of the kernel, where it waits for another core. */
void det_relax(struct sim_core *core);

/* An interrupt to a core: true when the machine sees to it, later. */
bool det_ipi(coreid_t core);

/* Until something is pending or the deadline has come. */
void det_sleep(struct sim_core *core, nanos_t deadline);

/* Around the time in which a program runs. */
void det_program_begins(struct sim_core *core);
void det_program_ended(struct sim_core *core, struct hal_context *context);

/* (handler) The program has used up its budget. */
bool det_is_over(void);

nanos_t det_now(void);

/* One line about what happened, for people and tests; the trace is whole then. */
void det_report(void);

#endif
