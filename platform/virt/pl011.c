/* SPDX-License-Identifier: MIT */
#include "../common/uart.h"
#include "../common/mmio.h"
#include "pl011_registers.h"

static void init(uintptr_t base)
{
    mmio_write32(base + PL011_IMSC, 0);
    mmio_write32(base + PL011_ICR, 0x7ff);
    mmio_write32(base + PL011_LCRH, PL011_LCRH_FIFO | PL011_LCRH_8BITS);
    mmio_write32(base + PL011_CR, PL011_CR_UART | PL011_CR_TRANSMIT | PL011_CR_RECEIVE);
}

static bool can_send(uintptr_t base)
{
    return !(mmio_read32(base + PL011_FR) & PL011_FR_TXFF);
}

static void send(uintptr_t base, uint8_t byte)
{
    mmio_write32(base + PL011_DR, byte);
}

static bool sent(uintptr_t base)
{
    return !(mmio_read32(base + PL011_FR) & PL011_FR_BUSY);
}

static int receive(uintptr_t base)
{
    if (mmio_read32(base + PL011_FR) & PL011_FR_RXFE) {
        return -1;
    }
    return (int)(mmio_read32(base + PL011_DR) & 0xff);
}

static const char *const compatible[] = {"arm,pl011", "arm,sbsa-uart", NULL};
static const char *const earlycon[] = {"pl011", NULL};

const struct uart_driver uart_pl011 = {compatible, earlycon, 0x1000, init, can_send, send, sent, receive};
