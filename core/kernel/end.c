/* SPDX-License-Identifier: MIT */
#include "end.h"
#include "core.h"
#include "dispatcher.h"

void end_dispatcher(struct core *core, struct dispatcher *d, uint32_t exit_code, enum exit_reason reason,
                    const struct fault_record *fault)
{
    if (d->state == DISPATCHER_DEAD) {
        return;
    }
    dispatcher_end(core, d, exit_code, reason, fault);
    kernel_log("process %u (%s) ended with %u", d->process, d->name, exit_code);
    if (d->essential) {
        hal_power_off(exit_code);
    }
}
