/* SPDX-License-Identifier: MIT */
#include <mudskipper/rpc/heap.h>

static void *allocate(void *heap, size_t bytes)
{
    return heap_malloc(heap, bytes);
}

static void release(void *heap, void *block, size_t bytes)
{
    (void)bytes;
    heap_free(heap, block);
}

struct rpc_memory rpc_memory_of(struct heap *heap)
{
    return (struct rpc_memory){.allocate = allocate, .release = release, .context = heap};
}
