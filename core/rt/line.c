/* SPDX-License-Identifier: MIT */
#include "line.h"

enum { CTRL_D = 4, BACKSPACE = 8, TAB = 9, CTRL_U = 21, DELETE = 127 };

/* A byte behind the first of a character in UTF-8. */
static bool continues(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static bool printable(char byte)
{
    return (unsigned char)byte >= ' ' || byte == TAB;
}

/* False: there is none. */
static bool remove_last(struct line *l)
{
    if (l->count == 0) {
        return false;
    }
    while (--l->count > 0 && continues(l->bytes[l->count])) {
    }
    return true;
}

void line_take(struct line *l, char byte, void (*show)(void *context, const char *bytes, size_t count),
               void *context)
{
    bool same_enter = byte == '\n' && l->returned;

    l->returned = byte == '\r';
    if (byte == BACKSPACE || byte == DELETE || byte == CTRL_U) {
        bool removed = remove_last(l);

        while (removed) {
            show(context, "\b \b", 3);
            removed = byte == CTRL_U && remove_last(l);
        }
    } else if (byte == CTRL_D) {
        l->whole = l->count == 0;
    } else if ((byte == '\r' || byte == '\n') && !same_enter) {
        l->bytes[l->count++] = '\n';
        l->whole = true;
        show(context, "\n", 1);
    } else if (printable(byte) && l->count < LINE_BYTES - 1) { /* there is always room for the line feed */
        l->bytes[l->count++] = byte;
        show(context, &byte, 1);
    }
}
