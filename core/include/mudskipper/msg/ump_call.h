/* SPDX-License-Identifier: MIT */
/* UMP, second shape: calls whose answer is written into the request's own line. One caller, one callee; a
 * round trip moves one line there and back, so it costs what two cores pay for one line each way and not
 * more (tests/benchmark/host/messages.c). The discipline is that of msg/ump.h: the control word is written
 * last, what is read is copied once and checked then, sleeping is agreed on in the same way. Pure.
 *
 *   +----------------+----------------+--------+--------+- - - -+--------+
 *   | caller's words | callee's words | line 0 | line 1 |       | line n |   n+1 a power of two
 *   +----------------+----------------+--------+--------+- - - -+--------+
 *     callee sleeps    caller sleeps    each changed by the other side only when it sleeps
 *
 *   a line:  | payload, 56 bytes | control |
 *   control:  63           16 15     8 7      0
 *            +---------------+--------+--------+    turn: of call number c (from 0) 2c + 1 is the request,
 *            | turn          | tag    | bytes  |    2c + 2 the answer; zeroed memory is an empty ring
 *            +---------------+--------+--------+
 *
 * Call c lives in line c mod lines until its answer was taken. Answers may be given and taken in any order,
 * but while the answer of call c has not been taken, call c + lines cannot be made: for questions that are
 * answered at once. What may wait long takes two rings of the first shape, as RPC does (rpc/ump.h). */
#ifndef MUDSKIPPER_MSG_UMP_CALL_H
#define MUDSKIPPER_MSG_UMP_CALL_H

#include <mudskipper/msg/ump.h>
#include <mudskipper/pure/bitmap.h>

struct ump_call_ring {
    _Alignas(UMP_LINE_BYTES) _Atomic uint64_t callee_sleeps; /* non-zero: wake the callee; written by both */
    _Alignas(UMP_LINE_BYTES) _Atomic uint64_t caller_sleeps;
    _Alignas(UMP_LINE_BYTES) struct ump_line lines[];
};

/* Words that each side brings for itself, for a ring in so many bytes. */
#define UMP_CALL_WORDS(bytes) BITMAP_WORDS((bytes) / UMP_LINE_BYTES)

/* One side's private view. Not thread-safe: its owner locks. */
struct ump_call_side {
    struct ump_call_ring *ring;
    uint64_t mask;  /* lines - 1 */
    uint64_t next;  /* call to be made, or to be taken, next */
    uint64_t *open; /* lines whose answer is not taken, or not given, yet */
    bool broken;    /* the other side lied */
};

/* Both sides; ring memory as in ump.h, `open` of UMP_CALL_WORDS(bytes), which is cleared. */
void ump_call_init(struct ump_call_side *s, void *memory, uint64_t bytes, uint64_t *open);

/* ---- caller */

/* Makes a call of up to UMP_PAYLOAD bytes; *call is its number. *wake: the callee has to be woken. False: the
 * line of this call is still in use, or broken; nothing was written. */
bool ump_call(struct ump_call_side *s, const void *payload, unsigned bytes, uint8_t tag, uint64_t *call,
              bool *wake);

/* Takes the answer of a call, once; payload has room for UMP_PAYLOAD bytes, all of which are written. False:
 * it is not there (yet). */
bool ump_call_answer(struct ump_call_side *s, uint64_t call, void *payload, unsigned *bytes, uint8_t *tag);

/* The caller is about to sleep. True: sleep, the callee will wake it; false: an answer is there. */
bool ump_call_prepare_sleep(struct ump_call_side *s);
void ump_call_awake(struct ump_call_side *s);

/* ---- callee */

/* Takes the next request, likewise. False: there is none, or broken. */
bool ump_call_next(struct ump_call_side *s, void *payload, unsigned *bytes, uint8_t *tag, uint64_t *call);

/* Answers a call that was taken. False: it was answered before, or never taken; nothing was written. */
bool ump_call_reply(struct ump_call_side *s, uint64_t call, const void *payload, unsigned bytes, uint8_t tag,
                    bool *wake);

/* The callee is about to sleep. True: sleep; false: a request is there. */
bool ump_call_prepare_rest(struct ump_call_side *s);
void ump_call_rested(struct ump_call_side *s);

#endif
