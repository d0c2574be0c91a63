/* SPDX-License-Identifier: MIT */
/* The simulator's half of the bridge to programs' sanitizer hooks (mudskipper/arch/bridge.h). Without a
 * sanitizer there is none: bridge_none.c. */
#ifndef HOSTSIM_BRIDGE_H
#define HOSTSIM_BRIDGE_H

#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/arch/bridge.h>
#include "sim.h"

/* What programs find. */
extern const struct bridge bridge;

/* Stack and memory of the bridge for this core. False: the host gives none. */
bool bridge_begin(struct sim_core *core);
void bridge_end(struct sim_core *core);

/* Entries of this core's windows went away. */
void bridge_forget(struct sim_core *core);

/* ---- for hooks: they run in user mode, on the bridge stack, as the program's fiber. Nothing they run may be
 * instrumented. ---- */

struct bridge_answer {
    uint64_t value;
    uint64_t verdict; /* BRIDGE_VERDICT_... (offsets.h) */
};

typedef struct bridge_answer bridge_hook_t(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                                           uintptr_t pc);

/* The kernel's address of a window address of the program that runs, valid to the end of its page; 0: none.
 * Then bridge_missing says what to answer. */
uintptr_t bridge_address(vaddr_t at);

/* GO_ON: nothing is there, the access itself will fault. FAULT: the address is outside of the program's
 * window, where the host would let it read or write. */
struct bridge_answer bridge_missing(vaddr_t at, uint32_t access);

/* Says, for a report, which program and which place in it this is; false for the simulator's own code. Writes
 * to the error output without the C library. */
bool bridge_name(uintptr_t pc, const char *what);

#define BRIDGE_GO_ON ((struct bridge_answer){0, BRIDGE_VERDICT_GO_ON})

#endif
