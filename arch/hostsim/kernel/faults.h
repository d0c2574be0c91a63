/* SPDX-License-Identifier: MIT */
/* The faults a deterministic machine can be asked for (--faults LIST; what they do: det_fault.h), as words
 * with commas between them. */
#ifndef HOSTSIM_FAULTS_H
#define HOSTSIM_FAULTS_H

#include <mudskipper/abi/types.h>

enum sim_fault {
    SIM_FAULT_STALL,
    SIM_FAULT_DELAY,
    SIM_FAULT_SPURIOUS,
    SIM_FAULT_CLOCK,
    SIM_FAULT_LINGER,
    SIM_FAULT_KILL, /* these two are of programs, by name */
    SIM_FAULT_REFUSE,
    SIM_FAULT_STOP,
    SIM_FAULTS
};

const char *sim_fault_name(enum sim_fault fault);

/* Whether a list is one. */
bool sim_faults_are_known(const char *list);

/* Whether a fault is in a list; NULL is an empty one. KILL, REFUSE: for this program, or for any, when it is
 * NULL.
 */
bool sim_faults_have(const char *list, enum sim_fault fault, const char *program);

/* Whether all programs that the fault is asked for by name are so. */
bool sim_faults_all(const char *list, enum sim_fault fault, bool (*is_so)(const char *name, size_t length));

#endif
