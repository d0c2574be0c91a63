/* SPDX-License-Identifier: MIT */
#include "restart.h"

bool restart_wanted(enum boot_restart policy, bool good)
{
    switch (policy) {
    case BOOT_RESTART_NEVER:
        return false;
    case BOOT_RESTART_ON_FAILURE:
        return !good;
    case BOOT_RESTART_ALWAYS:
        return true;
    }
    return false;
}

bool restart_allowed(struct restarts *r, nanos_t now)
{
    if (r->count == 0 || now - r->since > RESTARTS_WITHIN) {
        *r = (struct restarts){.count = 0, .since = now};
    }
    if (r->count == RESTARTS_MAX) {
        return false;
    }
    r->count++;
    return true;
}
