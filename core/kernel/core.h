/* SPDX-License-Identifier: MIT */
/* What one core's CPU driver knows. Cores share nothing of it: every function of the kernel works on the core
 * it runs on, so there is no lock. The exceptions are named where they are: the console lock (console.c), the
 * wake-up bitmaps (wakeup.h), and the table of cores, written before a core starts and read-only from then
 * on. */
#ifndef MUDSKIPPER_KERNEL_CORE_H
#define MUDSKIPPER_KERNEL_CORE_H

#include <mudskipper/abi/boot_info.h>
#include <mudskipper/hal/cpu.h>
#include <mudskipper/hal/kernel.h>
#include <mudskipper/cap/core.h>
#include "boot_memory.h"
#include "console.h"
#include "deadline.h"
#include "end.h"
#include "irq.h"
#include "log.h"
#include "notify.h"
#include "schedule.h"
#include "share.h"

struct dispatcher;

struct core {
    coreid_t id;
    uint64_t check_every; /* the walkers run after each such entry: check.h; 0: never */
    uint64_t entries;     /* since they did */
    const struct boot_info *info;
    struct dispatcher *current; /* whose registers the last trap saved; NULL when the core was idle */
    struct schedule schedule;
    struct deadline_queue deadlines;
    nanos_t timer_set;            /* what the one-shot timer is set to */
    nanos_t running_since;        /* when `current` began to run: CPU time is charged from here */
    nanos_t slice_end;            /* of `current`, looked at only while a rival waits */
    struct dispatcher *handed_to; /* during one entry: who goes on in the slice of `current` */
    struct irq_table irqs;
    struct notify_table notify;
    struct core *const *cores; /* all of the machine; of others only what stays as it was made */
    struct wakeup *wakeups;    /* one for each */
    struct log_ring log;
    struct console_queue console;
    struct end_news ends;
    struct share share;        /* how the machine is divided */
    struct boot_memory memory; /* only until the first program runs */
    paddr_t kernel_memory;     /* the kernel's own data: RAM for nobody */
    paddr_t kernel_memory_end;
    struct cap_core caps;
    struct cap_slot *roots; /* PhysAddrs of all that is this core's, ancestors of all its memory */
    uint32_t roots_count;
};

static inline struct core *this_core(void)
{
    return hal_core_data();
}

#endif
