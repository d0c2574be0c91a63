/* SPDX-License-Identifier: MIT */
/* A list of strings that it owns: words of a command, completions, history, cells of a table. */
#ifndef SHELL_STRINGS_H
#define SHELL_STRINGS_H

#include "buffer.h"

struct strings {
    const struct memory *memory;
    char **items;
    size_t count;
    size_t room;
};

void strings_init(struct strings *s, const struct memory *memory);
void strings_free(struct strings *s); /* and usable again */

/* Appends a copy. False, and nothing changed, when there is no memory. */
bool strings_add(struct strings *s, const char *bytes, size_t count);
bool strings_add_string(struct strings *s, const char *string);

void strings_remove(struct strings *s, size_t index);

/* Sorts by bytes and takes repetitions out. False, and nothing changed, when there is no memory. */
bool strings_sort_unique(struct strings *s);

/* How many bytes all of them begin with alike, never a part of a UTF-8 character. 0 when there is none. */
size_t strings_common_prefix(const struct strings *s);

/* Sorts `count` pointers: stable, O(n log n). False, and nothing changed, when there is no memory. */
bool sort_pointers(const struct memory *memory, void **items, size_t count,
                   int (*compare)(const void *, const void *));

#endif
