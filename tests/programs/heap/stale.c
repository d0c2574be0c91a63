/* SPDX-License-Identifier: MIT */
/* Reads a block of its heap that it has freed: what an address checker is for. */
#include "../alone.h"

int main(void)
{
    alone_begin();

    struct heap *heap = alone_heap();
    volatile uint64_t *block = heap_malloc(heap, 8 * sizeof(*block));

    if (block == NULL) {
        return 2;
    }
    block[3] = 7;
    heap_free(heap, (void *)block);
    return block[3] == 0 ? 3 : 0;
}
