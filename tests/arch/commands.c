/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include <mudskipper/pure/command_line.h>
#include <mudskipper/pure/cpio.h>
#include <mudskipper/pure/format.h>
#include "suite.h"

static bool echoing;
static uint64_t masked_rounds; /* 0: that is not what is asked for */

static uint64_t deeper(uint64_t depth)
{
    volatile uint64_t room[64];

    room[0] = depth;
    return depth == UINT64_MAX ? 0 : deeper(depth + 1) + room[0];
}

/* The compiler shall not see that this is wrong. */
static volatile uint64_t *volatile nowhere = (volatile uint64_t *)8;

static __attribute__((noinline)) void store_at(volatile uint64_t *address)
{
    *address = 1;
}

static _Noreturn void hang(void)
{
    volatile uint64_t turns = 0;

    for (;;) {
        turns++;
    }
}

static __attribute__((noinline)) void masked_work(uint64_t rounds)
{
    volatile uint64_t turns = 0;

    while (turns < rounds) {
        turns++;
    }
}

/* Called at the boot, and after each rest: rests, works with interrupts off, rests once more, and ends. */
static struct hal_next masked_event(void)
{
    static unsigned rests;

    if (rests == 2) {
        hal_power_off(0);
    }
    if (rests++ == 1) {
        masked_work(masked_rounds);
    }
    hal_timer_set(hal_now() + MILLISECOND);
    return IDLE;
}

static void out(void *context, const char *bytes, size_t count)
{
    (void)context;
    hal_console_write(bytes, count);
}

static _Noreturn void list_archive(void)
{
    uint64_t position = 0;
    struct cpio_entry entry;

    while (machine()->archive != 0 &&
           err_ok(cpio_next(hal_p2v(machine()->archive), machine()->archive_bytes, &position, &entry)) &&
           entry.name != NULL) {
        format(out, NULL, "%s %lu\n", entry.name, entry.bytes);
    }
    hal_power_off(0);
}

/* Faults that each tool must find in a kernel, or it is not looking. */
static void use_free(void)
{
    paddr_t page = page_take();

    hal_note_memory(page, PAGE_SIZE, HAL_MEMORY_FREE);
    (void)*(volatile uint64_t *)hal_p2v(page + 64);
}

static uint64_t raced;
static bool racing;

static void race(void)
{
    racing = true;
    hal_core_start(1);
    for (nanos_t end = hal_now() + 100 * MILLISECOND; hal_now() < end; raced++) {
        hal_relax();
    }
}

bool command_on_other_core(void)
{
    for (unsigned i = 0; i < 1000 && racing; i++) {
        raced++;
        hal_relax();
    }
    return racing;
}

static int shift(void)
{
    volatile int by = 40;

    return 1 << by;
}

struct hal_next command_event(void)
{
    int byte;

    if (masked_rounds != 0) {
        return masked_event();
    }
    while (echoing && (byte = hal_console_read()) >= 0) {
        char c = (char)byte;

        hal_console_write(&c, 1);
        if (c == '\n' || c == '\r') {
            hal_power_off(0);
        }
    }
    if (echoing) {
        hal_timer_set(hal_now() + 5 * MILLISECOND);
    }
    return IDLE;
}

bool command_run(const char *command)
{
    struct text number = text_of(command + (str_starts_with(command, "exit=") ? 5 : 0));
    uint64_t code;

    if (str_equal(command, "panic")) {
        kernel_panic("asked for with %d %s", 2, "arguments");
    } else if (str_equal(command, "fault")) {
        store_at(nowhere);
    } else if (str_equal(command, "overflow")) {
        hal_power_off((unsigned)deeper(0));
    } else if (str_equal(command, "reset")) {
        hal_reset();
    } else if (str_equal(command, "hang")) {
        hang();
    } else if (str_equal(command, "stop")) {
        hal_core_stop();
    } else if (str_equal(command, "archive")) {
        list_archive();
    } else if (str_equal(command, "use-free")) {
        use_free();
        hal_power_off(0);
    } else if (str_equal(command, "race")) {
        race();
        hal_power_off(0);
    } else if (str_equal(command, "shift")) {
        hal_power_off(shift() == 0);
    } else if (str_starts_with(command, "exit=") && text_number(number, &code)) {
        hal_power_off((unsigned)code);
    }
    echoing = str_equal(command, "echo");
    return echoing || str_equal(command, "idle") || command_line_number(command, "masked", &masked_rounds);
}
