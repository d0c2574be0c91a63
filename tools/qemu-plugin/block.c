/* SPDX-License-Identifier: MIT */
#include "block.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define BUCKETS    65536u
#define PAGE_BYTES 4096u

static struct block *buckets[BUCKETS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned processors;

void block_setup(unsigned count)
{
    processors = count;
}

static struct block *make(struct block **bucket, const struct block *like)
{
    struct block *b = calloc(1, sizeof(*b) + processors * sizeof(b->runs[0]));

    if (b == NULL) {
        fprintf(stderr, "msk plugin: this host has no memory left for counting\n");
        abort();
    }
    *b = *like;
    b->next = *bucket;
    *bucket = b;
    return b;
}

struct block *block_find(uint64_t address, uint64_t page, uint32_t insns, enum kind kind)
{
    struct block like = {.address = address, .page = page, .insns = insns, .kind = kind};
    struct block **bucket = &buckets[(address >> 2 ^ page) % BUCKETS];
    struct block *b;

    pthread_mutex_lock(&mutex);
    for (b = *bucket; b != NULL; b = b->next) {
        if (b->address == address && b->page == page && b->insns == insns && b->kind == kind) {
            break;
        }
    }
    if (b == NULL) {
        b = make(bucket, &like);
    }
    pthread_mutex_unlock(&mutex);
    return b;
}

void block_ran(unsigned processor, void *block)
{
    struct block *b = block;

    b->runs[processor].count++;
}

void block_each(void (*visit)(const struct block *block, void *context), void *context)
{
    for (unsigned i = 0; i < BUCKETS; i++) {
        for (const struct block *b = buckets[i]; b != NULL; b = b->next) {
            visit(b, context);
        }
    }
}

uint64_t page_hash(const void *bytes_in_page)
{
    const uint64_t *words = (const uint64_t *)((uintptr_t)bytes_in_page & ~(uintptr_t)(PAGE_BYTES - 1));
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (unsigned i = 0; i < PAGE_BYTES / sizeof(*words); i++) {
        hash = (hash ^ words[i]) * UINT64_C(0x100000001b3);
    }
    return hash | 1; /* never 0 */
}
