/* SPDX-License-Identifier: MIT */
/* What this process was given at its start, by name (abi/start.h). */
#ifndef MUDSKIPPER_RT_GIVEN_H
#define MUDSKIPPER_RT_GIVEN_H

#include <mudskipper/abi/cap.h>

/* The value of an environment variable; NULL: it is not set. */
const char *rt_environment(const char *name);

/* The slot of a capability granted under this name; CPTR_NULL: none was. */
cptr_t rt_given(const char *name);

#endif
