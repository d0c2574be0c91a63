/* SPDX-License-Identifier: MIT */
#include "drivers.h"
#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/boot_file.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/spawn/spawn.h>
#include "archive.h"
#include "memory.h"
#include "processes.h"
#include "terminal_rpc.h"

#define TABLE_BYTES (16u * PAGE_SIZE)
#define PATIENCE    ((nanos_t)1000 * 1000 * 1000)

/* Slots of what a driver is given. */
enum given { GIVEN_REGISTERS, GIVEN_IRQ, GIVEN_MEMORY, GIVEN_COUNT };

static cptr_t console;

cptr_t drivers_console(void)
{
    return console;
}

/* ---- what a driver is given */

static err_t take_registers(const struct boot_device *d, cptr_t slot)
{
    paddr_t first = d->registers & ~PAGE_MASK;
    paddr_t end = (d->registers + d->bytes + PAGE_MASK) & ~PAGE_MASK;

    return cap_retype(SLOT_PHYS, first, CAP_TYPE_DEV_FRAME, end - first, 1, slot);
}

static err_t take_device(const struct boot_device *d, cptr_t given)
{
    paddr_t base;
    err_t e = take_registers(d, given + GIVEN_REGISTERS);

    if (err_ok(e) && d->irq != BOOT_NO_IRQ) {
        e = cap_retype(SLOT_IRQ, d->irq, CAP_TYPE_IRQ, 1, 1, given + GIVEN_IRQ);
    }
    if (err_ok(e)) {
        e = memory_alloc(MEMORY_CLIENT_INIT, TABLE_BYTES, given + GIVEN_MEMORY, &base);
    }
    if (err_ok(e) && d->console && console == CPTR_NULL) {
        e = memory_own_endpoint(&console);
    }
    return e;
}

/* ---- starting */

static bool is_meant(const struct archive *archive, const struct boot_device *d,
                     const struct boot_statement *s)
{
    const char *name = (const char *)archive->info + d->compatible;

    if (s->console_only && !d->console) {
        return false;
    }
    while (*name != '\0' && !word_is(s->compatible, name)) {
        name += str_length(name) + 1;
    }
    return *name != '\0';
}

err_t drivers_start_one(const struct archive *archive, const struct boot_statement *s, uint32_t device,
                        const struct process_start *what)
{
    const struct boot_device *d =
        (const struct boot_device *)(const void *)((const char *)archive->info + archive->info->devices) +
        device;
    struct process_start driver = *what;
    char name[128];
    char offset[48];
    const char *environment[] = {name, offset};
    cptr_t given;
    uint32_t number;
    err_t e = slot_alloc_run(GIVEN_COUNT, &given);

    if (!err_ok(e)) {
        return e;
    }
    e = take_device(d, given);
    if (err_ok(e)) {
        const struct spawn_grant grants[] = {
            {.name = "registers", .from = given + GIVEN_REGISTERS, .whole = true},
            {.name = "memory", .from = given + GIVEN_MEMORY, .whole = true},
            {.name = "irq", .from = given + GIVEN_IRQ, .whole = true},
        };

        word_copy(name + str_copy(name, sizeof(name), "DEVICE="), sizeof(name) - sizeof("DEVICE=") + 1,
                  s->compatible);
        format_to(offset, sizeof(offset), "DEVICE_OFFSET=%lu", d->registers & PAGE_MASK);
        driver.grants = grants;
        driver.grants_count = d->irq != BOOT_NO_IRQ ? 3 : 2;
        driver.envp = environment;
        driver.envc = ARRAY_LENGTH(environment);
        driver.is_driver = true;
        driver.origin.device = device;
        driver.endpoint = d->console ? console : CPTR_NULL;
        driver.takes_console = d->console;
        e = processes_start(&driver, &number);
    }
    for (unsigned i = 0; i < GIVEN_COUNT; i++) {
        slot_delete(given + i); /* the driver has its own; what is left of it is free with the last one */
    }
    return e;
}

err_t drivers_start(const struct archive *archive, const struct boot_statement *s,
                    const struct process_start *what)
{
    const struct boot_device *devices = (const void *)((const char *)archive->info + archive->info->devices);
    err_t first = OK;

    for (uint32_t i = 0; i < archive->info->device_count; i++) {
        if (is_meant(archive, &devices[i], s)) {
            err_t e = drivers_start_one(archive, s, i, what);

            first = err_ok(first) ? e : first;
        }
    }
    return first;
}

/* ---- the console's client */

static void *allocate(void *context, size_t bytes)
{
    (void)context;
    return heap_malloc(memory_heap(), bytes);
}

static void release(void *context, void *block, size_t bytes)
{
    (void)context;
    (void)bytes;
    heap_free(memory_heap(), block);
}

/* Through a capability that was made when it was needed first; false: there is no driver. */
static bool terminal(struct rpc_channel *channel)
{
    static const struct rpc_memory memory_of_calls = {.allocate = allocate, .release = release};
    static struct rpc_lmp_link link;
    static cptr_t client;

    if (client == CPTR_NULL) {
        if (console == CPTR_NULL || !err_ok(slot_alloc(&client))) {
            return false;
        }
        if (!err_ok(cap_badge(console, client, RPC_BADGE(RT_STREAM_SERVICE, PROCESS_INIT)))) {
            slot_free(client);
            client = CPTR_NULL;
            return false;
        }
        rpc_lmp_link_init(&link, client, &memory_of_calls, &rpc_own_slots);
    }
    *channel = (struct rpc_channel){&link.link, rt_now() + PATIENCE};
    return true;
}

/* Both: without its driver the console shows nothing more. */
void drivers_say(const char *text)
{
    struct rpc_channel channel;
    uint32_t written;
    err_t e = OK;

    if (terminal(&channel)) {
        e = terminal_write(&channel, text, str_length(text), &written);
    }
    (void)e;
}

void drivers_flush(void)
{
    struct rpc_channel channel;
    err_t e = OK;

    if (terminal(&channel)) {
        e = terminal_flush(&channel);
    }
    (void)e;
}
