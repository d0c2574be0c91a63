/* SPDX-License-Identifier: MIT */
#ifndef AARCH64_BOOT_BOOT_H
#define AARCH64_BOOT_BOOT_H

#include "dt.h"
#include "info.h"
#include "ram.h"

/* head.S: `tree` is what the boot loader gave as the device tree's physical address. */
_Noreturn void boot_main(paddr_t tree);

#endif
