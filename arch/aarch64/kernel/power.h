/* SPDX-License-Identifier: MIT */
#ifndef AARCH64_KERNEL_POWER_H
#define AARCH64_KERNEL_POWER_H

#include <mudskipper/abi/types.h>

/* Reads from the command line how the machine ends. `semihosting`: an emulator listens, and is told the exit
 * status. `driven=N`: somebody drives the board over its console. The status is told there, twice and with N,
 * so that neither a byte that is lost nor what a program prints is taken for it; then the machine is reset,
 * for the next run. Neither: it goes off. */
void power_init(const char *command_line);

#endif
