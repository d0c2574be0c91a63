/* SPDX-License-Identifier: MIT */
/* The low-power UART of i.MX 7ULP, 8X and 8QM. Power, clock, pins, speed and FIFOs (off, after U-Boot) are as
 * the boot loader left them: they belong to the system controller, or cannot change while the port is on. */
#include "driver.h"
#include "lpuart_registers.h"

static void clear_flags(const struct device *d, uint32_t flags)
{
    device_put(d, LPUART_STAT, (device_get(d, LPUART_STAT) & ~LPUART_STAT_FLAGS) | flags);
}

/* An overrun from before would keep the receiver silent. */
static bool start(const struct device *d)
{
    device_put(d, LPUART_CTRL,
               (device_get(d, LPUART_CTRL) & ~LPUART_CTRL_INTERRUPTS) | LPUART_CTRL_TE | LPUART_CTRL_RE);
    clear_flags(d, LPUART_STAT_FLAGS);
    return true;
}

static uint32_t send(const struct device *d, const uint8_t *bytes, uint32_t count)
{
    uint32_t now = 0;

    while (now < count && (device_get(d, LPUART_STAT) & LPUART_STAT_TDRE) != 0) {
        device_put(d, LPUART_DATA, bytes[now++]);
    }
    return now;
}

/* What came with a wrong stop or parity bit is noise, a break looks like it. A port that is gone reads as
 * ones: looks are counted, not bytes. */
static uint32_t receive(const struct device *d, uint8_t *to, uint32_t room)
{
    uint32_t now = 0;

    for (uint32_t looks = 0; looks < room; looks++) {
        uint32_t stat = device_get(d, LPUART_STAT);

        if ((stat & (LPUART_STAT_RDRF | LPUART_STAT_OR)) == 0) {
            break;
        }
        if ((stat & LPUART_STAT_RDRF) != 0) {
            uint32_t data = device_get(d, LPUART_DATA);

            if ((data & (LPUART_DATA_FRAMING | LPUART_DATA_PARITY)) == 0) {
                to[now++] = (uint8_t)data;
            }
        }
        if ((stat & LPUART_STAT_OR) != 0) {
            clear_flags(d, LPUART_STAT_OR);
        }
    }
    return now;
}

/* An overrun between two looks is an interrupt of its own: no byte would come to raise one. */
static void want(const struct device *d, bool to_send, bool to_receive)
{
    device_put(d, LPUART_CTRL,
               (device_get(d, LPUART_CTRL) & ~LPUART_CTRL_INTERRUPTS) | (to_send ? LPUART_CTRL_TIE : 0) |
                   (to_receive ? LPUART_CTRL_RIE | LPUART_CTRL_ORIE : 0));
}

static bool sent(const struct device *d)
{
    return (device_get(d, LPUART_STAT) & LPUART_STAT_TC) != 0;
}

static const char *const compatible[] = {"fsl,imx8qxp-lpuart", "fsl,imx7ulp-lpuart", "fsl,imx8qm-lpuart",
                                         NULL};

const struct terminal_driver driver_lpuart = {compatible, start, send,       receive,
                                              want,       sent,  line_ended, line_interactive};
