/* SPDX-License-Identifier: MIT */
/* The UART of i.MX 6 to i.MX 8M. Speed, pins and format are as the boot loader left them. All interrupt
 * conditions we ask for end when a FIFO is read or filled. */
#include "driver.h"
#include "imx_uart_registers.h"

#define SEND_MARK 8u /* bytes that are left when more are asked for; the FIFO has 32 */

static uint32_t get(const struct device *d, uint32_t offset)
{
    return d->mmio->read(d->registers, offset);
}

static void put(const struct device *d, uint32_t offset, uint32_t value)
{
    d->mmio->write(d->registers, offset, value);
}

/* Writing 0 to SRST would reset the port, speed included. */
static bool start(const struct device *d)
{
    uint32_t on = IMX_UART_UCR2_SRST | IMX_UART_UCR2_RXEN | IMX_UART_UCR2_TXEN | IMX_UART_UCR2_IRTS;

    put(d, IMX_UART_UCR1, IMX_UART_UCR1_UARTEN);
    put(d, IMX_UART_UCR2, (get(d, IMX_UART_UCR2) & ~IMX_UART_UCR2_INTERRUPTS) | on);
    put(d, IMX_UART_UCR3, get(d, IMX_UART_UCR3) & ~IMX_UART_UCR3_INTERRUPTS);
    put(d, IMX_UART_UCR4, get(d, IMX_UART_UCR4) & ~IMX_UART_UCR4_INTERRUPTS);
    put(d, IMX_UART_UFCR,
        (get(d, IMX_UART_UFCR) & ~IMX_UART_UFCR_MARKS) | IMX_UART_UFCR_RXTL(1) |
            IMX_UART_UFCR_TXTL(SEND_MARK));
    return true;
}

static uint32_t send(const struct device *d, const uint8_t *bytes, uint32_t count)
{
    uint32_t now = 0;

    while (now < count && (get(d, IMX_UART_UTS) & IMX_UART_UTS_TXFULL) == 0) {
        put(d, IMX_UART_UTXD, bytes[now++]);
    }
    return now;
}

/* What came with a wrong stop or parity bit is noise, a break is no byte. A port that is gone reads as ones:
 * looks are counted, not bytes. */
static uint32_t receive(const struct device *d, uint8_t *to, uint32_t room)
{
    const uint32_t wrong = IMX_UART_URXD_FRAMING | IMX_UART_URXD_BREAK | IMX_UART_URXD_PARITY;
    uint32_t now = 0;

    for (uint32_t looks = 0; looks < room && (get(d, IMX_UART_USR2) & IMX_UART_USR2_RDR) != 0; looks++) {
        uint32_t data = get(d, IMX_UART_URXD);

        if ((data & IMX_UART_URXD_CHARRDY) != 0 && (data & wrong) == 0) {
            to[now++] = (uint8_t)data;
        }
    }
    return now;
}

static void want(const struct device *d, bool to_send, bool to_receive)
{
    put(d, IMX_UART_UCR1,
        IMX_UART_UCR1_UARTEN | (to_send ? IMX_UART_UCR1_TRDYEN : 0) |
            (to_receive ? IMX_UART_UCR1_RRDYEN : 0));
}

static bool sent(const struct device *d)
{
    return (get(d, IMX_UART_USR2) & IMX_UART_USR2_TXDC) != 0;
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

static const char *const compatible[] = {"fsl,imx6q-uart", NULL};

const struct terminal_driver driver_imx_uart = {compatible, start, send,  receive,
                                                want,       sent,  ended, interactive};
