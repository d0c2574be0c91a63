/* SPDX-License-Identifier: MIT */
#ifndef AARCH64_BOOT_WATCHDOGS_H
#define AARCH64_BOOT_WATCHDOGS_H

#include <mudskipper/abi/types.h>

/* Serves, for ever and from this core's timer, the watchdogs of the tree that run already. False: out of
 * memory. */
bool watchdogs_serve(const void *fdt);

#endif
