/* SPDX-License-Identifier: MIT */
/* Uses blocks of its heap as one should, each size class and each way of making and changing them. */
#include <mudskipper/pure/bytes.h>
#include "../alone.h"

static bool holds(const unsigned char *block, size_t bytes, unsigned char what)
{
    for (size_t i = 0; i < bytes; i++) {
        if (block[i] != what) {
            return false;
        }
    }
    return true;
}

static bool use(struct heap *heap, size_t bytes)
{
    unsigned char *written = heap_malloc(heap, bytes);
    unsigned char *zero = heap_calloc(heap, 1, bytes);
    bool good = written != NULL && zero != NULL && holds(zero, bytes, 0);

    if (!good) {
        return false;
    }
    mem_set(written, 5, bytes);
    written = heap_realloc(heap, written, 2 * bytes);
    good = written != NULL && holds(written, bytes, 5);
    mem_set(written + bytes, 6, bytes);
    good = good && holds(written + bytes, bytes, 6);
    written = heap_realloc(heap, written, bytes / 2);
    good = good && holds(written, bytes / 2, 5);
    heap_free(heap, zero);
    heap_free(heap, written);
    return good;
}

int main(void)
{
    alone_begin();
    for (size_t bytes = 1; bytes < 200000; bytes += bytes / 3 + 1) {
        if (!use(alone_heap(), bytes) || !use(alone_heap(), bytes)) {
            return 1;
        }
    }
    return heap_validate(alone_heap(), NULL, NULL) == 0 ? 0 : 1;
}
