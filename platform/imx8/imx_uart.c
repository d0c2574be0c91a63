/* SPDX-License-Identifier: MIT */
/* The UART of i.MX 6 to i.MX 8M. */
#include "../common/mmio.h"
#include "../common/uart.h"
#include "imx_uart_registers.h"

static void init(uintptr_t base)
{
    mmio_write32(base + IMX_UART_UCR1, IMX_UART_UCR1_UARTEN);
    /* SRST at 0 would be a reset. The receiver is off after reset, and stays silent until RXEN is set. */
    mmio_write32(base + IMX_UART_UCR2, IMX_UART_UCR2_SRST | IMX_UART_UCR2_RXEN | IMX_UART_UCR2_TXEN |
                                           IMX_UART_UCR2_WS | IMX_UART_UCR2_IRTS);
}

static bool can_send(uintptr_t base)
{
    return !(mmio_read32(base + IMX_UART_UTS) & IMX_UART_UTS_TXFULL);
}

static void send(uintptr_t base, uint8_t byte)
{
    mmio_write32(base + IMX_UART_UTXD, byte);
}

static bool sent(uintptr_t base)
{
    return mmio_read32(base + IMX_UART_USR2) & IMX_UART_USR2_TXDC;
}

static int receive(uintptr_t base)
{
    uint32_t word = mmio_read32(base + IMX_UART_URXD);

    return word & IMX_UART_URXD_CHARRDY ? (int)(word & 0xff) : -1;
}

static const char *const compatible[] = {"fsl,imx6q-uart", NULL};
static const char *const earlycon[] = {"ec_imx6q", NULL};

const struct uart_driver uart_imx = {compatible, earlycon, 0x1000, init, can_send, send, sent, receive};
