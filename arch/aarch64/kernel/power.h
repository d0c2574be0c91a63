/* SPDX-License-Identifier: MIT */
#ifndef AARCH64_KERNEL_POWER_H
#define AARCH64_KERNEL_POWER_H

#include <mudskipper/abi/types.h>

/* Tell an emulator the exit status: only when the command line promises that one listens. */
void power_init(bool use_semihosting);

#endif
