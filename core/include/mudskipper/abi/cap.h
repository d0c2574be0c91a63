/* SPDX-License-Identifier: MIT */
/* Naming capabilities: types, rights, addresses, well-known slots, invocations. */
#ifndef MUDSKIPPER_ABI_CAP_H
#define MUDSKIPPER_ABI_CAP_H

#include <mudskipper/abi/types.h>

/* The address of a slot in a capability space.
 *
 *    31                     8 7        0
 *   +------------------------+----------+
 *   |     L1 slot            | L2 slot  |
 *   +------------------------+----------+
 *
 * A level says how far to walk: 0 names the root CNode itself, 1 the L2 CNode in the L1 slot (the low 8 bits
 * must be 0), 2 the slot in that L2 CNode. */
typedef uint32_t cptr_t;

#define CPTR_L2_BITS  8u
#define CPTR_L2_SLOTS (1u << CPTR_L2_BITS)
#define CPTR(l1, l2)  ((cptr_t)((uint32_t)(l1) << CPTR_L2_BITS | (uint32_t)(l2)))
#define CPTR_NULL     ((cptr_t)0)

enum cap_level { CAP_LEVEL_ROOT = 0, CAP_LEVEL_CNODE = 1, CAP_LEVEL_SLOT = 2 };

/* Sizes of kernel objects, in bytes: what retype needs to know. */
#define CAP_SLOT_BYTES       128u
#define CAP_L2_BYTES         (CPTR_L2_SLOTS * CAP_SLOT_BYTES)                         /* 32 KiB */
#define CAP_L1_MAX_BYTES     (((uint64_t)1 << (32u - CPTR_L2_BITS)) * CAP_SLOT_BYTES) /* 2^24 slots */
#define CAP_VNODE_L0_BYTES   8192u /* page 0: the table · page 1: the kernel's record of the address space */
#define CAP_DISPATCHER_BYTES 8192u /* at least; what is more holds the messages it sends */

enum cap_type {
#define CAPTYPE(name, number, text, from, smallest, largest, sizes, equality, rank, traits)                  \
    CAP_TYPE_##name = (number),
#include <mudskipper/abi/captypes.def>
#undef CAPTYPE
    CAP_TYPE_COUNT
};

/* What a capability names is a range of numbers. Physical memory is one space of them; what is not memory has
 * its own, told apart by the upper 8 bits, so that all capabilities of a core stand in one order:
 *
 *    63      56 55                                  0
 *   +----------+-------------------------------------+
 *   |  space   | number                              |
 *   +----------+-------------------------------------+ */
enum cap_space {
    CAP_SPACE_MEMORY = 0,
    CAP_SPACE_IRQ = 1,    /* interrupt lines */
    CAP_SPACE_NAME = 2,   /* numbers the nameserver gives to prefixes, nested as the prefixes are */
    CAP_SPACE_KERNEL = 3, /* core << 48 | process number, or CAP_KERNEL_NOTIFY + notification channel */
    CAP_SPACE_RIGHT = 4,  /* CoreBoot, Sched, Log, Inspect: number is the type */
};

#define CAP_SPACE(space)      ((uint64_t)(space) << 56)
#define CAP_KERNEL_BASE(core) (CAP_SPACE(CAP_SPACE_KERNEL) | (uint64_t)(core) << 48)
#define CAP_KERNEL_SIZE       ((uint64_t)1 << 48)
#define CAP_KERNEL_NOTIFY     ((uint64_t)1 << 47) /* offset of the first Notify in a Kernel capability */

/* The badge with which messages through a Handle arrive: the numbers of its Service and of the client. */
#define CAP_HANDLE_BADGE(service, client) ((uint64_t)(service) << 32 | (uint32_t)(client))

/* Notification channels of a core. Those below CAP_NOTIFY_CORES belong to its core server: channel c is
 * signalled by core c (KERNEL_NOTIFY_CORE). */
#define CAP_NOTIFY_CHANNELS 4096u
#define CAP_NOTIFY_CORES    64u

/* Rights only ever shrink. */
enum cap_right {
    CAP_READ = 1u << 0,
    CAP_WRITE = 1u << 1,
    CAP_EXECUTE = 1u << 2,
    CAP_GRANT = 1u << 3,    /* may be sent in a message */
    CAP_IDENTIFY = 1u << 4, /* its address and size may be read */
    CAP_REVOKE = 1u << 5,   /* its other copies and its descendants may be revoked: kept by who lends it */
    CAP_ALL_RIGHTS = 63u,
};

/* What a process finds in its first L2 CNode (L1 slot 0) when it starts. Empty when it was not given one. */
enum well_known_slot {
    SLOT_NULL = 0,       /* always empty: cptr 0 means "none" */
    SLOT_SELF = 1,       /* Process: who I am */
    SLOT_DISPATCHER = 2, /* my Dispatcher */
    SLOT_ROOT = 3,       /* my root L1CNode */
    SLOT_VSPACE = 4,     /* my level-0 VNode */
    SLOT_ENDPOINT = 5,   /* my own EndpointLMP, where messages to me arrive */
    SLOT_REPLY = 6,      /* the Reply that an incoming call leaves */
    SLOT_INIT = 7,       /* to the core server of my core */
    SLOT_NAMES = 8,      /* to the nameserver of my core */
    SLOT_LOG = 9,        /* Log: write my own lines (and read all, with CAP_READ) */
    SLOT_STDIN = 10,
    SLOT_STDOUT = 11,
    SLOT_STDERR = 12,
    SLOT_ARGS = 13,      /* Frame that holds the start block */
    SLOT_MEMORY = 14,    /* to the memory server of my core */
    SLOT_USER_PART = 15, /* Frame of my dispatcher's user part */
    SLOT_KERNEL = 16,    /* core servers only from here on */
    SLOT_IRQ = 17,
    SLOT_PHYS = 18, /* PhysAddr of the whole machine (boot core) */
    SLOT_SCHED = 19,
    SLOT_INSPECT = 20,
    SLOT_CORE_BOOT = 21,
    SLOT_BOOT_INFO = 22, /* Frame, read-only: struct boot_info */
    SLOT_ARCHIVE = 23,   /* Frame, read-only: the boot archive */
    SLOT_NAME_PREFIX = 24,
    SLOT_RECEIVE = 25,  /* the run-time's: where capabilities arrive before they go to who waits for them */
    SLOT_PEERS = 26,    /* core servers: Frame of the rings between them (boot_info.h) */
    SLOT_CHANNELS = 27, /* to the core server: channels through shared memory (core/rpc/channels.rpc) */
    SLOT_FIRST_GRANTED = 32, /* capabilities granted by name, in the order of the start block's table */
    SLOT_FIRST_FREE = 64,
};

#endif
