/* SPDX-License-Identifier: MIT */
/* Where the shell's memory comes from: its caller. Nothing here has a fixed length; whoever asks is told when
 * there is no more. */
#ifndef SHELL_MEMORY_H
#define SHELL_MEMORY_H

#include <mudskipper/abi/types.h>

struct memory {
    /* As realloc: `block` may be NULL. bytes 0 frees and returns NULL. NULL for bytes > 0: there is no
     * memory, and `block` stays as it is. */
    void *(*resize)(void *context, void *block, size_t bytes);
    void *context;
};

static inline void *memory_resize(const struct memory *memory, void *block, size_t bytes)
{
    return memory->resize(memory->context, block, bytes);
}

static inline void memory_free(const struct memory *memory, void *block)
{
    if (block) {
        memory->resize(memory->context, block, 0);
    }
}

#endif
