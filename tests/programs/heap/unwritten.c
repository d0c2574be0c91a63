/* SPDX-License-Identifier: MIT */
/* Decides by a word of its heap that it has never written. */
#include <mudskipper/rt/process.h>
#include "../alone.h"

int main(void)
{
    alone_begin();

    volatile uint64_t *block = heap_malloc(alone_heap(), 8 * sizeof(*block));

    if (block == NULL) {
        return 2;
    }
    if (block[3] == 77) {
        rt_log("what luck\n");
    }
    return 0;
}
