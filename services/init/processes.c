/* SPDX-License-Identifier: MIT */
#include "processes.h"
#include "check.h"
#include <mudskipper/abi/boot_info.h>
#include <mudskipper/heap/heap.h>
#include <mudskipper/ns/client.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/spawn/spawn.h>
#include "archive.h"
#include "channels.h"
#include "drivers.h"
#include "memory.h"
#include "streams.h"

/* Slots of a record. */
enum held {
    HELD_RAM,      /* what it is made of */
    HELD_MONITOR,  /* through which the kernel tells of its end */
    HELD_SERVICE,  /* what becomes its SLOT_INIT */
    HELD_CHANNELS, /* what becomes its SLOT_CHANNELS */
    HELD_CONSOLE,  /* what becomes its standard streams */
    HELD_NAMES,    /* what becomes its SLOT_NAMES */
    HELD_COUNT,
};

static const struct archive *archive;
static const struct rpc_service *service;
static cptr_t log_writer; /* a Log that may be written only */
static cptr_t names;

static struct process *first;
static unsigned alive;
static uint64_t started;
static uint64_t next_number;
static nanos_t time_of_ended;

unsigned processes_alive(void)
{
    return alive;
}

cptr_t processes_names(void)
{
    return names;
}

uint64_t processes_started(void)
{
    return started;
}

nanos_t processes_time_of_ended(void)
{
    return time_of_ended;
}

bool processes_ended_well(const struct process *p)
{
    return p->exit.how == EXIT_BY_ITSELF && p->exit.code == 0;
}

coreid_t processes_core(uint32_t number)
{
    return (number - 1) % archive->info->cores;
}

err_t processes_init(const struct archive *from, const struct rpc_service *core)
{
    err_t e = slot_alloc(&log_writer);

    archive = from;
    service = core;
    next_number = PROCESS_INIT + archive->info->cores;
    if (err_ok(e)) {
        e = cap_narrow(SLOT_LOG, log_writer, CAP_WRITE | CAP_GRANT | CAP_IDENTIFY);
    }
    return err_ok(e) ? memory_own_endpoint(&names) : e;
}

/* ---- records ---- */

static err_t new_record(struct process **p)
{
    *p = heap_calloc(memory_heap(), 1, sizeof(**p));
    if (*p == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(**p));
    }
    err_t e = slot_alloc_run(HELD_COUNT, &(*p)->slots);

    if (!err_ok(e)) {
        heap_free(memory_heap(), *p);
    }
    return e;
}

static void drop_slots(const struct process *p)
{
    for (unsigned i = 0; i < HELD_COUNT; i++) {
        slot_delete(p->slots + i);
    }
}

static struct process **place_of(uint32_t number)
{
    struct process **p = &first;

    while (*p != NULL && (*p)->number < number) {
        p = &(*p)->next;
    }
    return p;
}

struct process *processes_from(uint32_t number)
{
    return *place_of(number);
}

struct process *processes_find(uint64_t number)
{
    struct process *p = number <= UINT32_MAX ? processes_from((uint32_t)number) : NULL;

    return p != NULL && p->number == number ? p : NULL;
}

/* ---- birth
 * ---------------------------------------------------------------------------------------------------------
 */

/* Who serves at an endpoint of init's: messages there are its from the start. The kernel's last line on the
 * console is before the first of its driver. */
static err_t start_server(struct process *p, const struct spawned *s, const struct process_start *what)
{
    struct cap_identity endpoint;
    err_t e = cap_identify(what->endpoint, &endpoint);

    if (err_ok(e)) {
        p->serves = endpoint.base;
        e = cap_dispatcher_bind(p->dispatcher, what->endpoint);
    }
    if (err_ok(e) && what->takes_console) {
        e = cap_kernel(SLOT_KERNEL, KERNEL_TAKE_CONSOLE, 0);
    }
    return err_ok(e)
               ? cap_dispatcher_start(p->dispatcher, s->entry, s->stack_top, s->start_block, what->priority)
               : e;
}

