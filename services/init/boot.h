/* SPDX-License-Identifier: MIT */
/* Carries out the boot file: docs/reference/boot-file.md. */
#ifndef INIT_BOOT_H
#define INIT_BOOT_H

#include <stdbool.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/pure/bytes.h>

struct archive;

/* Every statement. A wrong one is told in the log and counts as a failure; the others are carried out. */
bool boot_start_all(const struct archive *archive);

/* The names of a cap= as enum process_right. NOT_FOUND: one is unknown. */
MUST_USE err_t boot_rights(struct text caps, unsigned *rights);

#endif
