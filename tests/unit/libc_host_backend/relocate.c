/* SPDX-License-Identifier: MIT */
/* What the loader does for a program of ours, done by the program itself: RELATIVE relocations. Linux loads a
 * static-PIE file but leaves them alone. Runs before anything is relocated, so it touches no global through a
 * table. */
#include <stdint.h>
#include "relocate.h"

enum { DT_NULL = 0, DT_RELA = 7, DT_RELASZ = 8 };

struct dynamic {
    int64_t tag;
    uint64_t value;
};

struct rela {
    uint64_t offset;
    uint64_t info;
    int64_t addend;
};

extern const struct dynamic _DYNAMIC[] __attribute__((visibility("hidden")));
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

void relocate(void)
{
    uint64_t base = (uint64_t)__ehdr_start;
    uint64_t table = 0;
    uint64_t bytes = 0;

    for (const struct dynamic *entry = _DYNAMIC; entry->tag != DT_NULL; entry++) {
        if (entry->tag == DT_RELA) {
            table = entry->value;
        } else if (entry->tag == DT_RELASZ) {
            bytes = entry->value;
        }
    }
    const struct rela *rela = (const struct rela *)(base + table);

    for (uint64_t i = 0; i < bytes / sizeof(*rela); i++) {
        *(uint64_t *)(base + rela[i].offset) = base + (uint64_t)rela[i].addend;
    }
}
