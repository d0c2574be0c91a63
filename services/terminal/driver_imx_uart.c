/* SPDX-License-Identifier: MIT */
/* The UART of i.MX 6 to i.MX 8M. Speed, pins and format are as the boot loader left them. All interrupt
 * conditions we ask for end when a FIFO is read or filled. */
#include "driver.h"
#include "imx_uart_registers.h"

#define SEND_MARK 8u /* bytes that are left when more are asked for; the FIFO has 32 */

/* Writing 0 to SRST would reset the port, speed included. */
static bool start(const struct device *d)
{
    uint32_t on = IMX_UART_UCR2_SRST | IMX_UART_UCR2_RXEN | IMX_UART_UCR2_TXEN | IMX_UART_UCR2_IRTS;

    device_put(d, IMX_UART_UCR1, IMX_UART_UCR1_UARTEN);
    device_put(d, IMX_UART_UCR2, (device_get(d, IMX_UART_UCR2) & ~IMX_UART_UCR2_INTERRUPTS) | on);
    device_put(d, IMX_UART_UCR3, device_get(d, IMX_UART_UCR3) & ~IMX_UART_UCR3_INTERRUPTS);
    device_put(d, IMX_UART_UCR4, device_get(d, IMX_UART_UCR4) & ~IMX_UART_UCR4_INTERRUPTS);
    device_put(d, IMX_UART_UFCR,
               (device_get(d, IMX_UART_UFCR) & ~IMX_UART_UFCR_MARKS) | IMX_UART_UFCR_RXTL(1) |
                   IMX_UART_UFCR_TXTL(SEND_MARK));
    return true;
}

static uint32_t send(const struct device *d, const uint8_t *bytes, uint32_t count)
{
    uint32_t now = 0;

    while (now < count && (device_get(d, IMX_UART_UTS) & IMX_UART_UTS_TXFULL) == 0) {
        device_put(d, IMX_UART_UTXD, bytes[now++]);
    }
    return now;
}

/* What came with a wrong stop or parity bit is noise, a break is no byte. A port that is gone reads as ones:
 * looks are counted, not bytes. */
static uint32_t receive(const struct device *d, uint8_t *to, uint32_t room)
{
    const uint32_t wrong = IMX_UART_URXD_FRAMING | IMX_UART_URXD_BREAK | IMX_UART_URXD_PARITY;
    uint32_t now = 0;

    for (uint32_t looks = 0; looks < room && (device_get(d, IMX_UART_USR2) & IMX_UART_USR2_RDR) != 0;
         looks++) {
        uint32_t data = device_get(d, IMX_UART_URXD);

        if ((data & IMX_UART_URXD_CHARRDY) != 0 && (data & wrong) == 0) {
            to[now++] = (uint8_t)data;
        }
    }
    return now;
}

static void want(const struct device *d, bool to_send, bool to_receive)
{
    device_put(d, IMX_UART_UCR1,
               IMX_UART_UCR1_UARTEN | (to_send ? IMX_UART_UCR1_TRDYEN : 0) |
                   (to_receive ? IMX_UART_UCR1_RRDYEN : 0));
}

static bool sent(const struct device *d)
{
    return (device_get(d, IMX_UART_USR2) & IMX_UART_USR2_TXDC) != 0;
}

static const char *const compatible[] = {"fsl,imx6q-uart", NULL};

const struct terminal_driver driver_imx_uart = {compatible, start, send,       receive,
                                                want,       sent,  line_ended, line_interactive};
