/* SPDX-License-Identifier: MIT */
/* Which serial port the kernel talks to: the early one, then what earlycon= says, then what the tree says. */
#ifndef AARCH64_BOOT_CONSOLE_H
#define AARCH64_BOOT_CONSOLE_H

#include <mudskipper/abi/error.h>

/* A port known when the kernel was built. */
void console_early(void);

/* One letter per stage on that port, nothing without it (early_uart.h). */
void console_stage(char letter);

/* earlycon=NAME,ADDRESS or earlycon=NAME,mmio32,ADDRESS of the command line, before anything else in the tree
 * is trusted. What it does not understand it leaves. */
void console_earlycon(const void *fdt);

/* The tree's: by /chosen, or the first that a driver knows. Its node is returned in *node. DT_NO_CONSOLE, and
 * *node is -1, when there is none; then an earlier one stays. */
err_t console_from_tree(const void *fdt, int *node) MUST_USE;

bool console_is_there(void);

/* Waits, but not for ever, until everything has left the port. */
void console_flush(void);

/* printf to the console. */
void console_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
