/* SPDX-License-Identifier: MIT */
/* The program's own handler; only who installs one pays for its thread. */
#include "fault.h"

static struct fault_server handler;

void rt_on_fault(rt_fault_handler_t answer)
{
    if (handler.serve == NULL) {
        fault_server_start(&handler, "fault handler", answer);
        fault_set_second(&handler);
    }
    handler.serve = answer;
}
