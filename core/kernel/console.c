/* SPDX-License-Identifier: MIT */
#include "console.h"
#include <stdatomic.h>
#include <mudskipper/hal/cpu.h>
#include <mudskipper/hal/debug.h>
#include <mudskipper/pure/bytes.h>
#include "core.h"
#include "dispatcher.h"

/* Shared by all cores, the only such state besides the wake-up bitmaps: one console is one device. `holder`
 * is the core that writes, plus one. Held for whole lines. Who holds it runs no program until they are out;
 * who waits for it is a core between two steps, that takes interrupts, or one whose kernel cannot go on. */
static _Atomic uint32_t holder;
static _Atomic bool verbose;
static _Atomic bool given_away;
static _Atomic bool panicking;

/* Bytes that one step writes: what the smallest of the ports' own queues takes at once. */
#define STEP_BYTES 16u

static bool try_lock(void)
{
    uint32_t free = 0;

    return atomic_compare_exchange_strong_explicit(&holder, &free, hal_core_id() + 1, memory_order_acquire,
                                                   memory_order_relaxed);
}

static void lock(void)
{
    while (!try_lock()) {
        hal_relax();
    }
}

static void unlock(void)
{
    atomic_store_explicit(&holder, 0, memory_order_release);
}

static bool is_ours(void)
{
    return !atomic_load_explicit(&given_away, memory_order_relaxed) &&
           !atomic_load_explicit(&panicking, memory_order_relaxed);
}

void console_set_verbose(bool on)
{
    atomic_store_explicit(&verbose, on, memory_order_relaxed);
}

/* Up to `most` bytes; the lock is held. */
static void write_some(struct console_queue *q, uint32_t most)
{
    uint32_t count = q->count - q->written < most ? q->count - q->written : most;

    if (is_ours()) {
        hal_console_write(q->text + q->written, count);
    }
    q->written += count;
    if (q->written == q->count) {
        q->written = 0;
        q->count = 0;
        q->locked = false;
        unlock();
    }
}

void console_step(struct console_queue *q)
{
    if (!q->locked && !try_lock()) {
        hal_relax(); /* another core's line comes first */
        return;
    }
    q->locked = true;
    write_some(q, STEP_BYTES);
}

void console_finish(struct console_queue *q)
{
    if (q->count == 0) {
        return;
    }
    if (!q->locked) {
        lock();
        q->locked = true;
    }
    write_some(q, q->count);
}

void console_give_away(bool to_driver)
{
    lock(); /* whoever is writing finishes the line */
    atomic_store_explicit(&given_away, to_driver, memory_order_relaxed);
    unlock();
}

/* The longest line there is fits: what is queued goes out before it. */
CLAIM(a_line_fits, DISPATCHER_LINE_BYTES <= CONSOLE_QUEUE_BYTES);

static void write_line(const char *text, size_t count)
{
    struct console_queue *q = &this_core()->console;

    if (count > sizeof(q->text) - q->count) {
        console_finish(q);
    }
    mem_copy(q->text + q->count, text, count);
    q->count += (uint32_t)count;
    if (!q->in_steps) {
        console_finish(q);
    }
}

void console_kernel_line(const char *text, size_t count)
{
    if (atomic_load_explicit(&verbose, memory_order_relaxed)) {
        write_line(text, count);
    }
}

void console_program_text(const char *text, size_t count)
{
    write_line(text, count);
}

void console_last_line(const char *text, size_t count)
{
    lock(); /* for good: whoever has something to say, too, waits for the machine's end */
    hal_console_write(text, count);
}

void console_panic_begin(void)
{
    /* The panicking core may hold the lock itself, or its holder may be stuck: the lock is not waited for. A
     * second panic anywhere prints as well, mixed lines are better than a lost cause. */
    atomic_store_explicit(&panicking, true, memory_order_relaxed);
}

void console_panic_text(const char *text, size_t count)
{
    hal_console_write(text, count);
}
