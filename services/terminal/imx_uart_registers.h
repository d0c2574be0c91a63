/* SPDX-License-Identifier: MIT */
/* The UART of i.MX 6 to i.MX 8M: the registers a driver with interrupts uses. */
#ifndef TERMINAL_IMX_UART_REGISTERS_H
#define TERMINAL_IMX_UART_REGISTERS_H

#define IMX_UART_URXD 0x00u /* receive; reading takes the oldest byte, with what went wrong above it */
#define IMX_UART_UTXD 0x40u /* transmit */
#define IMX_UART_UCR1 0x80u /* control */
#define IMX_UART_UCR2 0x84u
#define IMX_UART_UCR3 0x88u
#define IMX_UART_UCR4 0x8cu
#define IMX_UART_UFCR 0x90u /* marks of the FIFOs; and a divider of the clock */
#define IMX_UART_USR2 0x98u /* status */
#define IMX_UART_UTS  0xb4u

#define IMX_UART_URXD_CHARRDY (1u << 15) /* there was a byte */
#define IMX_UART_URXD_FRAMING (1u << 12)
#define IMX_UART_URXD_BREAK   (1u << 11)
#define IMX_UART_URXD_PARITY  (1u << 10)

#define IMX_UART_UCR1_UARTEN (1u << 0)
#define IMX_UART_UCR1_RRDYEN (1u << 9)  /* interrupt: the receive FIFO is at its mark */
#define IMX_UART_UCR1_TRDYEN (1u << 13) /* interrupt: the transmit FIFO fell to its mark */

#define IMX_UART_UCR2_SRST (1u << 0) /* 0: reset */
#define IMX_UART_UCR2_RXEN (1u << 1)
#define IMX_UART_UCR2_TXEN (1u << 2)
#define IMX_UART_UCR2_ATEN (1u << 3)  /* interrupt: bytes wait below the mark */
#define IMX_UART_UCR2_RTSE (1u << 4)  /* interrupt: RTS changed */
#define IMX_UART_UCR2_IRTS (1u << 14) /* RTS is not looked at */
#define IMX_UART_UCR2_ESCI (1u << 15) /* interrupt: escape sequence */

#define IMX_UART_UCR2_INTERRUPTS (IMX_UART_UCR2_ATEN | IMX_UART_UCR2_RTSE | IMX_UART_UCR2_ESCI)

/* DTR, parity, framing; receiver idle, infrared, wake-up, DTR's change; baud rate found. The rest are
 * settings. */
#define IMX_UART_UCR3_INTERRUPTS (7u << 11 | 0xfu << 3 | 1u << 0)

/* Infrared, wake-up; transmit complete, break, overrun, byte there. The rest are settings. */
#define IMX_UART_UCR4_INTERRUPTS (3u << 7 | 0xfu << 0)

#define IMX_UART_UFCR_RXTL(bytes) ((uint32_t)(bytes))
#define IMX_UART_UFCR_TXTL(bytes) ((uint32_t)(bytes) << 10)
#define IMX_UART_UFCR_MARKS       (0x3fu | 0x3fu << 10)

#define IMX_UART_USR2_RDR  (1u << 0) /* a byte is there */
#define IMX_UART_USR2_TXDC (1u << 3) /* everything has left */

#define IMX_UART_UTS_TXFULL (1u << 4)

#endif
