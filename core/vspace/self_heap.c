/* SPDX-License-Identifier: MIT */
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/heap.h>
#include <mudskipper/vspace/self.h>

/* Each piece costs two slots and a region, so pieces grow with the heap: a quarter of it, at least this. */
#define PIECE_BYTES (64u * 1024u)

static void lock(void *context)
{
    mutex_lock(&((struct self_heap *)context)->mutex);
}

static void unlock(void *context)
{
    mutex_unlock(&((struct self_heap *)context)->mutex);
}

/* RAM as a Frame in `frame`; the RAM capability is not needed any more: whoever handed it out knows it. */
static err_t make_frame(struct self_heap *h, uint64_t bytes, cptr_t frame)
{
    cptr_t ram;
    err_t e = slot_alloc(&ram);

    if (!err_ok(e)) {
        return e;
    }
    e = h->ram(h->context, bytes, ram);
    if (err_ok(e)) {
        e = cap_retype(ram, 0, CAP_TYPE_FRAME, bytes, 1, frame);
    }
    slot_delete(ram);
    return e;
}

/* Puts memory at the first address that has none. */
static err_t back(struct self_heap *h, uint64_t bytes)
{
    cptr_t frame;
    err_t e = slot_alloc(&frame);

    if (!err_ok(e)) {
        return e;
    }
    e = make_frame(h, bytes, frame);
    if (err_ok(e)) {
        e = self_map_at(frame, 0, bytes, CAP_READ | CAP_WRITE, h->backed);
    }
    if (!err_ok(e)) {
        slot_delete(frame);
        return e;
    }
    h->backed += bytes;
    return OK;
}

/* What to add when `bytes` are missing. */
static uint64_t piece(const struct self_heap *h, uint64_t bytes)
{
    uint64_t rest = (uint64_t)(h->end - h->backed);
    uint64_t quarter = (uint64_t)(h->backed - h->start) / 4;
    uint64_t wanted = bytes > quarter ? bytes : quarter;
    uint64_t whole = (wanted + PIECE_BYTES - 1) / PIECE_BYTES * PIECE_BYTES;

    return whole < rest ? whole : rest;
}

/* The heap takes pages from low addresses on, so what lies behind `backed` was never used. */
static bool commit(void *context, void *base, size_t bytes)
{
    struct self_heap *h = context;
    unsigned char *end = (unsigned char *)base + bytes;

    return end <= h->backed || err_ok(back(h, piece(h, (uint64_t)(end - h->backed))));
}

static const struct heap_ops ops = {.lock = lock, .unlock = unlock, .commit = commit};

err_t self_heap_init(struct self_heap *h, uint64_t bytes, self_heap_ram_t ram, void *context)
{
    uint64_t notes = heap_notes_bytes(bytes);
    void *at;
    err_t e = self_reserve(bytes, "heap", &at);

    if (!err_ok(e)) {
        return e;
    }
    mutex_init(&h->mutex);
    h->ram = ram;
    h->context = context;
    h->start = at;
    h->backed = at;
    h->end = h->backed + bytes;
    e = back(h, piece(h, notes));
    return err_ok(e) ? heap_init(&h->heap, &ops, rt_heap_tools(), h, at, bytes) : e;
}
