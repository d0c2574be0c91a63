/* SPDX-License-Identifier: MIT */
#include "core_server.h"
#include <mudskipper/abi/boot_info.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/cpio.h>
#include <mudskipper/rpc/heap.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/core_calls.h>
#include "archive.h"
#include "channels.h"
#include "channel_ends.h"
#include "check.h"
#include "core_calls.h"
#include "core_look.h"
#include "core_rpc.h"
#include "lock.h"
#include "machine.h"
#include "memory.h"
#include "names_of.h"
#include "pass.h"
#include "processes.h"
#include "shared.h"
#include "work.h"

static const struct archive *archive;
static struct rpc_lmp_server server;

const struct process *caller_of(const struct rpc_request *request)
{
    return processes_find(rpc_client(request));
}

bool caller_may(const struct rpc_request *request, enum process_right right)
{
    const struct process *p = caller_of(request);

    return p != NULL && p->rights & right;
}

err_t refused(void)
{
    return err_make(ERR_CAP_MISSING_RIGHT, SLOT_INIT);
}

err_t is_other(uint32_t core, bool *other)
{
    *other = core != rt_self()->core;
    return core < archive->info->cores ? OK : err_make(ERR_BAD_CORE, core);
}

/* ---- memory ---- */

static err_t alloc(void *context, struct rpc_request *request, uint64_t bytes)
{
    cptr_t ram;
    paddr_t base;
    err_t e = slot_alloc(&ram);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    e = memory_alloc(rpc_client(request), bytes, ram, &base);
    if (err_ok(e)) {
        e = core_alloc_reply(request, ram);
    }
    slot_delete(ram); /* the caller has its own */
    return e;
}

/* Other cores have copies of some of it. */
struct free_later {
    struct later later;
    uint32_t client;
    uint64_t base;
    uint64_t bytes;
};

static void ask_back_and_free(struct later *later)
{
    const struct free_later *l = CONTAINER_OF(later, struct free_later, later);
    err_t e = shared_withdraw_range(l->base, l->bytes);

    if (err_ok(e)) {
        core_lock();
        e = memory_free(l->client, l->base, l->bytes);
        if (err_ok(e)) {
            end_lost_memory(l->client, l->base, l->bytes);
        }
        core_unlock();
    }
    if (err_ok(e)) {
        e = rpc_reply_empty(later->request, OK);
    } else {
        rpc_fail(later->request, e);
    }
    (void)e; /* who asked was told */
    later_free(later);
}

static err_t free_memory(void *context, struct rpc_request *request, uint64_t base, uint64_t bytes)
{
    struct free_later *l;
    err_t e = memory_free(rpc_client(request), base, bytes);

    (void)context;
    if (err_ok(e)) {
        end_lost_memory(rpc_client(request), base, bytes);
    }
    if (!err_is(e, ERR_CAP_SHARED)) {
        return e;
    }
    l = later_make(sizeof(*l));
    if (l == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*l));
    }
    l->client = rpc_client(request);
    l->base = base;
    l->bytes = bytes;
    return later_start(&l->later, request, ask_back_and_free);
}

CLAIM(programs_call_alloc_by_its_number, CORE_CALL_ALLOC == CORE_METHOD_ALLOC);
CLAIM(and_free, CORE_CALL_FREE == CORE_METHOD_FREE);

/* ---- the machine and its files ---- */

static err_t machine(void *context, struct rpc_request *request)
{
    const struct boot_info *info = archive->info;

    (void)context;
    return core_machine_reply(request, MUDSKIPPER_VERSION, (const char *)info + info->world, info->cores,
                              rt_self()->core);
}

static err_t file(void *context, struct rpc_request *request, uint64_t position)
{
    struct cpio_entry entry;
    err_t e = archive_next(archive, &position, &entry);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    if (entry.name == NULL) {
        return core_file_reply(request, position, "", 0);
    }
    return core_file_reply(request, position, entry.name, entry.bytes);
}