static err_t spawn_in(struct process *p, struct spawn_request *request, const struct process_start *what)
{
    struct spawned spawned;
    paddr_t base;
    uint64_t bytes;
    err_t e = spawn_bytes(request, &bytes);

    if (err_ok(e)) {
        e = memory_alloc(p->number, bytes, p->slots + HELD_RAM, &base);
    }
    if (err_ok(e)) {
        request->suspended = what->endpoint != CPTR_NULL;
        e = spawn(request, p->slots + HELD_RAM, &spawned);
    }
    if (!err_ok(e)) {
        return e;
    }
    p->dispatcher = spawned.dispatcher;
    p->root = spawned.root;
    if (what->endpoint != CPTR_NULL) {
        e = start_server(p, &spawned, what);
    }
    if (!err_ok(e)) {
        slot_delete(p->dispatcher);
        slot_delete(p->root);
    }
    return e;
}

/* What it is granted: what every process gets, its streams, and what is its own. */
struct grants {
    struct spawn_grant list[4 + 3 + 2 + PROCESS_GRANTS_MAX];
    unsigned count;
};

static void grant(struct grants *g, cptr_t from, cptr_t to)
{
    g->list[g->count++] = (struct spawn_grant){.from = from, .to = to};
}

static err_t give(struct process *p, const struct process_start *what, struct grants *g)
{
    static const cptr_t streams[] = {SLOT_STDIN, SLOT_STDOUT, SLOT_STDERR};
    bool console = false;
    err_t e = rpc_lmp_offer(service, p->number, p->slots + HELD_SERVICE);

    if (err_ok(e)) {
        e = rpc_lmp_offer(channels_service(), p->number, p->slots + HELD_CHANNELS);
    }
    if (err_ok(e)) {
        e = cap_badge(names, p->slots + HELD_NAMES,
                      RPC_BADGE(p->origin.line != 0 ? NAMES_FOR_SYSTEM : NAMES_FOR_PROGRAMS, p->number));
    }
    if (err_ok(e) && p->streams != 0) {
        e = streams_give(p->number, p->slots + HELD_CONSOLE, &console);
        for (unsigned i = 0; i < ARRAY_LENGTH(streams); i++) {
            if (console && p->streams >> i & 1) {
                grant(g, p->slots + HELD_CONSOLE, streams[i]);
            }
        }
    }
    if (what->out != CPTR_NULL) {
        grant(g, what->out, SLOT_STDOUT);
        grant(g, what->out, SLOT_STDERR);
    }
    grant(g, p->rights & MAY_READ_LOG ? SLOT_LOG : log_writer, SLOT_LOG);
    grant(g, p->slots + HELD_SERVICE, SLOT_INIT);
    grant(g, p->slots + HELD_NAMES, SLOT_NAMES);
    grant(g, p->slots + HELD_CHANNELS, SLOT_CHANNELS);
    for (unsigned i = 0; i < what->grants_count; i++) {
        g->list[g->count++] = what->grants[i];
    }
    return e;
}

/* The record has its number and slots; on failure nothing but them is left. */
static err_t start(struct process *p, const struct process_start *what, struct spawn_request *request)
{
    struct grants grants = {.count = 0};
    err_t e = memory_add_client(p->number);

    if (!err_ok(e)) {
        return e;
    }
    e = cap_badge(SLOT_ENDPOINT, p->slots + HELD_MONITOR, p->number);
    if (err_ok(e)) {
        e = give(p, what, &grants);
    }
    if (err_ok(e)) {
        request->monitor = p->slots + HELD_MONITOR;
        request->grants = grants.list;
        request->grants_count = grants.count;
        e = spawn_in(p, request, what);
    }
    if (!err_ok(e)) {
        err_t ignored = memory_end_client(p->number); /* frees what it has; it has little */

        (void)ignored;
    }
    return e;
}

err_t processes_start(const struct process_start *what, uint32_t *number)
{
    struct process *p;
    struct spawn_request request = {.core = rt_self()->core,
                                    .priority = what->priority,
                                    .argc = what->argc,
                                    .argv = what->argv,
                                    .envc = what->envc,
                                    .envp = what->envp};
    err_t e = archive_program(archive, what->argv[0], &request.elf, &request.elf_bytes);

    if (err_ok(e) && next_number > UINT32_MAX) {
        e = err_make(ERR_LIMIT, UINT32_MAX);
    }
    if (err_ok(e)) {
        e = new_record(&p);
    }
    if (!err_ok(e)) {
        return e;
    }
    p->number = (uint32_t)next_number;
    p->parent = what->parent;
    p->origin = what->origin;
    p->rights = what->rights;
    p->streams = what->streams;
    p->is_driver = what->is_driver;
    p->has_console = what->takes_console;
    str_copy(p->name, sizeof(p->name), what->argv[0]);
    request.name = p->name;
    request.process = p->number;
    e = start(p, what, &request);
    if (!err_ok(e)) {
        drop_slots(p);
        heap_free(memory_heap(), p);
        return e;
    }
    next_number += archive->info->cores;
    *place_of(p->number) = p; /* the highest: the end of the list */
    alive += !p->is_driver;
    started += !p->is_driver;
    *number = p->number;
    return OK;
}

