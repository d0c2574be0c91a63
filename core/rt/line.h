/* SPDX-License-Identifier: MIT */
/* A line that a person types for a program without an editor of its own: shown as it is typed, corrected with
 * Backspace and Ctrl-U, ended with Enter; Ctrl-D in an empty line is the end. Pure. */
#ifndef MUDSKIPPER_RT_LINE_H
#define MUDSKIPPER_RT_LINE_H

#include <mudskipper/abi/types.h>

#define LINE_BYTES 1024u /* a longer line is cut */

struct line {
    char bytes[LINE_BYTES];
    size_t count;
    bool whole;    /* it has ended; without a byte: so has the input */
    bool returned; /* the byte before was a carriage return: a line feed behind it is the same Enter */
};

/* Takes a byte, not while the line is whole; `show` gets what appears for it. */
void line_take(struct line *l, char byte, void (*show)(void *context, const char *bytes, size_t count),
               void *context);

#endif
