/* SPDX-License-Identifier: MIT */
/* Faults of a deterministic machine (--faults LIST), drawn from its seed:
 *
 *   stall      a core stands still for up to a tenth of a second, and goes on with what it knew
 *   delay      interrupts between cores arrive late, up to ten milliseconds
 *   spurious   interrupts between cores and of timers without a reason
 *   linger     a core stands still for up to four milliseconds at places that were drawn (det_place.h)
 *   clock      the clock jumps forward, up to three seconds
 *   stop       one core, not the first, stands still from some time on, for good
 *   kill:NAME  programs of this name end by a fault, in any of their basic blocks; may be repeated
 *   refuse:NAME  allocations of programs of this name fail, now and then; once all that are named so have
 * been started
 *
 * Each is rare, so that work gets done between two of them. */
#ifndef HOSTSIM_DET_FAULT_H
#define HOSTSIM_DET_FAULT_H

#include "sim.h"

void det_faults_begin(void);

/* Late interrupts whose time has come. */
void det_faults_deliver(nanos_t now);

/* Before a core is chosen: what befalls the machine now. `now` may jump. */
void det_faults_befall(nanos_t *now);

/* A core that stands still is not to be chosen. One that has stopped neither, until the machine ends. */
bool det_stalled(const struct sim_core *core, nanos_t now);

/* When the next stalled core goes on or the next late interrupt arrives. */
nanos_t det_faults_deadline(nanos_t now);

/* An interrupt to a core: true when it will come late, by det_faults_deliver. */
bool det_ipi_is_late(coreid_t core, nanos_t now);

/* The core is at a place that was drawn: it stands still there, or seems so slow that its slice is over. */
enum det_linger { DET_GOES_ON, DET_STANDS_STILL, DET_IS_SLOW };
enum det_linger det_lingers_in_program(const struct sim_core *core, uintptr_t block, nanos_t now);
bool det_lingers_in_kernel(const struct sim_core *core, uintptr_t access, nanos_t now);

/* The program that core ran was interrupted at `pc`: is this its end? */
bool det_kills(const struct sim_core *core, vaddr_t pc, nanos_t now);

/* The program at `pc` is to run: which of its allocations is refused, counted from now on; 0: none. And what
 * is left of that number after it ran. */
uint64_t det_refuses(vaddr_t pc);
void det_refused(const struct sim_core *core, uint64_t left, nanos_t now);

/* How many of each kind, for the report: "3 stall, 12 delay", or "". */
void det_faults_print(char text[], size_t bytes);

#endif
