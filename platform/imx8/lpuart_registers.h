/* SPDX-License-Identifier: MIT */
/* LPUART with 32-bit registers as on i.MX 7ULP, 8X and 8QM: everything is 0x10 higher than on Layerscape. */
#ifndef PLATFORM_IMX8_LPUART_REGISTERS_H
#define PLATFORM_IMX8_LPUART_REGISTERS_H

#define LPUART_BAUD 0x10
#define LPUART_STAT 0x14
#define LPUART_CTRL 0x18
#define LPUART_DATA 0x1c
#define LPUART_FIFO 0x28

#define LPUART_STAT_TDRE (1u << 23) /* room for a character */
#define LPUART_STAT_TC   (1u << 22) /* transmitter idle */
#define LPUART_STAT_RDRF (1u << 21) /* a character is there */
#define LPUART_STAT_IDLE (1u << 20)
#define LPUART_STAT_OR   (1u << 19) /* overrun: a character was lost */
#define LPUART_STAT_NF   (1u << 18)
#define LPUART_STAT_FE   (1u << 17)
#define LPUART_STAT_PF   (1u << 16)

/* Cleared by writing 1: break detected, receive edge, the above, address matches. */
#define LPUART_STAT_FLAGS                                                                                    \
    (3u << 30 | LPUART_STAT_IDLE | LPUART_STAT_OR | LPUART_STAT_NF | LPUART_STAT_FE | LPUART_STAT_PF |       \
     3u << 14)

#define LPUART_CTRL_RE  (1u << 18)
#define LPUART_CTRL_TE  (1u << 19)
#define LPUART_CTRL_RIE (1u << 21)
#define LPUART_CTRL_TIE (1u << 23)

/* Overrun, noise, framing, parity; transmit, transmit complete, receive, idle line; address matches. */
#define LPUART_CTRL_INTERRUPTS (0xffu << 20 | 3u << 14)

#endif
