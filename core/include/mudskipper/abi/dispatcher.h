/* SPDX-License-Identifier: MIT */
/* The user part of a dispatcher: one Frame, owned by the kernel object, mapped read-write in the process.
 *
 *   0x000  version, disabled flag, upcall entries and stack         written by the process
 *   0x040  fault record                                             written by the kernel before a fault
 *   0x060  what a report may say besides                            written by the process before it ends so
 * upcall 0x080  notification words and their summary                     set by the kernel, cleared by the
 * process 0x300  save area "enabled": where a preempted process continues, copied out before a run upcall
 *   +      save area "trap": the faulting thread
 *
 * The kernel reaches it through its own mapping and believes nothing in it: a wrong word harms its owner
 * only. While `disabled` is set no upcall is made; SYS_RESUME clears it together with loading the registers.
 * After Barrelfish's dispatcher control block and K42's reserved/enabled scheme. */
#ifndef MUDSKIPPER_ABI_DISPATCHER_H
#define MUDSKIPPER_ABI_DISPATCHER_H

#include <mudskipper/abi/types.h>
#include <mudskipper/arch/save_area.h> /* struct save_area, by the port */

#define ABI_VERSION 1u

#define DISPATCHER_NOTIFY_WORDS 64u /* 4096 bits; one bit may serve several channels */

enum access { ACCESS_READ = 1, ACCESS_WRITE = 2, ACCESS_EXECUTE = 4 };

enum fault_kind {
    FAULT_NONE = 0,
    FAULT_MEMORY = 1,  /* address, access */
    FAULT_ILLEGAL = 2, /* an instruction that a program may not or cannot execute */
    FAULT_ALIGNMENT = 3,
    FAULT_BREAKPOINT = 4,
    FAULT_ARITHMETIC = 5,
};

struct fault_record {
    uint32_t kind;   /* enum fault_kind */
    uint32_t access; /* enum access; 0 unless FAULT_MEMORY */
    vaddr_t address;
    vaddr_t pc;
    vaddr_t sp;
};

/* What the process knows about a fault that ends it, and the page tables do not. Believed for the text of the
 * report only. */
enum fault_why {
    FAULT_WHY_TABLES = 0,    /* nothing more */
    FAULT_WHY_STACK = 1,     /* the guard below the stack of a thread: it is used up */
    FAULT_WHY_GUARD = 2,     /* another guard */
    FAULT_WHY_NO_MEMORY = 3, /* memory was to come there, and there was none */
};

enum save_area_index { SAVE_ENABLED = 0, SAVE_TRAP = 1, SAVE_AREAS = 2 };

struct dispatcher_user {
    uint32_t version;  /* ABI_VERSION */
    uint32_t disabled; /* non-zero: no upcalls */
    vaddr_t run;       /* upcall entry: something happened while waiting or running enabled; 0 = none */
    vaddr_t fault; /* upcall entry: the enabled thread faulted, see `record` and save[SAVE_TRAP]; 0 = fatal */
    vaddr_t stack; /* upcalls start with this 16-byte aligned stack pointer */
    vaddr_t self;  /* argument of the upcall entries */
    uint32_t slices; /* non-zero: a run upcall also when a slice is over, so that threads can take turns */
    uint32_t reserved0[5];

    struct fault_record record; /* 0x40 */
    char thread[24];            /* 0x60: its name, ended by 0; none: nothing is said */
    uint32_t fault_why;         /* enum fault_why */
    uint32_t reserved1;

    _Atomic uint64_t notify_summary; /* 0x80: bit i set when notify[i] may be non-zero */
    _Atomic uint64_t notify[DISPATCHER_NOTIFY_WORDS];
    uint64_t reserved2[15];

    _Alignas(64) struct save_area save[SAVE_AREAS]; /* 0x300 */
};

CLAIM(fault_record_at_0x40, offsetof(struct dispatcher_user, record) == 0x40);
CLAIM(notification_words_at_0x80, offsetof(struct dispatcher_user, notify_summary) == 0x80);
CLAIM(save_areas_at_0x300, offsetof(struct dispatcher_user, save) == 0x300);

#endif
