/* SPDX-License-Identifier: MIT */
#ifndef AARCH64_BOOT_EARLY_UART_PL011_H
#define AARCH64_BOOT_EARLY_UART_PL011_H

#include "../../../platform/virt/pl011_registers.h"

#define EARLY_UART_DRIVER uart_pl011
#define EARLY_UART_DATA   PL011_DR
#define EARLY_UART_STATUS PL011_FR
#define EARLY_UART_MASK   PL011_FR_TXFF
#define EARLY_UART_READY  0

#endif
