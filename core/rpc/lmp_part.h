/* SPDX-License-Identifier: MIT */
/* A part is a message of the kernel. */
#ifndef MUDSKIPPER_RPC_LMP_PART_H
#define MUDSKIPPER_RPC_LMP_PART_H

#include <mudskipper/pure/bytes.h>
#include <mudskipper/rpc/wire.h>
#include <mudskipper/rt/message.h>

CLAIM(a_part_fills_a_message, RPC_PART_WORDS == SYS_WORDS);

static inline void message_of_part(struct rt_message *m, const struct rpc_part *part)
{
    m->length = part->length;
    m->cap = part->cap;
    mem_copy(m->words, part->words, sizeof(m->words)); /* a fixed size is faster than the right one */
}

static inline void part_of_message(struct rpc_part *part, const struct rt_message *m)
{
    part->length = m->length;
    part->cap = m->cap;
    part->cap_error = OK;
    mem_copy(part->words, m->words, sizeof(m->words));
}

#endif
