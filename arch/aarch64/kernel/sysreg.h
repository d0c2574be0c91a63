/* SPDX-License-Identifier: MIT */
/* System registers and barriers. */
#ifndef AARCH64_KERNEL_SYSREG_H
#define AARCH64_KERNEL_SYSREG_H

#include <mudskipper/abi/types.h>

#define sysreg_read(name)                                                                                    \
    ({                                                                                                       \
        uint64_t value_;                                                                                     \
        __asm__ volatile("mrs %0, " #name : "=r"(value_));                                                   \
        value_;                                                                                              \
    })

#define sysreg_write(name, value) __asm__ volatile("msr " #name ", %0" ::"r"((uint64_t)(value)) : "memory")

#define barrier_isb()      __asm__ volatile("isb" ::: "memory")
#define barrier_dsb(scope) __asm__ volatile("dsb " #scope ::: "memory")

#endif
