/* SPDX-License-Identifier: MIT */
/* The virtual timer of EL1: counter CNTVCT_EL0, which programs may read too, and one compare register per
 * core. */
#ifndef AARCH64_KERNEL_TIMER_H
#define AARCH64_KERNEL_TIMER_H

#include <mudskipper/abi/types.h>

extern uint32_t timer_line; /* its interrupt, a private one of each core */

/* Once, on the boot core: `frequency` in Hz, not zero. */
void timer_init(uint64_t frequency, uint32_t line);

/* Once per core. */
void timer_setup(void);

/* The interrupt came. True: the kernel's deadline has passed, and the timer is off. */
bool timer_interrupt(void);
void timer_off(void);

/* Something that must be done every `period`, whatever the kernel sets the timer to; on this core, once per
 * machine. */
void timer_set_chore(void (*chore)(void), nanos_t period);

#endif
