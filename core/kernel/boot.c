/* SPDX-License-Identifier: MIT */
/* From the port's hand-over to the first program. The boot core divides the machine, makes every core's data
 * and starts the others; then each core by itself makes its capabilities and starts bin/init, or what
 * `every=NAME` on the command line says. With `init=NAME[,NAME...]` the boot core has the whole machine and
 * starts these; the others wait. */
#include <mudskipper/hal/kernel.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/hal/time.h>
#include <mudskipper/pure/bytes.h>
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

/* What a core server needs, beside what it is made of, to begin at all. */
#define SHARE_LEAST ((uint64_t)1 << 20)

/* Made by the boot core before it starts the others, read-only from then on. */
static struct {
    struct core **cores;    /* one pointer per core */
    struct wakeup *wakeups; /* one per core */
} machine;

static const char *command_line(const struct boot_info *info)
{
    return (const char *)info + info->command_line;
}

/* Nothing can go on: one sentence, of the first core that finds out, then off. */
static _Noreturn void refuse(const char *what, err_t why)
{
    char reason[128];
    char line[256];
    size_t bytes;

    err_print(reason, sizeof(reason), why);
    bytes = format_to(line, sizeof(line), "cannot boot: %s: %s\n", what, reason);
    console_last_line(line, bytes < sizeof(line) ? bytes : sizeof(line) - 1);
    hal_power_off(BOOT_FAILED_STATUS);
}

#define NAMES_BYTES 256u

/* What a core starts: names between commas. */
static size_t program_names(const struct boot_info *info, char names[NAMES_BYTES])
{
    static const char *const words[] = {"init", "every"};
    size_t length;

    for (unsigned i = 0; i < ARRAY_LENGTH(words); i++) {
        if (command_line_get(command_line(info), words[i], names, NAMES_BYTES, &length)) {
            if (length >= NAMES_BYTES) {
                refuse(words[i], err_make(ERR_LIMIT, NAMES_BYTES - 1));
            }
            return length;
        }
    }
    return format_to(names, NAMES_BYTES, "init");
}

static uint64_t whole_pages(uint64_t bytes)
{
    return (bytes + PAGE_MASK) & ~PAGE_MASK;
}

/* For the kernel itself. */
static void *take(struct boot_memory *memory, uint64_t bytes)
{
    paddr_t place = boot_memory_take(memory, whole_pages(bytes), PAGE_SIZE);

    if (place == 0) {
        refuse("the kernel's own data", err_make(ERR_NO_MEMORY, bytes));
    }
    return hal_p2v(place);
}

static uint32_t count_parts(const struct share *share, coreid_t id)
{
    struct share_part part;
    uint32_t count = 0;

    while (share_part(share, id, count, &part)) {
        count++;
    }
    return count;
}

/* "check": the walkers run after each entry, "check=N": after each N-th. */
static uint64_t check_every(const char *line)
{
    uint64_t entries;

    if (!command_line_has(line, "check")) {
        return 0;
    }
    return command_line_number(line, "check", &entries) && entries > 0 ? entries : 1;
}

static struct core *make_core(struct boot_memory *memory, const struct share *share, coreid_t id)
{
    const struct boot_info *info = share->info;
    struct core *core = take(memory, sizeof(*core));

    core->id = id;
    core->info = info;
    core->share = *share;
    core->check_every = check_every(command_line(info));
    core->timer_set = NANOS_NEVER;
    core->cores = machine.cores;
    core->wakeups = machine.wakeups;
    schedule_init(&core->schedule);
    deadline_queue_init(&core->deadlines);
    irq_table_init(&core->irqs, take(memory, irq_table_bytes()));
    notify_table_init(&core->notify, take(memory, notify_table_bytes()));
    log_init(&core->log, take(memory, LOG_BYTES), LOG_BYTES);
    if (id < share->cores) {
        core->roots = take(memory, (1 + count_parts(share, id)) * sizeof(core->roots[0]));
    }
    return core;
}

