/* SPDX-License-Identifier: MIT */
/* Carries out the boot file: docs/reference/boot-file.md. */
#ifndef INIT_BOOT_H
#define INIT_BOOT_H

#include <stdbool.h>

struct archive;

/* Every statement. A wrong one is told in the log and counts as a failure; the others are carried out. */
bool boot_start_all(const struct archive *archive);

#endif
