/* SPDX-License-Identifier: MIT */
/* What functions that check a structure against itself have in common: mistakes are counted, and each is told
 * in a line to whoever wants to hear it. */
#ifndef MUDSKIPPER_PURE_WALKER_H
#define MUDSKIPPER_PURE_WALKER_H

#include <mudskipper/pure/format.h>

struct walker {
    format_sink_t sink; /* NULL: they are only counted */
    void *context;
    uint64_t faults;
};

/* One more. The text ends with a newline. */
void walker_fault(struct walker *w, const char *text, ...) __attribute__((format(printf, 2, 3)));

/* Whether it holds; printf-like behind it what is said if not. */
#define WALKER_EXPECT(walker, holds, ...) ((holds) || (walker_fault(walker, __VA_ARGS__), false))

#endif
