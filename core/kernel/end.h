/* SPDX-License-Identifier: MIT */
#ifndef MUDSKIPPER_KERNEL_END_H
#define MUDSKIPPER_KERNEL_END_H

#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/abi/objects.h>

struct core;
struct dispatcher;

/* Exit codes of a process that did not end by itself. */
#define EXIT_FAULT     139u /* a fault */
#define EXIT_NO_VSPACE 138u /* its address space was deleted */
#define EXIT_DELETED   137u /* its dispatcher was */

/* Ends a dispatcher; the machine goes off with the first program of the boot core. */
void end_dispatcher(struct core *core, struct dispatcher *d, uint32_t exit_code, enum exit_reason reason,
                    const struct fault_record *fault);

#endif
