/* SPDX-License-Identifier: MIT */
#include <mudskipper/libc/backend.h>
#include <mudskipper/libc/start.h>
#include <reent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "thread.h"

int main(int argc, char **argv, char **envp);

/* newlib: stdio's tables; .init_array and .fini_array. */
void __sinit(struct _reent *reent);
void __libc_init_array(void);
void __libc_fini_array(void);

extern char **environ;

/* Copies a table of strings out of the start block, which is read-only, while C lets a program change its
 * arguments. One piece of memory: count + 1 pointers, then the bytes. */
static char **copy_strings(const struct start_block *start, uint32_t table, uint32_t count)
{
    const uint32_t *offsets = (const void *)((const char *)start + table);
    size_t bytes = 0;

    for (uint32_t i = 0; i < count; i++) {
        bytes += strlen((const char *)start + offsets[i]) + 1;
    }
    char **strings = malloc((count + 1) * sizeof(*strings) + bytes);
    if (strings == NULL) {
        libc_backend_exit(EXIT_FAILURE);
    }
    char *to = (char *)(strings + count + 1);

    for (uint32_t i = 0; i < count; i++) {
        const char *from = (const char *)start + offsets[i];
        size_t length = strlen(from) + 1;

        strings[i] = memcpy(to, from, length);
        to += length;
    }
    strings[count] = NULL;
    return strings;
}

uint32_t rt_main(const struct start_block *start)
{
    libc_backend_at_thread_end(libc_thread_end);

    /* exit() flushes through the first thread's structure, which may never have printed. */
    __sinit(_GLOBAL_REENT);

    char **argv = copy_strings(start, start->argv, start->argc);

    environ = copy_strings(start, start->envp, start->envc);
    atexit(__libc_fini_array);
    __libc_init_array();
    exit(main((int)start->argc, argv, environ));
}

void _exit(int code)
{
    libc_backend_exit(code);
}
