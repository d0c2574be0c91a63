/* SPDX-License-Identifier: MIT */
/* Arm PrimeCell UART PL011 (DDI 0183): the registers we use. */
#ifndef PLATFORM_VIRT_PL011_REGISTERS_H
#define PLATFORM_VIRT_PL011_REGISTERS_H

#define PL011_DR   0x000 /* data */
#define PL011_FR   0x018 /* flags */
#define PL011_LCRH 0x02c /* line control */
#define PL011_CR   0x030 /* control */
#define PL011_IMSC 0x038 /* interrupt mask */
#define PL011_ICR  0x044 /* interrupt clear */

#define PL011_FR_BUSY (1 << 3)
#define PL011_FR_RXFE (1 << 4) /* nothing to read */
#define PL011_FR_TXFF (1 << 5) /* no room */

#define PL011_LCRH_FIFO  (1 << 4)
#define PL011_LCRH_8BITS (3 << 5)

#define PL011_CR_UART     (1 << 0)
#define PL011_CR_TRANSMIT (1 << 8)
#define PL011_CR_RECEIVE  (1 << 9)

#endif
