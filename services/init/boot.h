/* SPDX-License-Identifier: MIT */
/* Carries out the boot file: docs/reference/boot-file.md. */
#ifndef INIT_BOOT_H
#define INIT_BOOT_H

#include <stdbool.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/pure/bytes.h>

struct archive;
struct process;

/* Every statement for this core. A wrong one is told in the log and counts as a failure; the others are
 * carried out. */
bool boot_start_all(const struct archive *archive);

/* `ended` has ended. Whether the boot file wants its program started again, and it has not ended too often.
 */
bool boot_wants_again(struct process *ended);

/* Starts it. A shortage: to be tried again. */
MUST_USE err_t boot_start_again(const struct archive *archive, const struct process *ended);

/* The names of a cap= as enum process_right. NOT_FOUND: one is unknown. */
MUST_USE err_t boot_rights(struct text caps, unsigned *rights);

#endif
