/* SPDX-License-Identifier: MIT */
/* The watchdog of i.MX (fsl,imx21-wdt), 16-bit registers. Its enable bit is set once and never cleared:
 * U-Boot leaves the first one of i.MX 8M running with 60 s. */
#include "../common/mmio.h"
#include "../common/watchdog.h"

#define WCR 0x00
#define WSR 0x02

#define WCR_WDE       (1u << 2)    /* running */
#define WCR_WT(wcr)   ((wcr) >> 8) /* half seconds, less one */
#define HALF_A_SECOND ((nanos_t)500000000)

static nanos_t patience(uintptr_t base)
{
    uint16_t wcr = mmio_read16(base + WCR);

    return wcr & WCR_WDE ? (WCR_WT(wcr) + 1) * HALF_A_SECOND : 0;
}

static void serve(uintptr_t base)
{
    mmio_write16(base + WSR, 0x5555);
    mmio_write16(base + WSR, 0xaaaa);
}

static const char *const compatible[] = {"fsl,imx21-wdt", NULL};

const struct watchdog_driver watchdog_imx = {compatible, 0x1000, patience, serve};
