/* SPDX-License-Identifier: MIT */
/* Serial ports as the kernel uses them: polled, for what must be said before a driver takes the device and in
 * a panic. The boot loader has set clock, pins and speed; a driver here leaves them alone. */
#ifndef PLATFORM_COMMON_UART_H
#define PLATFORM_COMMON_UART_H

#include <mudskipper/abi/types.h>

/* Every function gets the address of the registers. None blocks for longer than one character takes. */
struct uart_driver {
    const char *const *compatible; /* device tree names, NULL at the end */
    const char *const *earlycon;   /* names in `earlycon=NAME,ADDRESS` as Linux has them, NULL at the end */
    uint64_t bytes;                /* of registers */
    void (*init)(uintptr_t base);  /* transmitter and receiver on, no interrupts */
    bool (*can_send)(uintptr_t base);
    void (*send)(uintptr_t base, uint8_t byte); /* when can_send */
    bool (*sent)(uintptr_t base);               /* all has left the device */
    int (*receive)(uintptr_t base);             /* -1: nothing there */
};

/* All drivers of this build, NULL at the end. */
extern const struct uart_driver *const uart_drivers[];

extern const struct uart_driver uart_pl011, uart_imx, uart_lpuart;

#endif
