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
static void look_at_progress(struct ump_writer *w, memory_order order)
{
    uint64_t progress = atomic_load_explicit(&w->ring->progress, order);
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
        look_at_progress(w, memory_order_acquire);
    }
    return !w->broken && w->limit - w->position >= lines;
}

bool ump_prepare_wait(struct ump_writer *w, uint64_t lines)
{
    if (w->broken) {
        return true;
    }
    atomic_store_explicit(&w->ring->waiting, 1, memory_order_seq_cst);
    look_at_progress(w, memory_order_seq_cst);
    if (!w->broken && w->limit - w->position >= lines) {
        atomic_store_explicit(&w->ring->waiting, 0, memory_order_relaxed);
        return false;
    }
    return true;
}

uint64_t ump_room(struct ump_writer *w)
{
    if (w->position == w->limit && !w->broken) {
        look_at_progress(w, memory_order_acquire);
    }
    return w->broken ? 0 : w->limit - w->position;
}

/* The second half of the handshake: whether the other side sleeps. It is then woken by us, and by no one
 * else; most of the time a load tells that there is nothing to do. */
static bool take_flag(_Atomic uint64_t *flag)
{
    return atomic_load_explicit(flag, memory_order_seq_cst) != 0 &&
           atomic_exchange_explicit(flag, 0, memory_order_seq_cst) != 0;
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
    *wake = take_flag(&w->ring->sleeping);
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

static void tell_progress(struct ump_reader *r)
{
    r->told = r->position;
    atomic_store_explicit(&r->ring->progress, r->position, memory_order_seq_cst);
    r->wake_writer |= take_flag(&r->ring->waiting);
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
