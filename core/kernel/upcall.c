/* SPDX-License-Identifier: MIT */
#include "upcall.h"
#include "dispatcher.h"

static void enter(struct dispatcher *d, vaddr_t entry, enum save_area_index save)
{
    hal_context_save(&d->context, &d->user->save[save]);
    *(volatile uint32_t *)&d->user->disabled = 1;
    hal_context_enter(&d->context, entry, *(volatile vaddr_t *)&d->user->stack,
                      *(volatile vaddr_t *)&d->user->self);
}

static bool enabled(const struct dispatcher *d)
{
    return d->user != NULL && *(const volatile uint32_t *)&d->user->disabled == 0;
}

void upcall_run(struct dispatcher *d)
{
    vaddr_t entry;

    if (!enabled(d) || (list_empty(&d->answers) && list_empty(&d->requests) && d->user->notify_summary == 0 &&
                        !(d->slice_over && dispatcher_wants_slices(d)))) {
        return;
    }
    entry = *(volatile vaddr_t *)&d->user->run;
    if (entry != 0) {
        d->slice_over = false;
        enter(d, entry, SAVE_ENABLED);
    }
}

bool upcall_fault(struct dispatcher *d, const struct hal_trap *trap)
{
    vaddr_t entry;

    if (!enabled(d)) {
        return false;
    }
    entry = *(volatile vaddr_t *)&d->user->fault;
    if (entry == 0) {
        return false;
    }
    d->user->record = (struct fault_record){
        .kind = trap->kind,
        .access = trap->access,
        .address = trap->address,
        .pc = hal_context_pc(&d->context),
        .sp = hal_context_sp(&d->context),
    };
    enter(d, entry, SAVE_TRAP);
    return true;
}

err_t upcall_resume(struct dispatcher *d, uint64_t save_area)
{
    if (save_area >= SAVE_AREAS) {
        return err_make(ERR_OUT_OF_RANGE, save_area);
    }
    if (d->user == NULL) {
        return err_make(ERR_BAD_BUFFER, 0);
    }
    hal_context_load(&d->context, &d->user->save[save_area]);
    *(volatile uint32_t *)&d->user->disabled = 0;
    return OK;
}
