/* SPDX-License-Identifier: MIT */
#include "line.h"

uint64_t ump_lines(uint64_t bytes)
{
    uint64_t lines = bytes / UMP_LINE_BYTES;

    if (lines <= UMP_HEAD_LINES) {
        return 0;
    }
    return (uint64_t)1 << (63 - (unsigned)__builtin_clzll(lines - UMP_HEAD_LINES));
}

void ump_writer_init(struct ump_writer *w, void *memory, uint64_t bytes)
{
    uint64_t lines = ump_lines(bytes);

    *w = (struct ump_writer){.ring = memory, .mask = lines - 1, .limit = lines, .broken = lines == 0};
}

void ump_reader_init(struct ump_reader *r, void *memory, uint64_t bytes)
{
    uint64_t lines = ump_lines(bytes);

    *r = (struct ump_reader){.ring = memory, .mask = lines - 1, .broken = lines == 0};
}

/* The reader's progress moves the limit. It can be at most what was written and at least what was known. */
static void look_at_progress(struct ump_writer *w)
{
    uint64_t progress = atomic_load_explicit(&w->ring->progress, memory_order_acquire);
    uint64_t known = w->limit - (w->mask + 1);

    if (progress - known > w->position - known) {
        w->broken = true;
    } else {
        w->limit = progress + w->mask + 1;
    }
}

bool ump_has_room(struct ump_writer *w, uint64_t lines)
{
    if (w->limit - w->position < lines && !w->broken) {
        look_at_progress(w);
    }
    return !w->broken && w->limit - w->position >= lines;
}

bool ump_prepare_wait(struct ump_writer *w, uint64_t lines)
{
    if (w->broken) {
        return true;
    }
    (void)line_change(&w->ring->waiting, 1);
    look_at_progress(w);
    if (!w->broken && w->limit - w->position >= lines) {
        (void)line_change(&w->ring->waiting, 0);
        return false;
    }
    return true;
}

uint64_t ump_room(struct ump_writer *w)
{
    if (w->position == w->limit && !w->broken) {
        look_at_progress(w);
    }
    return w->broken ? 0 : w->limit - w->position;
}

bool ump_send(struct ump_writer *w, const void *payload, unsigned bytes, uint8_t tag, bool last, bool *wake)
{
    struct ump_line *line;

    if (bytes > UMP_PAYLOAD || ump_room(w) == 0) {
        return false;
    }
    line = &w->ring->lines[w->position & w->mask];
    w->position++;
    line_write(line, payload, bytes, line_control(w->position, tag, bytes));
    *wake = last && line_change(&w->ring->sleeping, 0);
    return true;
}

static const struct ump_line *next_line(const struct ump_reader *r)
{
    return &r->ring->lines[r->position & r->mask];
}

static bool is_expected(const struct ump_reader *r, uint64_t control)
{
    return control >> CONTROL_TURN_SHIFT == ((r->position + 1) & TURN_MASK);
}

bool ump_ready(const struct ump_reader *r)
{
    return !r->broken && is_expected(r, line_look(next_line(r)));
}

static void tell_progress(struct ump_reader *r)
{
    r->told = r->position;
    atomic_store_explicit(&r->ring->progress, r->position, memory_order_release);
    r->wake_writer |= line_change(&r->ring->waiting, 0);
}

bool ump_wake_writer(struct ump_reader *r)
{
    bool wake = r->wake_writer;

    r->wake_writer = false;
    return wake;
}

bool ump_receive(struct ump_reader *r, void *payload, unsigned *bytes, uint8_t *tag)
{
    uint64_t control;

    if (r->broken) {
        return false;
    }
    control = line_look(next_line(r));
    if (!is_expected(r, control)) {
        return false;
    }
    if (!line_read(next_line(r), control, payload, bytes, tag)) {
        r->broken = true;
        return false;
    }
    r->position++;
    if (r->position - r->told > r->mask / 8) { /* seldom enough to keep the line to ourselves */
        tell_progress(r);
    }
    return true;
}

bool ump_prepare_sleep(struct ump_reader *r)
{
    if (r->broken) {
        return true;
    }
    if (r->told != r->position) {
        tell_progress(r); /* a sleeping reader holds no lines back */
    }
    (void)line_change(&r->ring->sleeping, 1);
    if (is_expected(r, line_look(next_line(r)))) {
        ump_awake(r);
        return false;
    }
    return true;
}

void ump_awake(struct ump_reader *r)
{
    (void)line_change(&r->ring->sleeping, 0);
}

bool ump_writer_check(const struct ump_writer *w)
{
    return w->broken || w->limit - w->position <= w->mask + 1;
}

bool ump_reader_check(const struct ump_reader *r)
{
    return r->broken || r->position - r->told <= r->mask / 8;
}
