/* SPDX-License-Identifier: MIT */
/* LPUART with 32-bit registers as on i.MX 7ULP, 8X and 8QM (0x10 higher than on Layerscape): the registers a
 * driver with interrupts uses. */
#ifndef TERMINAL_LPUART_REGISTERS_H
#define TERMINAL_LPUART_REGISTERS_H

#define LPUART_STAT 0x14u /* status; flags are cleared by writing 1, the rest are settings */
#define LPUART_CTRL 0x18u /* control */
#define LPUART_DATA 0x1cu /* receive and transmit; reading takes the byte, with what went wrong above it */

#define LPUART_STAT_TDRE (1u << 23) /* takes a byte */
#define LPUART_STAT_TC   (1u << 22) /* everything has left */
#define LPUART_STAT_RDRF (1u << 21) /* a byte is there */
#define LPUART_STAT_OR   (1u << 19) /* a byte was lost; while it is set nothing more is received */

/* Cleared by writing 1: break, edge; idle, overrun, noise, framing, parity; address matches. */
#define LPUART_STAT_FLAGS (3u << 30 | 0x1fu << 16 | 3u << 14)

#define LPUART_CTRL_RE   (1u << 18)
#define LPUART_CTRL_TE   (1u << 19)
#define LPUART_CTRL_RIE  (1u << 21) /* interrupt: RDRF */
#define LPUART_CTRL_TIE  (1u << 23) /* interrupt: TDRE */
#define LPUART_CTRL_ORIE (1u << 27) /* interrupt: OR */

/* Overrun, noise, framing, parity; transmit, transmit complete, receive, idle line; address matches. */
#define LPUART_CTRL_INTERRUPTS (0xffu << 20 | 3u << 14)

#define LPUART_DATA_FRAMING (1u << 13)
#define LPUART_DATA_PARITY  (1u << 14)

#endif
