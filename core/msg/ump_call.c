/* SPDX-License-Identifier: MIT */
#include <mudskipper/msg/ump_call.h>
#include "line.h"

static uint64_t request_turn(uint64_t call)
{
    return (2 * call + 1) & TURN_MASK;
}

static uint64_t answer_turn(uint64_t call)
{
    return (2 * call + 2) & TURN_MASK;
}

static struct ump_line *line_of(const struct ump_call_side *s, uint64_t call)
{
    return &s->ring->lines[call & s->mask];
}

void ump_call_init(struct ump_call_side *s, void *memory, uint64_t bytes, uint64_t *open)
{
    uint64_t lines = ump_lines(bytes);

    *s = (struct ump_call_side){.ring = memory, .mask = lines - 1, .open = open, .broken = lines == 0};
    mem_set(open, 0, UMP_CALL_WORDS(bytes) * sizeof(open[0]));
}

/* Writes a line, and looks whether the other side sleeps. */
static void put(struct ump_line *line, uint64_t turn, const void *payload, unsigned bytes, uint8_t tag,
                _Atomic uint64_t *sleeps, bool *wake)
{
    line_write(line, payload, bytes, line_control(turn, tag, bytes));
    *wake = line_change(sleeps, 0);
}

static bool is_there(const struct ump_line *line, uint64_t turn)
{
    return line_look(line) >> CONTROL_TURN_SHIFT == turn;
}

/* ---- caller */

bool ump_call(struct ump_call_side *s, const void *payload, unsigned bytes, uint8_t tag, uint64_t *call,
              bool *wake)
{
    uint64_t at = s->next & s->mask;

    if (s->broken || bytes > UMP_PAYLOAD || bitmap_test(s->open, at)) {
        return false;
    }
    bitmap_set(s->open, at);
    *call = s->next++;
    put(line_of(s, *call), request_turn(*call), payload, bytes, tag, &s->ring->callee_sleeps, wake);
    return true;
}

/* Whether the call was made and its answer not taken: no other call is in its line then. */
static bool is_open(const struct ump_call_side *s, uint64_t call)
{
    return s->next - call - 1 <= s->mask && bitmap_test(s->open, call & s->mask);
}

bool ump_call_answer(struct ump_call_side *s, uint64_t call, void *payload, unsigned *bytes, uint8_t *tag)
{
    struct ump_line *line = line_of(s, call);
    uint64_t control;

    if (s->broken || !is_open(s, call)) {
        return false;
    }
    control = line_look(line);
    if (control >> CONTROL_TURN_SHIFT != answer_turn(call)) {
        return false;
    }
    if (!line_read(line, control, payload, bytes, tag)) {
        s->broken = true;
        return false;
    }
    bitmap_clear(s->open, call & s->mask);
    return true;
}

/* Whether any open call is answered. */
static bool any_answer(const struct ump_call_side *s)
{
    uint64_t first = s->next > s->mask ? s->next - s->mask - 1 : 0;

    for (uint64_t call = first; call < s->next; call++) {
        if (bitmap_test(s->open, call & s->mask) && is_there(line_of(s, call), answer_turn(call))) {
            return true;
        }
    }
    return false;
}

bool ump_call_prepare_sleep(struct ump_call_side *s)
{
    if (s->broken) {
        return true;
    }
    (void)line_change(&s->ring->caller_sleeps, 1);
    if (any_answer(s)) {
        ump_call_awake(s);
        return false;
    }
    return true;
}

void ump_call_awake(struct ump_call_side *s)
{
    (void)line_change(&s->ring->caller_sleeps, 0);
}

/* ---- callee */

bool ump_call_next(struct ump_call_side *s, void *payload, unsigned *bytes, uint8_t *tag, uint64_t *call)
{
    struct ump_line *line = line_of(s, s->next);
    uint64_t control;

    if (s->broken) {
        return false;
    }
    control = line_look(line);
    if (control >> CONTROL_TURN_SHIFT != request_turn(s->next)) {
        return false;
    }
    /* The line is the caller's again only when it was answered. */
    if (bitmap_test(s->open, s->next & s->mask) || !line_read(line, control, payload, bytes, tag)) {
        s->broken = true;
        return false;
    }
    bitmap_set(s->open, s->next & s->mask);
    *call = s->next++;
    return true;
}

bool ump_call_reply(struct ump_call_side *s, uint64_t call, const void *payload, unsigned bytes, uint8_t tag,
                    bool *wake)
{
    if (s->broken || bytes > UMP_PAYLOAD || !is_open(s, call)) {
        return false;
    }
    bitmap_clear(s->open, call & s->mask);
    put(line_of(s, call), answer_turn(call), payload, bytes, tag, &s->ring->caller_sleeps, wake);
    return true;
}

bool ump_call_prepare_rest(struct ump_call_side *s)
{
    if (s->broken) {
        return true;
    }
    (void)line_change(&s->ring->callee_sleeps, 1);
    if (is_there(line_of(s, s->next), request_turn(s->next))) {
        ump_call_rested(s);
        return false;
    }
    return true;
}

void ump_call_rested(struct ump_call_side *s)
{
    (void)line_change(&s->ring->callee_sleeps, 0);
}