static err_t find_file(void *context, struct rpc_request *request, const char *name)
{
    const void *bytes;
    size_t size;
    err_t e = archive_file(archive, name, &bytes, &size);

    (void)context;
    return err_ok(e) ? core_find_file_reply(request, size) : e;
}

static err_t read_file(void *context, struct rpc_request *request, const char *name, uint64_t offset,
                       uint32_t count)
{
    const void *bytes;
    size_t size;
    size_t most = count < CORE_READ_FILE_DATA_MAX ? count : CORE_READ_FILE_DATA_MAX;
    err_t e = archive_file(archive, name, &bytes, &size);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    if (offset >= size) {
        return core_read_file_reply(request, bytes, 0);
    }
    return core_read_file_reply(request, (const char *)bytes + offset,
                                size - offset < most ? size - offset : most);
}

static err_t power_off(void *context, struct rpc_request *request, uint32_t code)
{
    (void)context;
    return caller_may(request, MAY_MANAGE) ? machine_end(request, false, code) : refused();
}

static err_t reboot(void *context, struct rpc_request *request)
{
    (void)context;
    return caller_may(request, MAY_MANAGE) ? machine_end(request, true, 0) : refused();
}

/* ---- looking: what may be seen is decided here; core_look.c looks, or another core does ---- */

static err_t processes_here(struct rpc_request *request, uint32_t from, bool of_core)
{
    static struct core_process found[CORE_PROCESSES_FOUND_MAX]; /* with the lock, so one at a time */
    bool more;
    size_t count = look_at_processes(from, found, ARRAY_LENGTH(found), &more);

    return of_core ? core_processes_of_reply(request, found, count, more)
                   : core_processes_reply(request, found, count, more);
}

static err_t processes(void *context, struct rpc_request *request, uint32_t from)
{
    (void)context;
    return caller_may(request, MAY_INSPECT) ? processes_here(request, from, false) : refused();
}

static err_t processes_of(void *context, struct rpc_request *request, uint32_t core, uint32_t from)
{
    bool other = false;
    err_t e = caller_may(request, MAY_INSPECT) ? is_other(core, &other) : refused();

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    return other ? others_processes(request, (coreid_t)core, from) : processes_here(request, from, true);
}

static err_t waits(void *context, struct rpc_request *request, uint32_t core, uint32_t from)
{
    static struct core_waiting found[CORE_WAITS_FOUND_MAX];
    bool other = false;
    uint32_t next;
    size_t count;
    err_t e = caller_may(request, MAY_INSPECT) ? is_other(core, &other) : refused();

    (void)context;
    if (!err_ok(e) || other) {
        return err_ok(e) ? others_waits(request, (coreid_t)core, from) : e;
    }
    count = look_at_waits(from, rpc_client(request), found, ARRAY_LENGTH(found), &next);
    return core_waits_reply(request, found, count, next);
}

static err_t capabilities(void *context, struct rpc_request *request, uint32_t number, uint32_t from)
{
    static struct core_capability found[CORE_CAPABILITIES_FOUND_MAX];
    size_t count;
    cptr_t next;
    err_t e;

    (void)context;
    if (number != rpc_client(request) && !caller_may(request, MAY_INSPECT)) {
        return refused();
    }
    if (number == PROCESS_NONE) {
        return err_make(ERR_PROC_NOT_FOUND, 0);
    }
    if (processes_core(number) != rt_self()->core) {
        return others_capabilities(request, number, from);
    }
    e = look_at_capabilities(number, from, found, ARRAY_LENGTH(found), &count, &next);
    return err_ok(e) ? core_capabilities_reply(request, found, count, next) : e;
}

static err_t regions(void *context, struct rpc_request *request, uint32_t number, uint64_t from)
{
    static struct core_region found[CORE_REGIONS_FOUND_MAX];
    size_t count;
    uint64_t next;
    err_t e;

    (void)context;
    if (number != rpc_client(request) && !caller_may(request, MAY_INSPECT)) {
        return refused();
    }
    if (number == PROCESS_NONE) {
        return err_make(ERR_PROC_NOT_FOUND, 0);
    }
    if (processes_core(number) != rt_self()->core) {
        return others_regions(request, number, from);
    }
    e = look_at_regions(archive, number, from, found, ARRAY_LENGTH(found), &count, &next);
    return err_ok(e) ? core_regions_reply(request, found, count, next) : e;
}

