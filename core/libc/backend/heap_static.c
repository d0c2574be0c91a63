/* SPDX-License-Identifier: MIT */
/* A heap that is part of the program, for a process that cannot ask for memory. */
#include <mudskipper/libc/backend.h>

#define HEAP_BYTES (1024 * 1024)

static _Alignas(16) char heap[HEAP_BYTES];
static size_t used;

/* Memory given back is cleared, so that it is zero when it is handed out again. */
void *libc_backend_heap_move(ptrdiff_t bytes)
{
    size_t before = used;

    if (bytes < 0 ? -(size_t)bytes > used : (size_t)bytes > HEAP_BYTES - used) {
        return NULL;
    }
    used = before + (size_t)bytes;
    for (size_t i = used; i < before; i++) {
        heap[i] = 0;
    }
    return heap + before;
}
