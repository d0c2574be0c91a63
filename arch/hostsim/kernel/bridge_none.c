/* SPDX-License-Identifier: MIT */
/* No sanitizer, no bridge. */
#include "bridge.h"

const struct bridge bridge = {.tool = BRIDGE_NONE};

bool bridge_begin(struct sim_core *core)
{
    (void)core;
    return true;
}

void bridge_end(struct sim_core *core)
{
    (void)core;
}

void bridge_forget(struct sim_core *core)
{
    (void)core;
}
