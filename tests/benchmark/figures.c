/* SPDX-License-Identifier: MIT */
#include "figures.h"
#include <mudskipper/pure/format.h>
#include <mudskipper/rt/mark.h>
#include <mudskipper/rt/out.h>

#define WARM_UP 4u /* times: first touches, and until there is nothing more to be grown */

static void undo(const struct figure *f)
{
    if (f->undo != NULL) {
        f->undo();
    }
}

static void count(const struct figure *f)
{
    void (*run)(void) = f->run;

    rt_mark_next();
    for (unsigned i = 0; i < FIGURE_SAMPLES; i++) {
        rt_mark_begin();
        run();
        rt_mark_end();
        undo(f);
    }
}

static nanos_t time_batch(const struct figure *f, unsigned batch)
{
    nanos_t begin = rt_now();

    for (unsigned i = 0; i < batch; i++) {
        f->run();
        undo(f);
    }
    return rt_now() - begin;
}

void figure_measure(const struct figure *f)
{
    unsigned batch = f->batch != 0 ? f->batch : FIGURE_BATCH;
    char line[256];
    size_t length;

    for (unsigned i = 0; i < WARM_UP; i++) {
        f->run();
        undo(f);
    }
    count(f);
    length = format_to(line, sizeof(line), "# figure %s %u %u", f->key, FIGURE_SAMPLES, batch);
    for (unsigned i = 0; i < FIGURE_BATCHES; i++) {
        length += format_to(line + length, sizeof(line) - length, " %lu", time_batch(f, batch));
    }
    rt_print("%s\n", line);
}
