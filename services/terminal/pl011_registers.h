/* SPDX-License-Identifier: MIT */
/* Arm PrimeCell UART PL011 (DDI 0183): the registers a driver with interrupts uses. */
#ifndef TERMINAL_PL011_REGISTERS_H
#define TERMINAL_PL011_REGISTERS_H

#define PL011_DR   0x000u /* data; reading takes the oldest byte, with what went wrong in bits 8 .. 11 */
#define PL011_FR   0x018u /* flags */
#define PL011_LCRH 0x02cu /* line control */
#define PL011_CR   0x030u /* control */
#define PL011_IMSC 0x038u /* interrupts that are let through */
#define PL011_ICR  0x044u /* interrupt clear */

#define PL011_DR_FRAMING (1u << 8)
#define PL011_DR_PARITY  (1u << 9)
#define PL011_DR_BREAK   (1u << 10)
#define PL011_DR_OVERRUN (1u << 11) /* bytes after this one were lost */

#define PL011_FR_BUSY (1u << 3)
#define PL011_FR_RXFE (1u << 4) /* nothing to read */
#define PL011_FR_TXFF (1u << 5) /* no room */

#define PL011_LCRH_FIFO (1u << 4)

#define PL011_CR_UART     (1u << 0)
#define PL011_CR_TRANSMIT (1u << 8)
#define PL011_CR_RECEIVE  (1u << 9)

#define PL011_INT_RECEIVE  (1u << 4) /* the receive FIFO reached its mark */
#define PL011_INT_TRANSMIT (1u << 5) /* the transmit FIFO fell to its mark */
#define PL011_INT_TIMEOUT  (1u << 6) /* bytes wait below the mark */
#define PL011_INT_ERRORS   (0xfu << 7)

#endif
