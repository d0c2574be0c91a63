/* SPDX-License-Identifier: MIT */
#ifndef AARCH64_BOOT_EARLY_UART_LPUART_H
#define AARCH64_BOOT_EARLY_UART_LPUART_H

#include "../../../platform/imx8/lpuart_registers.h"

#define EARLY_UART_DRIVER uart_lpuart
#define EARLY_UART_DATA   LPUART_DATA
#define EARLY_UART_STATUS LPUART_STAT
#define EARLY_UART_MASK   LPUART_STAT_TDRE
#define EARLY_UART_READY  LPUART_STAT_TDRE

#endif
