/* SPDX-License-Identifier: MIT */
/* The virtual timer of EL1: counter CNTVCT_EL0, which programs may read too, and one compare register per core. */
#ifndef AARCH64_KERNEL_TIMER_H
#define AARCH64_KERNEL_TIMER_H

#include <mudskipper/abi/types.h>

extern uint32_t timer_line; /* its interrupt, a private one of each core */

/* Once, on the boot core: `frequency` in Hz, not zero. */
void timer_init(uint64_t frequency, uint32_t line);

/* Once per core. */
void timer_setup(void);

/* The deadline has passed. */
bool timer_expired(void);
void timer_off(void);

#endif
