/* SPDX-License-Identifier: MIT */
/* The low-power UART of i.MX 7ULP, 8X and 8QM. Power, clock, pins and speed belong to the system controller;
 * the boot loader has arranged them, and touching them from here is not needed. FIFOs stay as they are (off,
 * after U-Boot): the driver needs room for one character only. */
#include "../common/mmio.h"
#include "../common/uart.h"
#include "lpuart_registers.h"

/* Flags of STAT are cleared by writing 1; other bits of it are settings, to be written back as they are. */
static void clear_flags(uintptr_t base, uint32_t flags)
{
    uint32_t stat = mmio_read32(base + LPUART_STAT);

    mmio_write32(base + LPUART_STAT, (stat & ~LPUART_STAT_FLAGS) | flags);
}

static void init(uintptr_t base)
{
    uint32_t ctrl = mmio_read32(base + LPUART_CTRL);

    mmio_write32(base + LPUART_CTRL, (ctrl & ~LPUART_CTRL_INTERRUPTS) | LPUART_CTRL_TE | LPUART_CTRL_RE);
    clear_flags(base, LPUART_STAT_OR | LPUART_STAT_NF | LPUART_STAT_FE | LPUART_STAT_PF);
}

static bool can_send(uintptr_t base)
{
    return mmio_read32(base + LPUART_STAT) & LPUART_STAT_TDRE;
}

static void send(uintptr_t base, uint8_t byte)
{
    mmio_write32(base + LPUART_DATA, byte);
}

static bool sent(uintptr_t base)
{
    return mmio_read32(base + LPUART_STAT) & LPUART_STAT_TC;
}

static int receive(uintptr_t base)
{
    uint32_t stat = mmio_read32(base + LPUART_STAT);
    int byte = -1;

    if (stat & LPUART_STAT_RDRF) {
        byte = (int)(mmio_read32(base + LPUART_DATA) & 0xff);
    }
    if (stat & LPUART_STAT_OR) {
        clear_flags(base, LPUART_STAT_OR); /* while it is set nothing more is received */
    }
    return byte;
}

static const char *const compatible[] = {"fsl,imx7ulp-lpuart", "fsl,imx8qxp-lpuart", "fsl,imx8qm-lpuart",
                                         NULL};
static const char *const earlycon[] = {"lpuart32", NULL};

const struct uart_driver uart_lpuart = {compatible, earlycon, 0x1000, init, can_send, send, sent, receive};
