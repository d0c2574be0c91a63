/* SPDX-License-Identifier: MIT */
/* The lines typed before: at most `limit`, each once, where it was used last. */
#ifndef SHELL_HISTORY_H
#define SHELL_HISTORY_H

#include "strings.h"

struct history {
    struct strings lines; /* oldest first */
    size_t limit;         /* 0: keeps nothing */
};

void history_init(struct history *h, const struct memory *memory, size_t limit);
void history_free(struct history *h);

/* Appends a copy; an equal older line goes, and the oldest when there are too many. Blank lines are not kept.
 * False when there is no memory: the history is as before. */
bool history_add(struct history *h, const char *line, size_t length);

/* How many there are, and one of them: age 1 is the newest. */
size_t history_count(const struct history *h);
const char *history_line(const struct history *h, size_t age);

/* The age of the newest line at least as old as `from_age` that contains `text`, and where in it; 0: there is
 * none. */
size_t history_search(const struct history *h, const char *text, size_t length, size_t from_age, size_t *at);

#endif
