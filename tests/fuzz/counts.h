/* SPDX-License-Identifier: MIT */
/* Between fuzz.c and the driver. */
#ifndef TESTS_FUZZ_COUNTS_H
#define TESTS_FUZZ_COUNTS_H

#include <stdint.h>

#define FUZZ_OUTCOMES_MAX 64u

/* By place in fuzz_outcomes. The driver has them in memory that it shares with its children. */
extern uint64_t *fuzz_counts;

#endif
