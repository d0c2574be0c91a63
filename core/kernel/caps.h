/* SPDX-License-Identifier: MIT */
/* What the capability engine asks of this kernel: objects begin and end with their capabilities. */
#ifndef MUDSKIPPER_KERNEL_CAPS_H
#define MUDSKIPPER_KERNEL_CAPS_H

struct core;

void caps_init(struct core *core);

#endif
