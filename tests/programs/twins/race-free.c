/* SPDX-License-Identifier: MIT */
/* The same as race.c, with an atomic word: nothing to report. */
#include <stdatomic.h>
#include "twins.h"

static void step(struct twin_page *page)
{
    atomic_fetch_add_explicit(&page->atomic, 1, memory_order_relaxed);
}

int main(int argc, char **argv)
{
    unsigned self;
    struct twin_page *page = twins_begin(argc, argv, &self);

    twins_meet(page, self, self == 0 ? 4 : UINT32_MAX, step);
    return 0;
}
