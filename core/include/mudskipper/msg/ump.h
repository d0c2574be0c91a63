/* SPDX-License-Identifier: MIT */
/* UMP: messages between cores through shared memory. One ring, one writer, one reader, which share a Frame
 * and nothing else; pure: no system calls, no clock. After Barrelfish's UMP and FastForward. The other shape,
 * with the answer in the request's own line, is msg/ump_call.h.
 *
 *   +----------------+----------------+--------+--------+- - - -+--------+
 *   | reader's words | writer's words | line 0 | line 1 |       | line n |   64 bytes each; n+1 a power of
 * two
 *   +----------------+----------------+--------+--------+- - - -+--------+
 *     progress,        sleeping
 *     waiting
 *
 *   a line:  | payload, 56 bytes | control |
 *   control:  63           16 15     8 7      0
 *            +---------------+--------+--------+
 *            | turn          | tag    | bytes  |     turn: how many lines were written before, plus 1
 *            +---------------+--------+--------+
 *
 * The control word is written last and never cleared: a line is there when its turn is the one the reader
 * expects, so zeroed memory is an empty ring. Cursors are private to each side; the writer looks at the
 * reader's progress only when the ring seems full, the reader tells it once in an eighth of the ring.
 *
 * Sleeping: the writer stores a line, then exchanges `sleeping` for 0, and wakes if it was not; the reader
 * exchanges `sleeping` for 1, then looks for a line. Every change of that word is an exchange, so each sees
 * the one before it and what its maker did before: either the reader finds the line, or the writer finds
 * the 1. A store and a load in place of the exchange would lose wake-ups, however they are ordered but
 * sequentially consistent; and such a store of the control word makes the line travel twice when the reader
 * polls it (docs/decisions/0009). Of a batch of lines only the last one pays. No fences: ThreadSanitizer does
 * not see them. A writer that waits for room does the same with `waiting` and `progress`.
 *
 * The peer may write anything anywhere at any time. What is read is copied once and checked afterwards; lies
 * end the channel (`broken`), and harm nobody. */
#ifndef MUDSKIPPER_MSG_UMP_H
#define MUDSKIPPER_MSG_UMP_H

#include <mudskipper/abi/types.h>

#define UMP_LINE_BYTES 64u
#define UMP_PAYLOAD    56u
#define UMP_HEAD_LINES 2u

struct ump_line {
    uint64_t payload[UMP_PAYLOAD / 8];
    _Atomic uint64_t control;
};

CLAIM(a_line_is_one_cache_line, sizeof(struct ump_line) == UMP_LINE_BYTES);

struct ump_ring {
    _Alignas(
        UMP_LINE_BYTES) _Atomic uint64_t progress; /* lines the reader has done with; written by the reader */
    _Atomic uint64_t waiting; /* non-zero: wake the writer when there is room; written by both */
    _Alignas(UMP_LINE_BYTES) _Atomic uint64_t sleeping; /* non-zero: wake the reader; written by both, but by
                                                          the reader only when it sleeps */
    struct ump_line lines[];
};

/* One side's private view. Not thread-safe: its owner locks. */
struct ump_writer {
    struct ump_ring *ring;
    uint64_t mask;     /* lines - 1 */
    uint64_t position; /* lines written */
    uint64_t limit;    /* lines that may be written before looking at the progress again */
    bool broken;
};

struct ump_reader {
    struct ump_ring *ring;
    uint64_t mask;
    uint64_t position; /* lines read */
    uint64_t told;     /* progress the writer knows */
    bool wake_writer;
    bool broken;
};

/* Lines of a ring in `bytes` of memory: the largest power of two that fits, 0 when not even one does. */
uint64_t ump_lines(uint64_t bytes);

/* Both sides call theirs; `memory` is 64-byte aligned, shared, and zero before the first of them. */
void ump_writer_init(struct ump_writer *w, void *memory, uint64_t bytes);
void ump_reader_init(struct ump_reader *r, void *memory, uint64_t bytes);

/* Writes one line of up to UMP_PAYLOAD bytes. `last`: nothing follows at once, so the reader may have to be
 * woken: then *wake says so. False: full or broken, nothing was written. */
bool ump_send(struct ump_writer *w, const void *payload, unsigned bytes, uint8_t tag, bool last, bool *wake);

/* Lines that can surely be written now. Cheap, and may be fewer than there are; 0 is the truth. */
uint64_t ump_room(struct ump_writer *w);

/* Whether so many lines can be written now. */
bool ump_has_room(struct ump_writer *w, uint64_t lines);

/* The writer is about to wait until there is room for so many lines, at most all. True: the reader will wake
 * it when it tells progress; false: there is room. */
bool ump_prepare_wait(struct ump_writer *w, uint64_t lines);

/* Takes one line; payload has room for UMP_PAYLOAD bytes, all of which are written. False: nothing there, or
 * broken. */
bool ump_receive(struct ump_reader *r, void *payload, unsigned *bytes, uint8_t *tag);

/* Is a line there? */
bool ump_ready(const struct ump_reader *r);

/* The reader is about to sleep. True: sleep, the writer will wake; false: a line has come. */
bool ump_prepare_sleep(struct ump_reader *r);

/* The reader is awake again. */
void ump_awake(struct ump_reader *r);

/* Whether the writer waits and has to be woken, since the reader has told progress; once. */
bool ump_wake_writer(struct ump_reader *r);

/* The walker R1, of what each side knows itself: counters fit to one another, whatever stands in the ring. */
bool ump_writer_check(const struct ump_writer *w);
bool ump_reader_check(const struct ump_reader *r);

#endif
