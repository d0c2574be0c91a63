/* SPDX-License-Identifier: MIT */
/* The C library's blocks are those of the process's heap. */
#include <mudskipper/libc/backend.h>
#include <mudskipper/vspace/heap.h>

void *libc_backend_allocate(size_t alignment, size_t bytes, bool zero)
{
    struct heap *heap = process_heap();

    if (heap == NULL) {
        return NULL;
    }
    if (zero) {
        return heap_calloc(heap, 1, bytes);
    }
    return alignment > HEAP_ALIGNMENT ? heap_memalign(heap, alignment, bytes) : heap_malloc(heap, bytes);
}

void *libc_backend_resize(void *block, size_t bytes)
{
    return heap_realloc(process_heap(), block, bytes);
}

void libc_backend_release(void *block)
{
    heap_free(process_heap(), block);
}

size_t libc_backend_usable(void *block)
{
    return heap_usable_size(process_heap(), block);
}
