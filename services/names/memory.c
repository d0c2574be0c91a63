/* SPDX-License-Identifier: MIT */
#include "memory.h"
#include <mudskipper/rpc/heap.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/heap.h>
#include <mudskipper/vspace/self.h>
#include "core_rpc.h"
#include "server.h"

#define HEAP_BYTES ((uint64_t)32 << 20) /* of addresses: for 100,000 names */

struct rpc_channel memory_core_server;
static struct self_heap heap;

/* The call fits one message each way and needs no memory itself. */
static err_t heap_ram(void *context, uint64_t bytes, cptr_t slot)
{
    cptr_t ram;
    err_t e = core_alloc(&memory_core_server, bytes, &ram);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    e = cap_move(ram, slot);
    slot_delete(ram);
    return e;
}

static err_t table_ram(void *context, uint64_t bytes, cptr_t *slot)
{
    (void)context;
    return core_alloc(&memory_core_server, bytes, slot);
}

err_t memory_init(void)
{
    static const struct space_ops ops = {.ram = table_ram};
    static struct rpc_lmp_link link;
    err_t e;

    names.memory = rpc_memory_of(&heap.heap);
    rpc_lmp_link_init(&link, SLOT_INIT, &names.memory, &rpc_own_slots);
    memory_core_server = rpc_channel_of(&link.link);
    e = self_init(&ops, NULL);
    return err_ok(e) ? self_heap_init(&heap, HEAP_BYTES, heap_ram, NULL) : e;
}
