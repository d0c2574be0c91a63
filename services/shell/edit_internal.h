/* SPDX-License-Identifier: MIT */
/* Between the editor's files. */
#ifndef SHELL_EDIT_INTERNAL_H
#define SHELL_EDIT_INTERNAL_H

#include "edit.h"

/* edit_draw.c */
void edit_bell(struct edit *e);
void edit_draw_prompt(struct edit *e); /* of an empty line, at the start of a row */
void edit_draw_line(struct edit *e);   /* the whole row anew */
void edit_draw_appended(struct edit *e, const char *bytes,
                        size_t count); /* the cursor is behind these, at the end */
void edit_draw_candidates(struct edit *e, const struct strings *candidates);

/* edit_search.c: what Ctrl-R began. False: the search is over, and the key has its usual meaning. */
void edit_search_start(struct edit *e);
bool edit_search_key(struct edit *e, const struct key *key);

#endif
