/* SPDX-License-Identifier: MIT */
/* Straight pieces of the machine's code, each of which runs whole or not at all: they end at the first
 * instruction that may fault or go on elsewhere. So counts are exact where those of QEMU's translation blocks
 * are not: a block that faults half-way has not run. */
#ifndef QEMU_PLUGIN_BLOCK_H
#define QEMU_PLUGIN_BLOCK_H

#include <stdint.h>
#include "decode.h"

/* What one processor has done with a block. */
struct block_run {
    uint64_t count;   /* times run */
    uint64_t stretch; /* the stretch with interrupts off that `in_stretch` belongs to */
    uint64_t in_stretch;
};

struct block {
    struct block *next; /* of one bucket */
    uint64_t address;   /* virtual */
    uint64_t page;      /* hash of the page it lies in: tells programs at one address apart; 0: not known */
    uint32_t insns;
    enum kind kind;          /* of its only instruction, when that is special; KIND_LAST otherwise */
    struct block_run runs[]; /* by processor */
};

/* The block that is described so; made when there is none. Any thread. */
struct block *block_find(uint64_t address, uint64_t page, uint32_t insns, enum kind kind);

/* Called when a block begins to run, where only that is to be counted. */
void block_ran(unsigned processor, void *block);

/* For all there are; nothing runs meanwhile. */
void block_each(void (*visit)(const struct block *block, void *context), void *context);

/* Once, before anything else. */
void block_setup(unsigned processors);

/* What tells a page from others, of its 512 words; never 0. */
uint64_t page_hash(const void *bytes_in_page);

#endif
