/* SPDX-License-Identifier: MIT */
/* One image runs on every machine: the device tree chooses among these. */
#include "uart.h"
#include "watchdog.h"

const struct uart_driver *const uart_drivers[] = {&uart_pl011, &uart_imx, &uart_lpuart, NULL};

const struct watchdog_driver *const watchdog_drivers[] = {&watchdog_imx, NULL};
