/* SPDX-License-Identifier: MIT */
/* Which process a word means: a number, a name, or %N for a job of this shell. */
#ifndef SHELL_TARGET_H
#define SHELL_TARGET_H

#include "command.h"

struct target {
    process_number_t number;
    struct job *job;    /* it is one of this shell's; NULL: it is not. Valid until a job is made or removed */
    struct buffer name; /* of the process */
};

/* Finds the one process meant. Of a job that has ended nothing is left in the system: only wait wants it
 * (`ended`). PROC_NOT_FOUND; EXISTS: several have this name. With a message; on success target_free when
 * done. */
MUST_USE err_t target_find(struct shell *sh, const char *word, bool ended, struct target *target);
void target_free(struct target *target);

/* The first argument, or this shell when there is none. */
MUST_USE err_t target_or_self(struct shell *sh, const struct arguments *a, struct target *target);

#endif
