/* SPDX-License-Identifier: MIT */
/* Speed, pins and format are as the boot loader left them. Interrupt conditions of this device end when the
 * FIFO is read or filled, so none is cleared but errors, which we do not ask for. */
#include "driver.h"
#include "pl011_registers.h"

/* Switching the FIFOs on empties them: only if nobody did it before. */
static bool start(const struct device *d)
{
    uint32_t on = PL011_CR_UART | PL011_CR_TRANSMIT | PL011_CR_RECEIVE;

    device_put(d, PL011_IMSC, 0);
    if ((device_get(d, PL011_LCRH) & PL011_LCRH_FIFO) == 0) {
        device_put(d, PL011_LCRH, device_get(d, PL011_LCRH) | PL011_LCRH_FIFO);
    }
    if ((device_get(d, PL011_CR) & on) != on) {
        device_put(d, PL011_CR, device_get(d, PL011_CR) | on);
    }
    device_put(d, PL011_ICR, PL011_INT_ERRORS);
    return true;
}

static uint32_t send(const struct device *d, const uint8_t *bytes, uint32_t count)
{
    uint32_t now = 0;

    while (now < count && (device_get(d, PL011_FR) & PL011_FR_TXFF) == 0) {
        device_put(d, PL011_DR, bytes[now++]);
    }
    return now;
}

/* What came with a wrong stop or parity bit is noise, a break is no byte. */
static uint32_t receive(const struct device *d, uint8_t *to, uint32_t room)
{
    uint32_t now = 0;

    while (now < room && (device_get(d, PL011_FR) & PL011_FR_RXFE) == 0) {
        uint32_t data = device_get(d, PL011_DR);

        if ((data & (PL011_DR_FRAMING | PL011_DR_PARITY | PL011_DR_BREAK)) == 0) {
            to[now++] = (uint8_t)data;
        }
    }
    return now;
}

static void want(const struct device *d, bool to_send, bool to_receive)
{
    device_put(d, PL011_IMSC,
               (to_send ? PL011_INT_TRANSMIT : 0) | (to_receive ? PL011_INT_RECEIVE | PL011_INT_TIMEOUT : 0));
}

static bool sent(const struct device *d)
{
    return (device_get(d, PL011_FR) & PL011_FR_BUSY) == 0;
}

static const char *const compatible[] = {"arm,pl011", "arm,sbsa-uart", NULL};

const struct terminal_driver driver_pl011 = {compatible, start, send,       receive,
                                             want,       sent,  line_ended, line_interactive};
