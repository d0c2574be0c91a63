/* SPDX-License-Identifier: MIT */
#include "console.h"
#include <stdatomic.h>
#include <mudskipper/hal/cpu.h>
#include <mudskipper/hal/debug.h>

/* Shared by all cores, the only such state besides the wake-up bitmaps: one console is one device. `holder`
 * is the core that writes, plus one. Held for one line, with interrupts off, never across a return to a
 * program. */
static _Atomic uint32_t holder;
static _Atomic bool verbose;
static _Atomic bool given_away;
static _Atomic bool panicking;

static void lock(void)
{
    uint32_t free = 0;

    while (!atomic_compare_exchange_weak_explicit(&holder, &free, hal_core_id() + 1, memory_order_acquire,
                                                  memory_order_relaxed)) {
        free = 0;
        hal_relax();
    }
}

static void unlock(void)
{
    atomic_store_explicit(&holder, 0, memory_order_release);
}

void console_set_verbose(bool on)
{
    atomic_store_explicit(&verbose, on, memory_order_relaxed);
}

void console_give_away(bool to_driver)
{
    lock(); /* whoever is writing finishes the line */
    atomic_store_explicit(&given_away, to_driver, memory_order_relaxed);
    unlock();
}

static void write_line(const char *text, size_t count)
{
    lock();
    if (!atomic_load_explicit(&given_away, memory_order_relaxed) &&
        !atomic_load_explicit(&panicking, memory_order_relaxed)) {
        hal_console_write(text, count);
    }
    unlock();
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
