/* SPDX-License-Identifier: MIT */
/* The shell's heap and page tables, of RAM that the core server gives. */
#include "system_core.h"

#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/heap.h>
#include <mudskipper/vspace/self.h>

#define HEAP_BYTES (64u << 20) /* of addresses */

static struct self_heap heap;

/* The call fits one message each way and needs no memory itself. */
static err_t heap_ram(void *context, uint64_t bytes, cptr_t slot)
{
    cptr_t ram;
    err_t e = core_alloc(&system_core_server, bytes, &ram);

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
    return core_alloc(&system_core_server, bytes, slot);
}

err_t system_memory_init(void)
{
    static const struct space_ops ops = {.ram = table_ram};
    err_t e = self_init(&ops, NULL);

    return err_ok(e) ? self_heap_init(&heap, HEAP_BYTES, heap_ram, NULL) : e;
}

static void *resize(void *context, void *block, size_t bytes)
{
    (void)context;
    if (bytes == 0) {
        heap_free(&heap.heap, block);
        return NULL;
    }
    return heap_realloc(&heap.heap, block, bytes);
}

const struct memory system_memory = {.resize = resize};

static void *allocate(void *context, size_t bytes)
{
    (void)context;
    return heap_malloc(&heap.heap, bytes);
}

static void release(void *context, void *block, size_t bytes)
{
    (void)context;
    (void)bytes;
    heap_free(&heap.heap, block);
}

const struct rpc_memory system_memory_of_calls = {.allocate = allocate, .release = release};
