/* SPDX-License-Identifier: MIT */
/* Programs that measure. Each is a suite (conformance/system/suite.h) whose tests are figures: a figure that
 * did not do its work fails, and then nothing of the program counts.
 *
 * Twice each: first SAMPLES times by itself between markers (rt/mark.h), for who counts instructions; then
 * BATCHES times BATCH of them by the clock, for who compares with something else on the same machine. What
 * came out is a comment:
 *
 *   # figure KEY SAMPLES BATCH NANOSECONDS ...       the time of each whole batch
 */
#ifndef TESTS_BENCHMARK_FIGURES_H
#define TESTS_BENCHMARK_FIGURES_H

#include "../conformance/system/suite.h"

struct figure {
    const char *key;
    void (*run)(void);  /* what is measured; checks what came of it */
    void (*undo)(void); /* afterwards, not counted between the markers but in the batch; or NULL */
    unsigned batch;     /* how many make a batch; 0: FIGURE_BATCH */
};

#define FIGURE_SAMPLES 40u
#define FIGURE_BATCHES 15u
#define FIGURE_BATCH   400u

void figure_measure(const struct figure *figure);

#endif
