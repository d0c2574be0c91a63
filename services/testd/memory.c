/* SPDX-License-Identifier: MIT */
#include "memory.h"
#include <mudskipper/heap/heap.h>
#include <mudskipper/rt/thread.h>

#define HEAP_BYTES (512u << 10) /* the manifest, and writes of more than one part */

static struct heap heap;
static struct mutex mutex;
static _Alignas(PAGE_SIZE) unsigned char memory[HEAP_BYTES];

static void lock(void *context)
{
    (void)context;
    mutex_lock(&mutex);
}

static void unlock(void *context)
{
    (void)context;
    mutex_unlock(&mutex);
}

static const struct heap_ops operations = {.lock = lock, .unlock = unlock};

err_t memory_init(void)
{
    mutex_init(&mutex);
    return heap_init(&heap, &operations, NULL, NULL, memory, sizeof(memory));
}

void *memory_get(size_t bytes)
{
    return heap_malloc(&heap, bytes);
}

void memory_free(void *block)
{
    heap_free(&heap, block);
}

static void *allocate(void *context, size_t bytes)
{
    (void)context;
    return memory_get(bytes);
}

static void release(void *context, void *block, size_t bytes)
{
    (void)context;
    (void)bytes;
    memory_free(block);
}

const struct rpc_memory memory_of_calls = {allocate, release, NULL};
