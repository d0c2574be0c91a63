/* SPDX-License-Identifier: MIT */
/* Invocations of the kernel's own objects (abi/objects.h). */
#ifndef MUDSKIPPER_KERNEL_OBJECTS_H
#define MUDSKIPPER_KERNEL_OBJECTS_H

#include <mudskipper/cap/core.h>

struct core;
struct dispatcher;

/* The running `d` invokes the usable capability `target`. Results go into its arguments; the error is
 * returned, and set by the caller. */
MUST_USE err_t objects_invoke(struct core *core, struct dispatcher *d, const struct cap_ref *target,
                              uint32_t operation);

/* The Dispatcher that argument `i` names, which is told by the notification bit in the next argument:
 * CAP_MISSING_RIGHT (WRITE), BAD_ARGUMENT (i + 1: there is no such bit), PROC_NOT_RUNNABLE (it has no user
 * part, or is dead), what lookup says (WHILE_SOURCE). */
MUST_USE err_t dispatcher_find_told(struct core *core, const struct dispatcher *d, unsigned i,
                                    struct dispatcher **told);

/* SYS_INVOKE on a Dispatcher. */
MUST_USE err_t dispatcher_invoke(struct core *core, struct dispatcher *d, const struct cap_ref *target,
                                 uint32_t operation);

#endif
