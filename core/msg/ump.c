/* SPDX-License-Identifier: MIT */
#include <mudskipper/msg/ump.h>
#include <stdatomic.h>
#include <mudskipper/pure/bytes.h>

#define CONTROL_TURN_SHIFT 16
#define CONTROL_TAG_SHIFT  8

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
    uint64_t control;

    if (bytes > UMP_PAYLOAD || ump_room(w) == 0) {
        return false;
    }
    line = &w->ring->lines[w->position & w->mask];
    w->position++;
    control = w->position << CONTROL_TURN_SHIFT | (uint64_t)tag << CONTROL_TAG_SHIFT | bytes;
    mem_copy(line->payload, payload, bytes);
    if (!last) {
        atomic_store_explicit(&line->control, control, memory_order_release);
        *wake = false;
        return true;
    }
    atomic_store_explicit(&line->control, control, memory_order_seq_cst);
    *wake = atomic_load_explicit(&w->ring->sleeping, memory_order_seq_cst) != 0;
    return true;
}

static uint64_t control_of_next(const struct ump_reader *r, memory_order order)
{
    return atomic_load_explicit(&r->ring->lines[r->position & r->mask].control, order);
}

static bool is_expected(const struct ump_reader *r, uint64_t control)
{
    return control >> CONTROL_TURN_SHIFT == ((r->position + 1) & (UINT64_MAX >> CONTROL_TURN_SHIFT));
}

bool ump_ready(const struct ump_reader *r)
{
    return !r->broken && is_expected(r, control_of_next(r, memory_order_acquire));
}

/* Once in a quarter of the ring: often enough that the writer never waits long, seldom enough to keep its
 * line. */
static void tell_progress(struct ump_reader *r)
{
    if (r->position - r->told > r->mask / 4) {
        r->told = r->position;
        atomic_store_explicit(&r->ring->progress, r->position, memory_order_release);
    }
}

bool ump_receive(struct ump_reader *r, void *payload, unsigned *bytes, uint8_t *tag)
{
    uint64_t control;

    if (r->broken) {
        return false;
    }
    control = control_of_next(r, memory_order_acquire);
    if (!is_expected(r, control)) {
        return false;
    }
    *bytes = (uint8_t)control;
    *tag = (uint8_t)(control >> CONTROL_TAG_SHIFT);
    if (*bytes > UMP_PAYLOAD) {
        r->broken = true;
        return false;
    }
    mem_copy(payload, r->ring->lines[r->position & r->mask].payload, *bytes);
    r->position++;
    tell_progress(r);
    return true;
}

bool ump_prepare_sleep(struct ump_reader *r)
{
    if (r->broken) {
        return true;
    }
    r->told = r->position; /* a sleeping reader holds no lines back */
    atomic_store_explicit(&r->ring->progress, r->position, memory_order_release);
    atomic_store_explicit(&r->ring->sleeping, 1, memory_order_seq_cst);
    if (is_expected(r, control_of_next(r, memory_order_seq_cst))) {
        ump_awake(r);
        return false;
    }
    return true;
}

void ump_awake(struct ump_reader *r)
{
    atomic_store_explicit(&r->ring->sleeping, 0, memory_order_relaxed);
}
