/* SPDX-License-Identifier: MIT */
#include "start_block.h"
#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/pure/bytes.h>

/* Writes one string and notes its offset. */
static uint32_t put_string(char *block, uint32_t at, const char *s, uint32_t *offset)
{
    uint32_t bytes = (uint32_t)str_length(s) + 1;

    *offset = at;
    mem_copy(block + at, s, bytes);
    return at + bytes;
}

static uint64_t string_bytes(unsigned count, const char *const *strings)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < count; i++) {
        bytes += str_length(strings[i]) + 1;
    }
    return bytes;
}

static bool is_named(const struct spawn_grant *g)
{
    return g->name != NULL;
}

uint64_t start_block_bytes(const struct spawn_request *r)
{
    uint64_t bytes = sizeof(struct start_block) + (r->argc + r->envc) * sizeof(uint32_t) +
                     string_bytes(r->argc, r->argv) + string_bytes(r->envc, r->envp);

    for (unsigned i = 0; i < r->grants_count; i++) {
        if (is_named(&r->grants[i])) {
            bytes += sizeof(struct start_cap) + str_length(r->grants[i].name) + 1;
        }
    }
    return bytes;
}

void start_block_write(const struct spawn_request *r, const cptr_t *slots, const struct start_block *fixed,
                       void *to)
{
    struct start_block *s = to;
    char *block = to;
    uint32_t *argv = (uint32_t *)(s + 1);
    uint32_t *envp = argv + r->argc;
    struct start_cap *caps = (struct start_cap *)(envp + r->envc);
    uint32_t named = 0;
    uint32_t at;

    for (unsigned i = 0; i < r->grants_count; i++) {
        named += is_named(&r->grants[i]);
    }
    at = (uint32_t)((char *)(caps + named) - block);
    *s = *fixed;
    s->magic = START_MAGIC;
    s->version = ABI_VERSION;
    s->argc = r->argc;
    s->argv = (uint32_t)((char *)argv - block);
    s->envc = r->envc;
    s->envp = (uint32_t)((char *)envp - block);
    s->capc = named;
    s->caps = (uint32_t)((char *)caps - block);
    for (unsigned i = 0; i < r->argc; i++) {
        at = put_string(block, at, r->argv[i], &argv[i]);
    }
    for (unsigned i = 0; i < r->envc; i++) {
        at = put_string(block, at, r->envp[i], &envp[i]);
    }
    for (unsigned i = 0; i < r->grants_count; i++) {
        if (is_named(&r->grants[i])) {
            at = put_string(block, at, r->grants[i].name, &caps->name);
            caps->slot = slots[i];
            caps++;
        }
    }
    s->bytes = at;
}
