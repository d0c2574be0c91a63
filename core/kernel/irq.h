/* SPDX-License-Identifier: MIT */
/* Interrupt lines of devices: who is told when one fires. The life of a line on this core:
 *
 *             IRQ_BIND                 IRQ_ACK               it fires: a notification bit
 *   FREE --------------> BOUND, masked --------> BOUND, open -----------------------------> BOUND, masked
 *     ^                     |                        |
 *     +---------------------+------------------------+  IRQ_UNBIND; the dispatcher ends; the capability it
 * was bound through ends
 *
 * The kernel does nothing at a device, so the line stays masked until the driver has looked and says so. */
#ifndef MUDSKIPPER_KERNEL_IRQ_H
#define MUDSKIPPER_KERNEL_IRQ_H

#include <mudskipper/abi/error.h>
#include <mudskipper/pure/list.h>

struct cap_ref;
struct cap_slot;
struct core;
struct dispatcher;

struct irq_line {
    struct list_node node;         /* in `bound` */
    struct dispatcher *dispatcher; /* NULL: nobody */
    uint32_t bit;                  /* of its notification words */
    uint32_t generation;           /* the capability it was bound through */
    uint64_t base;
    uint64_t size;
};

struct irq_table {
    struct irq_line *lines; /* `count` of them */
    uint32_t count;
    struct list bound;
};

/* How many bytes of zeroed memory the table needs. */
uint64_t irq_table_bytes(void);
void irq_table_init(struct irq_table *t, void *memory);

/* A line fired and the port has masked it. One that nobody is bound to stays masked. */
void irq_fired(struct core *core, uint32_t line);

/* SYS_INVOKE on an IRQ capability: CAP_MISSING_RIGHT (WRITE), OUT_OF_RANGE (line), CAP_ILLEGAL_INVOCATION;
 * NOT_FOUND: nobody is bound to the line; BIND also BAD_ARGUMENT (3: notification bit), EXISTS (bound
 * already), PROC_NOT_RUNNABLE (the dispatcher has no user part, or is dead), what lookup says of the
 * dispatcher (WHILE_SOURCE). */
MUST_USE err_t irq_invoke(struct core *core, struct dispatcher *d, const struct cap_ref *target,
                          uint32_t operation);

/* Nobody is told through it any more. */
void irq_forget_dispatcher(struct core *core, const struct dispatcher *d);
void irq_forget_cap(struct core *core, const struct cap_slot *irq);

#endif
