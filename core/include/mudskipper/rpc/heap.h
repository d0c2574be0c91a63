/* SPDX-License-Identifier: MIT */
#ifndef MUDSKIPPER_RPC_HEAP_H
#define MUDSKIPPER_RPC_HEAP_H

#include <mudskipper/heap/heap.h>
#include <mudskipper/rpc/message.h>

/* Memory for messages from a heap, which stays as long as they do; as thread-safe as the heap. */
struct rpc_memory rpc_memory_of(struct heap *heap);

#endif