/* ---- death
 * ---------------------------------------------------------------------------------------------------------
 */

void processes_orphan(uint32_t parent)
{
    struct process *next;

    for (struct process *p = first; p != NULL; p = next) {
        next = p->next;
        if (p->parent == parent) {
            p->parent = PROCESS_NONE;
            if (p->finished) {
                processes_forget(p);
            }
        }
    }
}

/* The kernel shows the log again, and this first. */
static void lose_console(const struct process *p)
{
    err_t e = cap_kernel(SLOT_KERNEL, KERNEL_TAKE_CONSOLE, 1);

    (void)e; /* it cannot be refused */
    rt_log("init: %s, the driver of the console, has ended; what follows is the kernel's log\n", p->name);
}

/* It runs no more; what it had is still there. */
static void end(struct process *p, const struct process_exit *exit)
{
    struct dispatcher_info last;
    err_t e = cap_dispatcher_info(p->dispatcher, &last);

    p->ended = true;
    p->exit = *exit;
    p->exit.time = err_ok(e) ? last.cpu_time : 0;
    time_of_ended += p->exit.time;
    alive -= !p->is_driver;
    channels_end_process(p->number);
    slot_delete(p->dispatcher);
    slot_delete(p->root);
    if (p->has_console) {
        lose_console(p);
    }
}

bool processes_take_back(struct process *p)
{
    err_t e = memory_end_client(p->number);

    channels_look();
    if (err_is(e, ERR_CAP_SHARED) && !p->stuck) {
        p->in_the_way = e.detail;
        return false;
    }
    if (!err_ok(e)) {
        char why[200];

        err_print(why, sizeof(why), e);
        rt_log("init: cannot take back the memory of process %u (%s): %s\n", p->number, p->name, why);
    }
    drop_slots(p);
    processes_orphan(p->number);
    p->taken_back = true;
    return true;
}

struct process *processes_ended(const struct rt_message *message)
{
    struct process *p = processes_find(message->badge);

    if (p == NULL || p->ended) {
        return NULL; /* killed: its end was dealt with at once */
    }
    end(p, &(struct process_exit){.code = (uint32_t)message->words[0],
                                  .how = (enum exit_reason)message->words[1],
                                  .fault = (uint8_t)message->words[2],
                                  .access = (uint8_t)message->words[3],
                                  .address = message->words[4]});
    return p;
}

void processes_kill(struct process *p)
{
    err_t ignored = cap_dispatcher_end(p->dispatcher, 0); /* one that has just ended by itself is as good */

    (void)ignored;
    end(p, &(struct process_exit){.how = EXIT_KILLED});
}

void processes_expect(struct process *p, bool again)
{
    p->expected = again;
    if (!p->is_driver) {
        alive += again ? 1 : -1;
    }
}

void processes_forget(struct process *p)
{
    *place_of(p->number) = p->next;
    heap_free(memory_heap(), p);
}

void processes_check(struct walker *books)
{
    unsigned drivers_aside = 0;
    uint64_t bytes;
    uint64_t quota;

    for (const struct process *p = first; p != NULL; p = p->next) {
        struct cap_identity dispatcher;

        drivers_aside += (!p->ended || p->expected) && !p->is_driver;
        books_expect(books, p->next == NULL || p->next->number > p->number, "processes are out of order",
                     p->number);
        books_expect(books, processes_core(p->number) == rt_self()->core, "a process of another core",
                     p->number);
        books_expect(books, p->ended || !p->taken_back, "a process lives of which all was taken back",
                     p->number);
        books_expect(books, p->taken_back == !err_ok(memory_account(p->number, &bytes, &quota)),
                     "a process has memory and is no more, or has none and is", p->number);
        books_expect(books,
                     p->ended || (err_ok(cap_identify(p->dispatcher, &dispatcher)) &&
                                  dispatcher.type == CAP_TYPE_DISPATCHER),
                     "a process has no dispatcher", p->number);
    }
    books_expect(books, drivers_aside == alive, "processes that live are counted wrong", alive);
}
