/* SPDX-License-Identifier: MIT */
/* Where the simulator's own sources look for it; its driver is a program of any world. */
#ifndef MUDSKIPPER_ARCH_HOSTCON_H
#define MUDSKIPPER_ARCH_HOSTCON_H

#include <mudskipper/abi/hostcon.h>

#endif
