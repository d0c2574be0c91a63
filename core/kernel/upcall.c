/* SPDX-License-Identifier: MIT */
#include "upcall.h"
#include "dispatcher.h"

/* Words of the user part that the process may change at any time: read once. */
static vaddr_t read_word(const vaddr_t *word)
{
    return *(const volatile vaddr_t *)word;
}

static void write_disabled(struct dispatcher_user *user, uint32_t disabled)
{
    *(volatile uint32_t *)&user->disabled = disabled;
}

/* The user part while upcalls are enabled. */
static struct dispatcher_user *enabled(const struct dispatcher *d)
{
    struct dispatcher_user *user = dispatcher_user(d);

    return user != NULL && *(const volatile uint32_t *)&user->disabled == 0 ? user : NULL;
}

static void enter(struct dispatcher *d, struct dispatcher_user *user, vaddr_t entry,
                  enum save_area_index save)
{
    hal_context_save(&d->context, &user->save[save]);
    write_disabled(user, 1);
    hal_context_enter(&d->context, entry, read_word(&user->stack), read_word(&user->self));
}

static bool something_came(const struct dispatcher *d, const struct dispatcher_user *user)
{
    return !list_empty(&d->answers) || !list_empty(&d->requests) || user->notify_summary != 0 ||
           (d->slice_over && dispatcher_wants_slices(d));
}

void upcall_run(struct dispatcher *d)
{
    struct dispatcher_user *user = enabled(d);
    vaddr_t entry;

    if (user == NULL || !something_came(d, user)) {
        return;
    }
    entry = read_word(&user->run);
    if (entry != 0) {
        d->slice_over = false;
        enter(d, user, entry, SAVE_ENABLED);
    }
}

bool upcall_fault(struct dispatcher *d, const struct fault_record *record)
{
    struct dispatcher_user *user = enabled(d);
    vaddr_t entry;

    if (user == NULL) {
        return false;
    }
    entry = read_word(&user->fault);
    if (entry == 0) {
        return false;
    }
    user->record = *record;
    enter(d, user, entry, SAVE_TRAP);
    return true;
}

err_t upcall_resume(struct dispatcher *d, uint64_t save_area)
{
    struct dispatcher_user *user = dispatcher_user(d);

    if (save_area >= SAVE_AREAS) {
        return err_make(ERR_OUT_OF_RANGE, save_area);
    }
    if (user == NULL) {
        return err_make(ERR_BAD_BUFFER, 0);
    }
    hal_context_load(&d->context, &user->save[save_area]);
    write_disabled(user, 0);
    return OK;
}
