/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/bytes.h>
#include "driver.h"

const struct terminal_driver *const drivers[] = {&driver_hostcon, &driver_pl011, &driver_imx_uart,
                                                 &driver_lpuart, NULL};

static bool is_for(const struct terminal_driver *driver, const char *compatible)
{
    for (const char *const *name = driver->compatible; *name != NULL; name++) {
        if (str_equal(*name, compatible)) {
            return true;
        }
    }
    return false;
}

const struct terminal_driver *driver_find(const char *compatible)
{
    for (const struct terminal_driver *const *d = drivers; *d != NULL; d++) {
        if (is_for(*d, compatible)) {
            return *d;
        }
    }
    return NULL;
}

bool line_ended(const struct device *d)
{
    (void)d;
    return false;
}

bool line_interactive(const struct device *d)
{
    (void)d;
    return true;
}
