/* SPDX-License-Identifier: MIT */
/* The cycle counter. Programs may read it only when the command line has the word `pmu`: it is for measuring,
 * and tells one program much about another. */
#ifndef AARCH64_KERNEL_PMU_H
#define AARCH64_KERNEL_PMU_H

#include <mudskipper/abi/types.h>

/* Boot core, once, before any pmu_setup. */
void pmu_allow_programs(bool allow);

/* Once per core. */
void pmu_setup(void);

#endif
