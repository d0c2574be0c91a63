/* SPDX-License-Identifier: MIT */
/* Nobody counts the simulator's instructions: markers only keep the compiler from moving what is between
 * them. */
#ifndef MUDSKIPPER_ARCH_MARK_H
#define MUDSKIPPER_ARCH_MARK_H

static inline void arch_mark_begin(void)
{
    __asm__ volatile("" ::: "memory");
}

static inline void arch_mark_end(void)
{
    __asm__ volatile("" ::: "memory");
}

static inline void arch_mark_next(void)
{
    __asm__ volatile("" ::: "memory");
}

#endif
