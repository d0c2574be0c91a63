/* SPDX-License-Identifier: MIT */
/* Whether a program of the boot file is started again when it has ended: restart=
 * (docs/reference/boot-file.md). Pure. */
#ifndef INIT_RESTART_H
#define INIT_RESTART_H

#include <mudskipper/pure/boot_file.h>

/* So many times within so long a time, nanoseconds; more often is a storm, and ends it. */
#define RESTARTS_MAX    5u
#define RESTARTS_WITHIN ((nanos_t)10 * 1000 * 1000 * 1000)

/* What one life hands on to the next; all zero at first. */
struct restarts {
    unsigned count; /* since then */
    nanos_t since;
};

/* `good`: it ended by itself, with 0. */
bool restart_wanted(enum boot_restart policy, bool good);

/* False: too often. True: it was counted. */
bool restart_allowed(struct restarts *r, nanos_t now);

#endif
