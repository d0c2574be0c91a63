/* SPDX-License-Identifier: MIT */
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>

static cptr_t take(void *context)
{
    cptr_t slot;

    (void)context;
    return err_ok(slot_alloc(&slot)) ? slot : CPTR_NULL;
}

static void give(void *context, cptr_t slot)
{
    (void)context;
    slot_delete(slot);
}

static err_t copy(void *context, cptr_t from, cptr_t to)
{
    (void)context;
    return cap_copy(from, to);
}

const struct rpc_slots rpc_own_slots = {.take = take, .give = give, .copy = copy};
