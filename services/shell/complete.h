/* SPDX-License-Identifier: MIT */
/* What Tab offers: commands, their options, and what their arguments can be, asked of the system at that
 * moment. */
#ifndef SHELL_COMPLETE_H
#define SHELL_COMPLETE_H

#include "edit.h"

/* An edit_complete_t; context is the struct shell. What the system cannot tell is not offered. */
bool shell_complete(void *context, const char *line, size_t cursor, struct completion *out);

#endif
