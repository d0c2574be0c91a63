/* SPDX-License-Identifier: MIT */
/* From the port's hand-over to the first program. The boot core makes every core's data, starts the others
 * and then the first programs: `init=NAME[,NAME...]` of the command line, bin/init when it says nothing. */
#include <mudskipper/hal/kernel.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/hal/time.h>
#include <mudskipper/pure/command_line.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/pure/format.h>
#include "boot_program.h"
#include "caps.h"
#include "console.h"
#include "core.h"
#include "dispatcher.h"
#include "run.h"
#include "symbol.h"

#define LOG_BYTES (64u * 1024u)

/* What the world is told when the machine cannot start its first program. */
#define BOOT_FAILED_STATUS 1u

/* One pointer per core, made by the boot core before it starts the others. */
static struct core **cores;

static const char *command_line(const struct boot_info *info)
{
    return (const char *)info + info->command_line;
}

/* Nothing can go on: one sentence, then off. */
static _Noreturn void refuse(const char *what, err_t why)
{
    char reason[128];
    char line[256];
    size_t bytes;

    err_print(reason, sizeof(reason), why);
    bytes = format_to(line, sizeof(line), "cannot boot: %s: %s\n", what, reason);
    console_panic_begin();
    console_panic_text(line, bytes < sizeof(line) ? bytes : sizeof(line) - 1);
    hal_power_off(BOOT_FAILED_STATUS);
}

static struct core *make_core(struct boot_memory *memory, const struct boot_info *info, coreid_t id)
{
    paddr_t place = boot_memory_take(memory, (sizeof(struct core) + PAGE_MASK) & ~PAGE_MASK, PAGE_SIZE);
    paddr_t log = boot_memory_take(memory, LOG_BYTES, PAGE_SIZE);
    paddr_t irqs = boot_memory_take(memory, (irq_table_bytes() + PAGE_MASK) & ~PAGE_MASK, PAGE_SIZE);
    struct core *core;

    if (place == 0 || log == 0 || irqs == 0) {
        refuse("the kernel's own data", err_make(ERR_NO_MEMORY, 0));
    }
    core = hal_p2v(place);
    core->id = id;
    core->info = info;
    core->checked = command_line_has(command_line(info), "check");
    core->timer_set = NANOS_NEVER;
    schedule_init(&core->schedule);
    deadline_queue_init(&core->deadlines);
    irq_table_init(&core->irqs, hal_p2v(irqs));
    log_init(&core->log, hal_p2v(log), LOG_BYTES);
    return core;
}

static void make_cores(struct boot_memory *memory, const struct boot_info *info)
{
    uint64_t bytes = (info->cores * sizeof(cores[0]) + PAGE_MASK) & ~PAGE_MASK;
    paddr_t table = boot_memory_take(memory, bytes, PAGE_SIZE);

    if (table == 0) {
        refuse("the kernel's own data", err_make(ERR_NO_MEMORY, 0));
    }
    cores = hal_p2v(table);
    for (coreid_t id = 0; id < info->cores; id++) {
        cores[id] = make_core(memory, info, id);
    }
}

/* A core that does not come up is missed, not waited for. */
static void start_others(const struct boot_info *info)
{
    for (coreid_t id = 1; id < info->cores; id++) {
        enum hal_start_result result = hal_core_start(id);

        if (result != HAL_START_OK) {
            kernel_log("core %u does not start (%d)", id, (int)result);
        }
    }
}

static struct dispatcher *start_program(struct core *core, struct text name, uint32_t process,
                                        struct dispatcher *monitor)
{
    char text[DISPATCHER_NAME_BYTES];
    struct dispatcher *made;
    err_t e;

    if (format_to(text, sizeof(text), "%.*s", (int)name.length, name.start) >= sizeof(text)) {
        refuse("init=", err_make(ERR_LIMIT, DISPATCHER_NAME_BYTES - 1));
    }
    e = boot_program(core, text, process, monitor, &made);
    if (!err_ok(e)) {
        refuse(text, e);
    }
    return made;
}

/* The names between commas; "init" when the command line has none. */
static void start_programs(struct core *core)
{
    char list[256] = "init";
    size_t length = sizeof("init") - 1;
    uint32_t process = FIRST_PROCESS;
    struct dispatcher *first = NULL;
    err_t e;

    if (command_line_get(command_line(core->info), "init", list, sizeof(list), &length) &&
        length >= sizeof(list)) {
        refuse("init=", err_make(ERR_LIMIT, sizeof(list) - 1));
    }
    for (struct text rest = {list, length}; rest.length > 0;) {
        struct text name = {rest.start, 0};
        struct dispatcher *made;

        while (name.length < rest.length && rest.start[name.length] != ',') {
            name.length++;
        }
        made = start_program(core, name, process, first);
        if (process++ == FIRST_PROCESS) {
            first = made;
            first->essential = true;
        }
        rest.start += name.length;
        rest.length -= name.length;
        if (rest.length > 0) {
            rest.start++;
            rest.length--;
        }
    }
    if (first == NULL) {
        refuse("init=", err_make(ERR_NOT_FOUND, 0));
    }
    e = boot_program_give_all(core, first);
    if (!err_ok(e)) {
        refuse("the memory of the machine", e);
    }
}

struct hal_next kernel_boot(const struct boot_info *info)
{
    struct boot_memory memory;
    paddr_t start;

    console_set_verbose(command_line_has(command_line(info), "verbose"));
    symbol_init(info);
    boot_memory_init(&memory, info);
    start = memory.next;
    make_cores(&memory, info);
    hal_set_core_data(cores[0]);
    kernel_log("Mudskipper on %s, %u cores", (const char *)info + info->world, info->cores);
    if (info->archive == 0) {
        refuse("boot archive", err_make(ERR_NOT_FOUND, 0));
    }
    start_others(info);
    this_core()->memory = memory;
    this_core()->kernel_memory = start;
    this_core()->kernel_memory_end = memory.next;
    caps_init(this_core());
    start_programs(this_core());
    return run_next(this_core());
}

struct hal_next kernel_core_main(void)
{
    hal_set_core_data(cores[hal_core_id()]);
    kernel_log("core %u is up", this_core()->id);
    return run_next(this_core());
}
