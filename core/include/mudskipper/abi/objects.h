/* SPDX-License-Identifier: MIT */
/* Operations on the kernel's objects by SYS_INVOKE; those on capabilities and page tables stand in
 * invocation.h. Operands are arguments 1 .. 10, results too. A cptr operand names a slot in the invoker's own
 * space. */
#ifndef MUDSKIPPER_ABI_OBJECTS_H
#define MUDSKIPPER_ABI_OBJECTS_H

#include <mudskipper/abi/types.h>

/* Log: CAP_WRITE to write, CAP_READ to read. */
enum invocation_log {
    LOG_WRITE = 0, /* 1: bytes, 1 .. 64 · 2..9: the bytes, first byte lowest */
    LOG_READ = 1,  /* 1: position → 1: bytes, 0 at the end · 2..9: the bytes · 10: next position */
};

#define LOG_WRITE_MAX 64u

/* Dispatcher. */
enum invocation_dispatcher {
    DISPATCHER_SETUP = 0, /* 1: L1CNode · 2: VNode L0 · 3: Frame of the user part · 4: endpoint to tell when
                           * it ends, or 0 · 5: number for people · 6..9: its name. Once, before the start */
    DISPATCHER_START = 1, /* 1: pc · 2: sp · 3: argument · 4: priority, at most the invoker's */
    DISPATCHER_END = 2,   /* 1: exit code. On one's own: does not return */
    DISPATCHER_BIND = 3,  /* 1: EndpointLMP (not a sender's) with CAP_READ: its messages come to this one */
    DISPATCHER_KEEP_REPLY = 4, /* 1: empty slot for a Reply to the call received last; on one's own only */
    DISPATCHER_INFO = 5, /* → 1: enum dispatcher_status · 2: CPU time, ns · 3: exit code · 4: priority · 5:
                          * when it ran last, 0: never, or it runs for the first time */
    DISPATCHER_SUSPEND = 6,
    DISPATCHER_CONTINUE = 7,
    DISPATCHER_SET_IMAGE = 8, /* 1: address · 2: bytes of the program, so that reports can name functions */
    DISPATCHER_CALLS =
        9, /* 1: n → 1: process that has the n-th open call, counted from 0; 0: none · 2: badge */
};

enum dispatcher_status { STATUS_STOPPED, STATUS_READY, STATUS_WAITING, STATUS_DEAD };

enum exit_reason { EXIT_BY_ITSELF = 0, EXIT_KILLED = 1, EXIT_FAULTED = 2 };

/* Operations on a level-0 VNode besides VNODE_MAP. */
enum invocation_vspace {
    VSPACE_INFO =
        16, /* → 1: first address · 2: bytes that programs may use · 3: the gate, for start blocks */
};

/* IRQ: interrupt lines of devices, on the core of the invoker; CAP_WRITE. A line is named by its offset in
 * the capability. When it fires it is masked and the notification bit is set. */
enum invocation_irq {
    IRQ_BIND = 0,   /* 1: line · 2: Dispatcher that is told · 3: notification bit. Masked until IRQ_ACK */
    IRQ_ACK = 1,    /* 1: line: the next interrupt may come */
    IRQ_UNBIND = 2, /* 1: line */
};

/* Notify: sets a notification bit of a dispatcher on the core it belongs to, from any core. It is retyped
 * from that core's Kernel at CAP_KERNEL_NOTIFY + channel. Signals that come before the bit was looked at
 * count once; those that come while nobody is bound are dropped. */
enum invocation_notify {
    NOTIFY_SIGNAL = 0, /* CAP_WRITE; on any core */
    NOTIFY_BIND =
        1, /* 1: Dispatcher that is told · 2: its notification bit. CAP_READ; on its own core only */
    NOTIFY_UNBIND = 2, /* CAP_READ; on its own core only */
};

/* What a capability is, told to another core: five operands, arguments 2 .. 6.
 *
 *   2   CAP_IDENTITY (invocation.h): type, rights, owner, generation; flags are 0
 *   3   base
 *   4   size
 *   5   word 0 of the type: id of a Service or Handle
 *   6   word 1: badge of a Handle
 *
 * It comes from KERNEL_SHARE of the owner, travels between core servers as it is, and gives nothing to
 * anybody without a Kernel capability. */
#define CAP_ACROSS_FIRST 2u
#define CAP_ACROSS_WORDS 5u

/* Kernel: authority over this core's CPU driver; CAP_WRITE. Slots are of the invoker's own space. */
enum invocation_kernel {
    KERNEL_POWER_OFF = 0, /* 1: code */
    KERNEL_RESET = 1,
    KERNEL_TAKE_CONSOLE = 2, /* 1: 0, a driver has the console from here on; 1, it has ended */
    KERNEL_SHARE = 3, /* 1: slot · 2: core that will get a copy: a sharer from here on → 2..6: what it is */
    KERNEL_ADOPT = 4, /* 1: empty slot · 2..6: what another core owns and has shared with this one */
    KERNEL_FIND = 5, /* 1: empty slot · 2..6: what this core has a copy of: a further copy, of these rights */
    KERNEL_UNSHARE = 6,        /* 1: slot · 2: core that holds nothing of it any more */
    KERNEL_REVOKE_FOREIGN = 7, /* 1: slot: all other copies on this core, and what descends from them, go */
    KERNEL_NOTIFY_CORE =
        8, /* 1: core, whose notification channel with the number of this core is signalled */
};

#endif