static err_t memory(void *context, struct rpc_request *request)
{
    struct core_figures f;
    err_t e = look_memory(archive->info, &f);

    (void)context;
    return err_ok(e) ? core_memory_reply(request, f.total, f.free, f.used, f.reserved, f.largest) : e;
}

static err_t figures(void *context, struct rpc_request *request, uint32_t core)
{
    struct core_figures f;
    bool other;
    err_t e = is_other(core, &other);

    (void)context;
    if (err_ok(e) && other) {
        return others_figures(request, (coreid_t)core);
    }
    if (err_ok(e)) {
        e = look_memory(archive->info, &f);
    }
    if (err_ok(e)) {
        look_core(&f);
        e = core_figures_reply(request, &f);
    }
    return e;
}

uint64_t core_server_check(void)
{
    return books_check(&server.server);
}

static err_t check(void *context, struct rpc_request *request, uint32_t core)
{
    bool other = false;
    err_t e = caller_may(request, MAY_INSPECT) ? is_other(core, &other) : refused();

    (void)context;
    if (err_ok(e) && other) {
        return others_check(request, (coreid_t)core);
    }
    return err_ok(e) ? core_check_reply(request, core_server_check()) : e;
}

/* By init's own Log capability, as much as fits. */
static err_t read_log(void *context, struct rpc_request *request, uint32_t core, uint64_t position)
{
    char text[CORE_READ_LOG_DATA_MAX];
    size_t count = 0;
    bool other = false;
    err_t e = caller_may(request, MAY_READ_LOG) ? is_other(core, &other) : refused();

    (void)context;
    if (err_ok(e) && other) {
        return others_log(request, (coreid_t)core, position);
    }
    if (err_ok(e)) {
        e = look_log(&position, text, sizeof(text), &count);
    }
    return err_ok(e) ? core_read_log_reply(request, position, text, count) : e;
}

static const struct core_ops ops = {
    .machine = machine,
    .processes = processes,
    .spawn = serve_spawn,
    .start = serve_start,
    .wait = serve_wait,
    .kill = serve_kill,
    .memory = memory,
    .capabilities = capabilities,
    .regions = regions,
    .alloc = alloc,
    .free = free_memory,
    .file = file,
    .read_file = read_file,
    .power_off = power_off,
    .reboot = reboot,
    .pass = serve_pass,
    .withdraw = serve_withdraw,
    .ended = serve_ended,
    .spawn_on = serve_spawn_on,
    .processes_of = processes_of,
    .figures = figures,
    .check = check,
    .read_log = read_log,
    .names_of = serve_names_of,
    .find_file = find_file,
    .waits = waits,
};

/* All of them with init's lock. */
static err_t dispatch(const void *table, void *context, struct rpc_request *request)
{
    err_t e;

    core_lock();
    e = core_interface.dispatch(table, context, request);
    core_unlock();
    return e;
}

static struct rpc_interface interface;
static struct rpc_service service = {.interface = &interface, .ops = &ops, .number = SERVICE_CORE};

/* ---- the loop ---- */

static struct rpc_memory memory_of_calls;

void core_server_prepare(const struct archive *from)
{
    archive = from;
    interface = core_interface;
    interface.dispatch = dispatch;
    memory_of_calls = rpc_memory_of(memory_heap());
    rpc_lmp_server_init(&server, &memory_of_calls, &rpc_own_slots);
    ends_prepare(from, &server);
}

const struct rpc_service *core_server_service(void)
{
    return &service;
}

err_t core_server_run(struct rpc_service *streams)
{
    err_t e = rpc_server_add(&server.server, &service);

    if (err_ok(e)) {
        e = rpc_server_add(&server.server, streams);
    }
    if (err_ok(e)) {
        e = rpc_server_add(&server.server, channels_service());
    }
    return err_ok(e) ? rpc_lmp_serve(&server, NANOS_NEVER) : e;
}
