/* SPDX-License-Identifier: MIT */
/* Speed, pins and format are as the boot loader left them. Interrupt conditions of this device end when the
 * FIFO is read or filled, so none is cleared but errors, which we do not ask for. */
#include "driver.h"
#include "pl011_registers.h"

static uint32_t get(const struct device *d, uint32_t offset)
{
    return d->mmio->read(d->registers, offset);
}

static void put(const struct device *d, uint32_t offset, uint32_t value)
{
    d->mmio->write(d->registers, offset, value);
}

/* Switching the FIFOs on empties them: only if nobody did it before. */
static bool start(const struct device *d)
{
    uint32_t on = PL011_CR_UART | PL011_CR_TRANSMIT | PL011_CR_RECEIVE;

    put(d, PL011_IMSC, 0);
    if ((get(d, PL011_LCRH) & PL011_LCRH_FIFO) == 0) {
        put(d, PL011_LCRH, get(d, PL011_LCRH) | PL011_LCRH_FIFO);
    }
    if ((get(d, PL011_CR) & on) != on) {
        put(d, PL011_CR, get(d, PL011_CR) | on);
    }
    put(d, PL011_ICR, PL011_INT_ERRORS);
    return true;
}

static uint32_t send(const struct device *d, const uint8_t *bytes, uint32_t count)
{
    uint32_t now = 0;

    while (now < count && (get(d, PL011_FR) & PL011_FR_TXFF) == 0) {
        put(d, PL011_DR, bytes[now++]);
    }
    return now;
}

/* What came with a wrong stop or parity bit is noise, a break is no byte. */
static uint32_t receive(const struct device *d, uint8_t *to, uint32_t room)
{
    uint32_t now = 0;

    while (now < room && (get(d, PL011_FR) & PL011_FR_RXFE) == 0) {
        uint32_t data = get(d, PL011_DR);

        if ((data & (PL011_DR_FRAMING | PL011_DR_PARITY | PL011_DR_BREAK)) == 0) {
            to[now++] = (uint8_t)data;
        }
    }
    return now;
}

static void want(const struct device *d, bool to_send, bool to_receive)
{
    put(d, PL011_IMSC,
        (to_send ? PL011_INT_TRANSMIT : 0) | (to_receive ? PL011_INT_RECEIVE | PL011_INT_TIMEOUT : 0));
}

static bool sent(const struct device *d)
{
    return (get(d, PL011_FR) & PL011_FR_BUSY) == 0;
}

/* A line has no end, and who is at the other one cannot be known. */
static bool ended(const struct device *d)
{
    (void)d;
    return false;
}

static bool interactive(const struct device *d)
{
    (void)d;
    return true;
}

static const char *const compatible[] = {"arm,pl011", "arm,sbsa-uart", NULL};

const struct terminal_driver driver_pl011 = {compatible, start, send,  receive,
                                             want,       sent,  ended, interactive};
