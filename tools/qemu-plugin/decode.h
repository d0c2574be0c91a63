/* SPDX-License-Identifier: MIT */
/* What the plugin has to know of an A64 instruction. */
#ifndef QEMU_PLUGIN_DECODE_H
#define QEMU_PLUGIN_DECODE_H

#include <stdbool.h>
#include <stdint.h>

enum kind {
    KIND_PLAIN, /* computes in general registers: cannot fault, goes on at the next one */
    KIND_LAST,  /* may fault, or goes on elsewhere */
    KIND_MARK_BEGIN,
    KIND_MARK_END,
    KIND_MARK_NEXT,
    KIND_ERET,
    KIND_WAIT,        /* wfi */
    KIND_TAKE,        /* reads which interrupt is pending: one that waited is served from here */
    KIND_OPEN,        /* msr daifclr, with the bit of interrupts */
    KIND_MASK,        /* msr daifset, the same */
    KIND_MASK_UNSEEN, /* msr daif, xN: what it does cannot be seen */
};

/* The kinds that need to be told from all others when they run. */
static inline bool kind_is_special(enum kind kind)
{
    return kind >= KIND_MARK_BEGIN;
}

enum kind decode(uint32_t insn);

#endif
