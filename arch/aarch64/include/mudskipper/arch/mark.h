/* SPDX-License-Identifier: MIT */
/* Markers as the processor executes them: hints that no version of the architecture has given a meaning,
 * which it therefore passes over. tools/qemu-plugin looks for them. */
#ifndef MUDSKIPPER_ARCH_MARK_H
#define MUDSKIPPER_ARCH_MARK_H

static inline void arch_mark_begin(void)
{
    __asm__ volatile("hint #112" ::: "memory");
}

static inline void arch_mark_end(void)
{
    __asm__ volatile("hint #113" ::: "memory");
}

static inline void arch_mark_next(void)
{
    __asm__ volatile("hint #114" ::: "memory");
}

#endif
