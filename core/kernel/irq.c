/* SPDX-License-Identifier: MIT */
#include "irq.h"
#include <mudskipper/cap/operations.h>
#include <mudskipper/hal/irq.h>
#include "core.h"
#include "dispatcher.h"
#include "message.h"

#define NOTIFY_BITS (DISPATCHER_NOTIFY_WORDS * 64u)

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

/* Sets the bit first, its summary then: who reads the summary first misses nothing. */
static void notify(struct core *core, struct dispatcher *d, uint32_t bit)
{
    struct dispatcher_user *user = dispatcher_user(d);

    if (user != NULL) {
        user->notify[bit / 64] |= (uint64_t)1 << bit % 64;
        user->notify_summary |= (uint64_t)1 << bit / 64;
        message_notify(core, d);
    }
}

void irq_fired(struct core *core, uint32_t line)
{
    if (line < core->irqs.count && core->irqs.lines[line].dispatcher != NULL) {
        notify(core, core->irqs.lines[line].dispatcher, core->irqs.lines[line].bit);
    }
}

static void unbind(struct core *core, struct irq_line *l)
{
    hal_irq_mask((uint32_t)(l - core->irqs.lines));
    list_remove(&l->node);
    l->dispatcher = NULL;
}

/* Who is to be told: argument 2. */
static err_t find_dispatcher(struct core *core, const struct dispatcher *d, struct dispatcher **found)
{
    struct cap_ref ref;
    err_t e = cap_lookup_source(&core->caps, &d->slots[HELD_ROOT], (cptr_t)arg(d, 2), CAP_LEVEL_SLOT, &ref);

    if (err_ok(e) && ref.slot->type != CAP_TYPE_DISPATCHER) {
        e = err_make(ERR_CAP_WRONG_TYPE, ref.address);
    }
    if (err_ok(e) && !(ref.slot->rights & CAP_WRITE)) {
        e = err_make(ERR_CAP_MISSING_RIGHT, CAP_WRITE);
    }
    if (err_ok(e)) {
        *found = dispatcher_of(ref.slot);
    }
    return err_push(e, ERR_WHILE_SOURCE);
}

static err_t bind(struct core *core, const struct dispatcher *d, const struct cap_slot *irq,
                  struct irq_line *l)
{
    struct dispatcher *told;
    err_t e = find_dispatcher(core, d, &told);

    if (!err_ok(e)) {
        return e;
    }
    if (arg(d, 3) >= NOTIFY_BITS) {
        return err_make(ERR_BAD_ARGUMENT, 3);
    }
    if (l->dispatcher != NULL) {
        return err_make(ERR_EXISTS, 0);
    }
    if (told->state == DISPATCHER_DEAD || dispatcher_user(told) == NULL) {
        return err_make(ERR_PROC_NOT_RUNNABLE, 0);
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
