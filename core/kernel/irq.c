/* SPDX-License-Identifier: MIT */
#include "irq.h"
#include <mudskipper/cap/operations.h>
#include <mudskipper/hal/irq.h>
#include "core.h"
#include "dispatcher.h"
#include "objects.h"

static uint64_t arg(const struct dispatcher *d, unsigned i)
{
    return hal_context_arg(&d->context, i);
}

uint64_t irq_table_bytes(void)
{
    return hal_irq_lines() * sizeof(struct irq_line);
}

void irq_table_init(struct irq_table *t, void *memory)
{
    t->lines = memory;
    t->count = hal_irq_lines();
    list_init(&t->bound);
}

void irq_fired(struct core *core, uint32_t line)
{
    if (line < core->irqs.count && core->irqs.lines[line].dispatcher != NULL) {
        dispatcher_notify(core, core->irqs.lines[line].dispatcher, core->irqs.lines[line].bit);
    }
}

static void unbind(struct core *core, struct irq_line *l)
{
    hal_irq_mask((uint32_t)(l - core->irqs.lines));
    list_remove(&l->node);
    l->dispatcher = NULL;
}

static err_t bind(struct core *core, const struct dispatcher *d, const struct cap_slot *irq,
                  struct irq_line *l)
{
    struct dispatcher *told;
    err_t e = dispatcher_find_told(core, d, 2, &told);

    if (err_ok(e) && l->dispatcher != NULL) {
        e = err_make(ERR_EXISTS, 0);
    }
    if (!err_ok(e)) {
        return e;
    }
    l->dispatcher = told;
    l->bit = (uint32_t)arg(d, 3);
    l->generation = irq->generation;
    l->base = irq->base;
    l->size = irq->size;
    list_push_back(&core->irqs.bound, &l->node);
    return OK;
}

/* The line that argument 1 names, counted from the first one of the capability. */
static err_t find_line(struct core *core, const struct dispatcher *d, const struct cap_slot *irq,
                       struct irq_line **l)
{
    uint64_t first = irq->base - CAP_SPACE(CAP_SPACE_IRQ);

    if (!(irq->rights & CAP_WRITE)) {
        return err_make(ERR_CAP_MISSING_RIGHT, CAP_WRITE);
    }
    if (irq->owner != core->id) {
        return err_make(ERR_CAP_FOREIGN, irq->owner);
    }
    if (arg(d, 1) >= irq->size || first + arg(d, 1) >= core->irqs.count) {
        return err_make(ERR_OUT_OF_RANGE, arg(d, 1));
    }
    *l = &core->irqs.lines[first + arg(d, 1)];
    return OK;
}

err_t irq_invoke(struct core *core, struct dispatcher *d, const struct cap_ref *target, uint32_t operation)
{
    struct irq_line *l;
    err_t e = find_line(core, d, target->slot, &l);

    if (!err_ok(e)) {
        return e;
    }
    if (operation == IRQ_BIND) {
        return bind(core, d, target->slot, l);
    }
    if (operation != IRQ_ACK && operation != IRQ_UNBIND) {
        return err_make(ERR_CAP_ILLEGAL_INVOCATION, operation);
    }
    if (l->dispatcher == NULL) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    if (operation == IRQ_UNBIND) {
        unbind(core, l);
    } else {
        hal_irq_unmask((uint32_t)(l - core->irqs.lines));
    }
    return OK;
}

void irq_forget_dispatcher(struct core *core, const struct dispatcher *d)
{
    LIST_FOREACH_SAFE(node, &core->irqs.bound)
    {
        struct irq_line *l = CONTAINER_OF(node, struct irq_line, node);

        if (l->dispatcher == d) {
            unbind(core, l);
        }
    }
}

void irq_forget_cap(struct core *core, const struct cap_slot *irq)
{
    LIST_FOREACH_SAFE(node, &core->irqs.bound)
    {
        struct irq_line *l = CONTAINER_OF(node, struct irq_line, node);

        if (l->base == irq->base && l->size == irq->size && l->generation == irq->generation) {
            unbind(core, l);
        }
    }
}
