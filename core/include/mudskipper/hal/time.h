/* SPDX-License-Identifier: MIT */
/* HAL: time. Timers are one-shot: a periodic tick on four idle cores alone costs 11 % of a CPU. */
#ifndef MUDSKIPPER_HAL_TIME_H
#define MUDSKIPPER_HAL_TIME_H

#include <mudskipper/abi/types.h>

/* Monotonic nanoseconds, the same on all cores. */
nanos_t hal_now(void);

/* This core calls kernel_enter with HAL_TIMER once at or after `deadline`; replaces the earlier setting.
 * NANOS_NEVER switches it off. A deadline in the past fires at once. */
void hal_timer_set(nanos_t deadline);

#endif
