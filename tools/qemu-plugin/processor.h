/* SPDX-License-Identifier: MIT */
/* What each processor of the machine counts while it runs: instructions, those between markers, and the
 * longest stretch with interrupts off.
 *
 * A stretch begins where an exception takes the processor from a program into the kernel, and ends where it
 * goes back (eret), waits (wfi) or reads which interrupt is pending, since one that has waited is served from
 * there; then the next begins. `msr daifset` and `daifclr` begin and end one, too. Addresses with the highest
 * bit are the kernel's. What a processor does before it first goes to a program or waits is the boot and no
 * stretch. */
#ifndef QEMU_PLUGIN_PROCESSOR_H
#define QEMU_PLUGIN_PROCESSOR_H

#include <stdio.h>
#include "block.h"

void processor_setup(unsigned count);

/* Called when a block begins to run. */
void processor_run(unsigned number, void *block);

/* What was counted, as lines (plugin.c says which). */
void processor_report(FILE *out);

#endif
