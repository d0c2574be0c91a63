/* SPDX-License-Identifier: MIT */
#ifndef AARCH64_BOOT_EARLY_UART_IMX_H
#define AARCH64_BOOT_EARLY_UART_IMX_H

#include "../../../platform/imx8/imx_uart_registers.h"

#define EARLY_UART_DRIVER uart_imx
#define EARLY_UART_DATA   IMX_UART_UTXD
#define EARLY_UART_STATUS IMX_UART_UTS
#define EARLY_UART_MASK   IMX_UART_UTS_TXFULL
#define EARLY_UART_READY  0

#endif
