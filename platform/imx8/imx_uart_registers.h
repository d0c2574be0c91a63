/* SPDX-License-Identifier: MIT */
/* i.MX UART: the registers we use. */
#ifndef PLATFORM_IMX8_IMX_UART_REGISTERS_H
#define PLATFORM_IMX8_IMX_UART_REGISTERS_H

#define IMX_UART_URXD 0x00 /* receive; reading takes the character */
#define IMX_UART_UTXD 0x40 /* transmit */
#define IMX_UART_UCR1 0x80
#define IMX_UART_UCR2 0x84
#define IMX_UART_UFCR 0x90
#define IMX_UART_USR1 0x94
#define IMX_UART_USR2 0x98
#define IMX_UART_UTS  0xb4

#define IMX_UART_URXD_CHARRDY (1u << 15) /* there was a character */

#define IMX_UART_UCR1_UARTEN (1u << 0)
#define IMX_UART_UCR1_RRDYEN (1u << 9) /* interrupt: receiver at its trigger level */

#define IMX_UART_UCR2_SRST (1u << 0) /* 0: reset */
#define IMX_UART_UCR2_RXEN (1u << 1)
#define IMX_UART_UCR2_TXEN (1u << 2)
#define IMX_UART_UCR2_WS   (1u << 5)  /* 8 bits */
#define IMX_UART_UCR2_IRTS (1u << 14) /* no hardware flow control */

#define IMX_UART_USR2_TXDC (1u << 3) /* transmitter empty */

#define IMX_UART_UTS_TXFULL (1u << 4)

#endif
