/* SPDX-License-Identifier: MIT */
/* What both shapes do with a line. A copy of a size that the compiler knows costs a tenth of another one, and
 * a line is there in a few nanoseconds. */
#ifndef MUDSKIPPER_MSG_LINE_H
#define MUDSKIPPER_MSG_LINE_H

#include <stdatomic.h>
#include <mudskipper/msg/ump.h>
#include <mudskipper/pure/bytes.h>

#define CONTROL_TURN_SHIFT 16
#define CONTROL_TAG_SHIFT  8
#define TURN_MASK          (UINT64_MAX >> CONTROL_TURN_SHIFT)

static inline uint64_t line_control(uint64_t turn, uint8_t tag, unsigned bytes)
{
    return turn << CONTROL_TURN_SHIFT | (uint64_t)tag << CONTROL_TAG_SHIFT | bytes;
}

/* The control word goes last. */
static inline void line_write(struct ump_line *line, const void *payload, unsigned bytes, uint64_t control)
{
    if (bytes == UMP_PAYLOAD) {
        mem_copy(line->payload, payload, UMP_PAYLOAD);
    } else {
        mem_copy(line->payload, payload, bytes);
    }
    atomic_store_explicit(&line->control, control, memory_order_release);
}

static inline uint64_t line_look(const struct ump_line *line)
{
    return atomic_load_explicit(&line->control, memory_order_acquire);
}

/* Copies what is there, into room for all a line can hold. False: it lies about its length. */
static inline bool line_read(const struct ump_line *line, uint64_t control, void *payload, unsigned *bytes,
                             uint8_t *tag)
{
    *bytes = (uint8_t)control;
    *tag = (uint8_t)(control >> CONTROL_TAG_SHIFT);
    if (*bytes > UMP_PAYLOAD) {
        return false;
    }
    mem_copy(payload, line->payload, UMP_PAYLOAD);
    return true;
}

/* The words of the handshake are never changed otherwise. Whether it was set. */
static inline bool line_change(_Atomic uint64_t *word, uint64_t to)
{
    return atomic_exchange_explicit(word, to, memory_order_acq_rel) != 0;
}

#endif
