/* SPDX-License-Identifier: MIT */
#include "test_memory.h"

#include <stdlib.h>

static size_t blocks;
static size_t refuse_in;
static bool refused;

static void *resize(void *context, void *block, size_t bytes)
{
    (void)context;
    if (bytes == 0) {
        blocks -= block ? 1 : 0;
        free(block);
        return NULL;
    }
    if (refuse_in > 0 && --refuse_in == 0) {
        refused = true;
        return NULL;
    }
    void *fresh = realloc(block, bytes);
    if (!fresh) {
        abort();
    }
    blocks += block ? 0 : 1;
    return fresh;
}

const struct memory test_memory = {.resize = resize};

size_t test_memory_blocks(void)
{
    return blocks;
}

void test_memory_refuse(size_t nth)
{
    refuse_in = nth;
    refused = false;
}

bool test_memory_refused(void)
{
    bool was = refused;

    refuse_in = 0;
    refused = false;
    return was;
}
