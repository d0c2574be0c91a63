/* SPDX-License-Identifier: MIT */
/* From the first instruction to main and back. */
#include <mudskipper/libc/start.h>
#include <mudskipper/rt/memory.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/process.h>
#include "sched.h"

static const struct start_block *self;

const struct start_block *rt_self(void)
{
    return self;
}

_Noreturn void rt_start(const struct start_block *start)
{
    self = start;
    rt_port_init(start);
    sched_init(start);
    rt_memory_start(start, &sched.first);
    rt_exit(rt_main(start));
}
