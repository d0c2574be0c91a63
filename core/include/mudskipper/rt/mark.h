/* SPDX-License-Identifier: MIT */
/* Markers for those who count what a processor executes (tools/msk bench, on QEMU): harmless on every
 * machine, an instruction that does nothing or none at all. */
#ifndef MUDSKIPPER_RT_MARK_H
#define MUDSKIPPER_RT_MARK_H

#include <mudskipper/arch/mark.h>

/* What this processor executes between the two is one sample. */
static inline void rt_mark_begin(void)
{
    arch_mark_begin();
}

static inline void rt_mark_end(void)
{
    arch_mark_end();
}

/* The samples that follow are of the next figure. */
static inline void rt_mark_next(void)
{
    arch_mark_next();
}

#endif
