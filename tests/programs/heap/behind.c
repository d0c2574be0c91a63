/* SPDX-License-Identifier: MIT */
/* Writes one byte behind a block of its heap. */
#include "../alone.h"

int main(void)
{
    alone_begin();

    volatile unsigned char *block = heap_malloc(alone_heap(), 21);

    if (block == NULL) {
        return 2;
    }
    block[21] = 7;
    return 0;
}
