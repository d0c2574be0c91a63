/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/walker.h>

void walker_fault(struct walker *w, const char *text, ...)
{
    va_list args;

    w->faults++;
    if (w->sink != NULL) {
        va_start(args, text);
        format_args(w->sink, w->context, text, args);
        va_end(args);
    }
}
