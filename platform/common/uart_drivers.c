/* SPDX-License-Identifier: MIT */
/* One image runs on every machine: the device tree chooses among these. */
#include "uart.h"

const struct uart_driver *const uart_drivers[] = {&uart_pl011, NULL};
