/* SPDX-License-Identifier: MIT */
#include "notify.h"
#include <mudskipper/abi/syscall.h>
#include "core.h"
#include "dispatcher.h"
#include "objects.h"

uint64_t notify_table_bytes(void)
{
    return CAP_NOTIFY_CHANNELS * sizeof(struct channel);
}

void notify_table_init(struct notify_table *t, void *memory)
{
    t->channels = memory;
}

static void tell(void *context, unsigned number)
{
    struct core *core = context;
    const struct channel *c = &core->notify.channels[number];

    if (c->dispatcher != NULL) {
        dispatcher_notify(core, c->dispatcher, c->bit);
    }
}

void notify_take(struct core *core)
{
    wakeup_take(&core->wakeups[core->id], tell, core);
}

static void signal(struct core *core, coreid_t to, unsigned channel)
{
    if (to == core->id) {
        tell(core, channel);
    } else {
        wakeup_signal(&core->wakeups[to], to, channel);
    }
}

err_t notify_core(struct core *core, uint64_t other)
{
    if (other >= core->info->cores) {
        return err_make(ERR_OUT_OF_RANGE, other);
    }
    signal(core, (coreid_t)other, core->id);
    return OK;
}

static uint64_t channel_number(const struct cap_slot *notify)
{
    return notify->base & (CAP_KERNEL_NOTIFY - 1);
}

static void unbind(struct channel *c)
{
    list_remove(&c->node);
    c->dispatcher = NULL;
}

static err_t bind(struct core *core, const struct dispatcher *d, struct channel *c)
{
    struct dispatcher *told;
    err_t e = dispatcher_find_told(core, d, 1, &told);

    if (err_ok(e) && c->dispatcher != NULL) {
        e = err_make(ERR_EXISTS, 0);
    }
    if (err_ok(e)) {
        c->dispatcher = told;
        c->bit = (uint32_t)hal_context_arg(&d->context, 2);
        list_push_back(&told->channels, &c->node);
    }
    return e;
}

static err_t bind_or_unbind(struct core *core, const struct dispatcher *d, const struct cap_slot *notify,
                            bool is_bind)
{
    struct channel *c;

    if (!(notify->rights & CAP_READ)) {
        return err_make(ERR_CAP_MISSING_RIGHT, CAP_READ);
    }
    if (notify->owner != core->id) {
        return err_make(ERR_CAP_FOREIGN, notify->owner);
    }
    c = &core->notify.channels[channel_number(notify)];
    if (is_bind) {
        return bind(core, d, c);
    }
    if (c->dispatcher == NULL) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    unbind(c);
    return OK;
}

err_t notify_invoke(struct core *core, struct dispatcher *d, const struct cap_ref *target, uint32_t operation)
{
    const struct cap_slot *notify = target->slot;

    switch (operation) {
    case NOTIFY_SIGNAL:
        if (!(notify->rights & CAP_WRITE)) {
            return err_make(ERR_CAP_MISSING_RIGHT, CAP_WRITE);
        }
        signal(core, notify->owner, (unsigned)channel_number(notify));
        return OK;
    case NOTIFY_BIND:
    case NOTIFY_UNBIND:
        return bind_or_unbind(core, d, notify, operation == NOTIFY_BIND);
    default:
        return err_make(ERR_CAP_ILLEGAL_INVOCATION, operation);
    }
}

void notify_forget_dispatcher(struct dispatcher *d)
{
    LIST_FOREACH_SAFE(node, &d->channels)
    {
        unbind(CONTAINER_OF(node, struct channel, node));
    }
}

void notify_forget_cap(struct core *core, const struct cap_slot *notify)
{
    struct channel *c = &core->notify.channels[channel_number(notify)];

    if (c->dispatcher != NULL) {
        unbind(c);
    }
}
