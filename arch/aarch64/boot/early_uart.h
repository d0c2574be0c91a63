/* SPDX-License-Identifier: MIT */
/* -Dearly_uart=TYPE,ADDRESS: a serial port known when the kernel is built, for bringing up a board on which
 * nothing else is seen. early_uart_none.c stands for "no such port". Letters, one per stage:
 *
 *   A  entered, EL1          B  zeroed, relocated      C  page tables made
 *   D  MMU and caches on     E  device tree sound      F  memory mapped     G  interrupts set up
 */
#ifndef AARCH64_BOOT_EARLY_UART_H
#define AARCH64_BOOT_EARLY_UART_H

#include <mudskipper/abi/types.h>

/* Only while the MMU is off. */
void early_uart_letter(char letter);

/* With the MMU off: makes it reachable at its device address. False: no memory for a table. */
bool early_uart_map(void);

struct uart_driver;

/* The driver and the physical address; NULL: none. */
const struct uart_driver *early_uart(paddr_t *address);

#endif
