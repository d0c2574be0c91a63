/* SPDX-License-Identifier: MIT */
#include <mudskipper/rpc/slots.h>
#include <mudskipper/rt/cap.h>

static cptr_t take(void *context)
{
    struct rpc_slot_range *range = context;
    size_t i;

    mutex_lock(&range->mutex);
    i = bitmap_find_clear(range->used, range->count, 0);
    if (i != BITMAP_NONE) {
        bitmap_set(range->used, i);
    }
    mutex_unlock(&range->mutex);
    return i != BITMAP_NONE ? range->first + (cptr_t)i : CPTR_NULL;
}

/* A capability that cannot be deleted keeps its slot. */
static void give(void *context, cptr_t slot)
{
    struct rpc_slot_range *range = context;
    err_t e = cap_delete(slot);

    if (err_ok(e) || err_is(e, ERR_CAP_EMPTY_SLOT)) {
        mutex_lock(&range->mutex);
        bitmap_clear(range->used, slot - range->first);
        mutex_unlock(&range->mutex);
    }
}

static err_t copy(void *context, cptr_t from, cptr_t to)
{
    (void)context;
    return cap_copy(from, to);
}

void rpc_slot_range_init(struct rpc_slot_range *range, cptr_t first, size_t count, uint64_t *used)
{
    range->slots = (struct rpc_slots){.take = take, .give = give, .copy = copy, .context = range};
    mutex_init(&range->mutex);
    range->used = used;
    range->first = first;
    range->count = count;
}

size_t rpc_slot_range_used(struct rpc_slot_range *range)
{
    size_t used;

    mutex_lock(&range->mutex);
    used = bitmap_count(range->used, range->count);
    mutex_unlock(&range->mutex);
    return used;
}
