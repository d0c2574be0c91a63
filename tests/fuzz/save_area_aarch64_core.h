/* SPDX-License-Identifier: MIT */
/* In place of arch/aarch64/kernel/core.h: what context.c wants of a core, without a processor's registers. */
#ifndef AARCH64_KERNEL_CORE_H
#define AARCH64_KERNEL_CORE_H

#include <mudskipper/hal/context.h>

struct aarch64_core {
    struct hal_context *context;
    struct hal_context *fp_owner;
};

extern struct aarch64_core fuzz_core;

static inline struct aarch64_core *this_aarch64_core(void)
{
    return &fuzz_core;
}

#endif
