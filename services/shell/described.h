/* SPDX-License-Identifier: MIT */
/* What a service says about itself (rpc/describe.h), as the shell shows and calls it: structs taken apart
 * into their fields, "size.rows"; a field of each element of a list is "found[].name". Pure. */
#ifndef SHELL_DESCRIBED_H
#define SHELL_DESCRIBED_H

#include <mudskipper/rpc/describe.h>
#include "memory.h"
#include "system.h"

/* Calls `each` for each method, in order. NO_MEMORY. */
MUST_USE err_t described_methods(const struct memory *memory, const struct rpc_description *d,
                                 system_method_each_t each, void *argument);

/* A value typed by a person as it is sent, and one that came as it is shown; both borrow the bytes. */
struct rpc_value described_to_send(const struct system_value *value);
struct system_value described_to_show(const char *name, const struct rpc_value *value);

#endif
