/* SPDX-License-Identifier: MIT */
/* Watchdogs that a boot loader left running and that cannot be stopped: the kernel must serve them. */
#ifndef PLATFORM_COMMON_WATCHDOG_H
#define PLATFORM_COMMON_WATCHDOG_H

#include <mudskipper/abi/types.h>

struct watchdog_driver {
    const char *const *compatible; /* device tree names, NULL at the end */
    uint64_t bytes;                /* of registers */
    /* How long it waits for service, in nanoseconds; 0: it is not running. */
    nanos_t (*patience)(uintptr_t base);
    void (*serve)(uintptr_t base);
};

/* All drivers of this build, NULL at the end. */
extern const struct watchdog_driver *const watchdog_drivers[];

extern const struct watchdog_driver watchdog_imx;

#endif
