/* SPDX-License-Identifier: MIT */
#include <mudskipper/abi/objects.h>
#include <mudskipper/abi/syscall.h>
#include <mudskipper/rt/irq.h>
#include <mudskipper/rt/port.h>

static err_t invoke(cptr_t irq, unsigned operation, uint64_t a1, uint64_t a2, uint64_t a3)
{
    uint64_t args[SYS_ARGS] = {
        [0] = SYS_TARGET(irq, operation), [1] = a1, [2] = a2, [3] = a3, [SYS_ARG_NUMBER] = SYS_INVOKE};

    rt_syscall(args);
    return err_unpack(args[SYS_ARG_ERR_CODES], args[SYS_ARG_ERR_DETAIL]);
}

err_t cap_irq_bind(cptr_t irq, uint32_t line, cptr_t dispatcher, unsigned bit)
{
    return invoke(irq, IRQ_BIND, line, dispatcher, bit);
}

err_t cap_irq_ack(cptr_t irq, uint32_t line)
{
    return invoke(irq, IRQ_ACK, line, 0, 0);
}

err_t cap_irq_unbind(cptr_t irq, uint32_t line)
{
    return invoke(irq, IRQ_UNBIND, line, 0, 0);
}

err_t irq_open(struct irq *irq, cptr_t cap, uint32_t line)
{
    err_t e = notification_open(&irq->notification);

    if (!err_ok(e)) {
        return e;
    }
    irq->cap = cap;
    irq->line = line;
    e = cap_irq_bind(cap, line, SLOT_DISPATCHER, irq->notification.bit);
    if (!err_ok(e)) {
        notification_close(&irq->notification);
    }
    return e;
}

void irq_close(struct irq *irq)
{
    err_t e = cap_irq_unbind(irq->cap, irq->line);

    (void)e; /* NOT_FOUND and the like: it is unbound already */
    notification_close(&irq->notification);
}

bool irq_wait(struct irq *irq, nanos_t deadline)
{
    return notification_wait(&irq->notification, deadline);
}

err_t irq_ack(struct irq *irq)
{
    return cap_irq_ack(irq->cap, irq->line);
}
