/* SPDX-License-Identifier: MIT */
/* The shell's memory is the process's heap. */
#include "system_core.h"

#include <mudskipper/vspace/heap.h>

static struct heap *heap;

err_t system_memory_init(void)
{
    heap = process_heap();
    return heap != NULL ? OK : err_make(ERR_NO_MEMORY, 0);
}

static void *resize(void *context, void *block, size_t bytes)
{
    (void)context;
    if (bytes == 0) {
        heap_free(heap, block);
        return NULL;
    }
    return heap_realloc(heap, block, bytes);
}

const struct memory system_memory = {.resize = resize};

static void *allocate(void *context, size_t bytes)
{
    (void)context;
    return heap_malloc(heap, bytes);
}

static void release(void *context, void *block, size_t bytes)
{
    (void)context;
    (void)bytes;
    heap_free(heap, block);
}

const struct rpc_memory system_memory_of_calls = {.allocate = allocate, .release = release};
