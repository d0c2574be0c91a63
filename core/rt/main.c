/* SPDX-License-Identifier: MIT */
/* rt_main of programs without a C library; the linker takes this file only when nothing else has it. */
#include <mudskipper/libc/start.h>

int main(int argc, char **argv);

uint32_t rt_main(const struct start_block *start)
{
    const uint32_t *offsets = (const void *)((const char *)start + start->argv);
    char *argv[start->argc + 1];

    for (uint32_t i = 0; i < start->argc; i++) {
        argv[i] = (char *)start + offsets[i];
    }
    argv[start->argc] = NULL;
    return (uint32_t)main((int)start->argc, argv);
}
