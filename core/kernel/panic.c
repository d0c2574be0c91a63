/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <mudskipper/hal/cpu.h>
#include <mudskipper/hal/debug.h>
#include <mudskipper/hal/kernel.h>
#include <mudskipper/pure/format.h>
#include "console.h"
#include "core.h"
#include "dispatcher.h"
#include "symbol.h"

#define PANIC_STATUS 134u
#define PANIC_FRAMES 32u

static void out(void *context, const char *bytes, size_t count)
{
    (void)context;
    console_panic_text(bytes, count);
}

static void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    format_args(out, NULL, format, args);
    va_end(args);
}

static void print_backtrace(void)
{
    uintptr_t frames[PANIC_FRAMES];
    unsigned count = hal_backtrace(frames, PANIC_FRAMES);

    for (unsigned i = 0; i < count; i++) {
        char name[96];

        symbol_of_kernel(frames[i], name, sizeof(name));
        print("  #%u %s\n", i, name);
    }
}

/* What this core had said and could not yet write. */
static void print_pending(const struct console_queue *q)
{
    if (q->count <= sizeof(q->text) && q->written <= q->count) {
        console_panic_text(q->text + q->written, q->count - q->written);
    }
}

void kernel_panic(const char *format, ...)
{
    struct core *core = this_core();
    va_list args;

    console_panic_begin();
    if (core != NULL) {
        print_pending(&core->console);
    }
    print("\nkernel panic on core %u: ", hal_core_id());
    va_start(args, format);
    format_args(out, NULL, format, args);
    va_end(args);
    print("\n");
    if (core != NULL && core->current != NULL) {
        print("  while running process %u (%s)\n", core->current->process, core->current->name);
    }
    print_backtrace();
    hal_power_off(PANIC_STATUS);
}