/* Each core's data lies in its own share; of those that run no programs, in that of the boot core. */
static void make_others(struct boot_memory *memory, const struct share *share)
{
    for (coreid_t id = 1; id < share->info->cores; id++) {
        if (id < share->cores) {
            struct boot_memory own;
            paddr_t start;

            boot_memory_init(&own, share, id);
            start = own.next;
            machine.cores[id] = make_core(&own, share, id);
            machine.cores[id]->memory = own;
            machine.cores[id]->kernel_memory = start;
            machine.cores[id]->kernel_memory_end = own.next;
        } else {
            machine.cores[id] = make_core(memory, share, id);
        }
    }
}

/* Enough for every core server to begin: said here once, not by as many cores as there are. */
static void check_shares(const struct share *share)
{
    uint64_t needed;
    char what[NAMES_BYTES];

    program_names(share->info, what);
    if (share->cores == 1 || !err_ok(boot_program_bytes(share->info, what, &needed))) {
        return; /* whoever starts it says why not */
    }
    needed += SHARE_LEAST + LOG_BYTES + notify_table_bytes() + irq_table_bytes();
    for (coreid_t id = 0; id < share->cores; id++) {
        if (share->common_bytes == 0 || share_largest(share, id).bytes < needed) {
            format_to(what, sizeof(what), "a share of memory for each of %u cores", share->cores);
            refuse(what, err_make(ERR_NO_MEMORY, needed));
        }
    }
}

static void make_machine(struct boot_memory *memory, const struct share *share)
{
    uint32_t count = share->info->cores;

    machine.cores = take(memory, count * sizeof(machine.cores[0]));
    machine.wakeups = take(memory, count * sizeof(machine.wakeups[0]));
    hal_note_memory(share->common, share->common_bytes, HAL_MEMORY_DEFINED);
    mem_set(hal_p2v(share->common), 0, share->common_bytes);
    machine.cores[0] = make_core(memory, share, 0);
    make_others(memory, share);
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

static void start_programs(struct core *core)
{
    char list[NAMES_BYTES];
    size_t length = program_names(core->info, list);
    uint32_t process = FIRST_PROCESS + core->id;
    struct dispatcher *first = NULL;
    err_t e;

    for (struct text rest = {list, length}; rest.length > 0;) {
        struct text name = {rest.start, 0};
        struct dispatcher *made;

        while (name.length < rest.length && rest.start[name.length] != ',') {
            name.length++;
        }
        made = start_program(core, name, process, first);
        if (first == NULL) {
            first = made;
            first->essential = core->id == 0;
        }
        process++; /* several there are on the boot core alone */
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

/* The core's own part: from here on it needs nobody. */
static struct hal_next begin(struct core *core)
{
    wakeup_begin(&core->wakeups[core->id]);
    if (core->id < core->share.cores) {
        caps_init(core);
        start_programs(core);
    }
    notify_take(core); /* signals from before it took interrupts */
    core->console.in_steps = true;
    return run_next(core);
}

struct hal_next kernel_boot(const struct boot_info *info)
{
    struct share share = share_of_machine(info);
    struct boot_memory memory;
    struct core *core;
    paddr_t start;

    console_set_verbose(command_line_has(command_line(info), "verbose"));
    boot_memory_init(&memory, &share, 0);
    start = memory.next;
    symbol_table_fill(info, take(&memory, symbol_table_bytes(info)));
    if (info->archive != 0) {
        check_shares(&share);
    }
    make_machine(&memory, &share);
    core = machine.cores[0];
    hal_set_core_data(core);
    core->memory = memory;
    core->kernel_memory = start;
    core->kernel_memory_end = memory.next;
    kernel_log("Mudskipper on %s, %u cores", (const char *)info + info->world, info->cores);
    if (info->archive == 0) {
        refuse("boot archive", err_make(ERR_NOT_FOUND, 0));
    }
    start_others(info);
    return begin(core);
}

struct hal_next kernel_core_main(void)
{
    hal_set_core_data(machine.cores[hal_core_id()]);
    kernel_log("core %u is up", this_core()->id);
    return begin(this_core());
}
