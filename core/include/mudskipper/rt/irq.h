/* SPDX-License-Identifier: MIT */
/* Interrupts for user-space drivers. */
#ifndef MUDSKIPPER_RT_IRQ_H
#define MUDSKIPPER_RT_IRQ_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/rt/notify.h>

/* The invocations themselves; `line` counts from the first line of the capability. CAP_MISSING_RIGHT (WRITE),
 * OUT_OF_RANGE (line); ack, unbind: NOT_FOUND (nobody is bound); bind: BAD_ARGUMENT (3: there is no such
 * bit), EXISTS (bound already), PROC_NOT_RUNNABLE (a dispatcher that is dead or not set up), what lookup says
 * of the dispatcher (WHILE_SOURCE). */
MUST_USE err_t cap_irq_bind(cptr_t irq, uint32_t line, cptr_t dispatcher, unsigned bit);
MUST_USE err_t cap_irq_ack(cptr_t irq, uint32_t line);
MUST_USE err_t cap_irq_unbind(cptr_t irq, uint32_t line);

/* One line as a driver has it:
 *
 *    irq_open;  set the device up;  irq_ack
 *    for (;;) { irq_wait;  serve the device;  irq_ack }
 *
 * Between wait and ack the line is masked, so the device is looked at by one thread at a time. */
struct irq {
    cptr_t cap;
    uint32_t line;
    struct notification notification;
};

MUST_USE err_t irq_open(struct irq *irq, cptr_t cap, uint32_t line);
void irq_close(struct irq *irq);

/* Blocks until the line fired; false: the deadline came. */
bool irq_wait(struct irq *irq, nanos_t deadline);

/* Lets the next interrupt come. A line that is still active fires at once. */
MUST_USE err_t irq_ack(struct irq *irq);

#endif
