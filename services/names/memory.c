/* SPDX-License-Identifier: MIT */
#include "memory.h"
#include <mudskipper/rpc/heap.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/vspace/heap.h>
#include "server.h"

struct rpc_channel memory_core_server;

err_t memory_init(void)
{
    static struct rpc_lmp_link link;
    struct heap *heap = process_heap();

    if (heap == NULL) {
        return err_make(ERR_NO_MEMORY, 0);
    }
    names.memory = rpc_memory_of(heap);
    rpc_lmp_link_init(&link, SLOT_INIT, &names.memory, &rpc_own_slots);
    memory_core_server = rpc_channel_of(&link.link);
    return OK;
}
