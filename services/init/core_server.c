/* SPDX-License-Identifier: MIT */
#include "core_server.h"
#include <mudskipper/abi/boot_info.h>
#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/cpio.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/core_calls.h>
#include "archive.h"
#include "boot.h"
#include "core_look.h"
#include "core_rpc.h"
#include "drivers.h"
#include "ends.h"
#include "lock.h"
#include "memory.h"
#include "processes.h"
#include "work.h"

#define SERVICE_CORE 1u /* 0 is the kernel's: ends of processes */

static const struct archive *archive;
static struct rpc_lmp_server server;
static bool any_failed; /* of those that the boot file started, and that are not started again */

/* Which child calls. Only children can, and a dead one cannot. */
static const struct process *caller(const struct rpc_request *request)
{
    return processes_find(rpc_client(request));
}

static bool may(const struct rpc_request *request, enum process_right right)
{
    const struct process *p = caller(request);

    return p != NULL && p->rights & right;
}

static bool is_child(const struct rpc_request *request, const struct process *p)
{
    return p->parent == rpc_client(request);
}

static err_t refused(void)
{
    return err_make(ERR_CAP_MISSING_RIGHT, SLOT_INIT);
}

#define CORE_OWN UINT32_MAX /* of the caller's */

/* BAD_CORE; PEER_GONE: no core server runs there. */
static err_t is_here(uint32_t core)
{
    if (core >= archive->info->cores) {
        return err_make(ERR_BAD_CORE, core);
    }
    return core == rt_self()->core ? OK : err_make(ERR_PEER_GONE, core);
}

/* ---- ends
 * ----------------------------------------------------------------------------------------------------------
 */

/* Somebody who wants to know how a process ends, or only that it has ended: who killed it. */
struct wait {
    struct wait *next;
    struct rpc_request *kept;
    bool parent;
    bool killed_it;
};

static err_t tell(struct rpc_request *request, const struct process_exit *exit)
{
    return core_wait_reply(request, (uint8_t)exit->how, exit->code, exit->fault, exit->access, exit->address);
}

/* Waits that nobody waits for any more. */
static void drop_cancelled(struct process *p)
{
    struct wait **place = &p->waits;

    while (*place != NULL) {
        struct wait *w = *place;

        if (rpc_is_cancelled(w->kept)) {
            *place = w->next;
            rpc_fail(w->kept, err_make(ERR_CANCELLED, 0));
            heap_free(memory_heap(), w);
        } else {
            place = &w->next;
        }
    }
}

/* Answers everybody; true: its parent was among them. */
static bool tell_all(struct process *p)
{
    bool told = false;

    while (p->waits != NULL) {
        struct wait *w = p->waits;
        bool asked = w->parent && !w->killed_it;
        err_t e;

        p->waits = w->next;
        e = w->killed_it ? rpc_reply_empty(w->kept, OK) : tell(w->kept, &p->exit);
        heap_free(memory_heap(), w);
        told |= asked && err_ok(e);
    }
    return told;
}

/* The machine ends with the last process of core 0; other cores wait for work. */
static bool is_over(void)
{
    return rt_self()->core == 0 && processes_alive() == 0;
}

/* It owns nothing any more, no name either: who asked is answered, what it asked is forgotten. */
static void finish(struct process *p)
{
    rpc_server_forget(&server.server, RPC_BADGE(SERVICE_CORE, p->number));
    for (struct process *other = processes_from(0); other != NULL; other = other->next) {
        drop_cancelled(other);
    }
    if (!boot_start_again(archive, p)) {
        any_failed |= p->origin.line != 0 && !processes_ended_well(p);
    }
    if (tell_all(p) || p->parent == PROCESS_NONE) {
        processes_forget(p);
    }
    if (is_over()) {
        rpc_lmp_stop(&server);
    }
}

static void on_end(void *context, const struct rt_message *message)
{
    struct process *p;

    (void)context;
    core_lock();
    p = processes_ended(message);
    if (p != NULL) {
        ends_tell(p);
    }
    core_unlock();
}

static err_t ended(void *context, struct rpc_request *request, uint32_t done)
{
    (void)context;
    return may(request, MAY_SERVE_NAMES) ? ends_next(request, done) : refused();
}

static err_t keep_wait(struct rpc_request *request, struct process *p, bool killed_it)
{
    struct wait *w = heap_malloc(memory_heap(), sizeof(*w));
    err_t e;

    if (w == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*w));
    }
    drop_cancelled(p);
    w->parent = is_child(request, p);
    w->killed_it = killed_it;
    e = rpc_keep(request, &w->kept);
    if (!err_ok(e)) {
        heap_free(memory_heap(), w);
        return e;
    }
    w->next = p->waits;
    p->waits = w;
    return OK;
}

static err_t wait(void *context, struct rpc_request *request, uint32_t number, bool block)
{
    struct process *p = processes_find(number);
    err_t e;

    (void)context;
    if (p == NULL || !(is_child(request, p) || may(request, MAY_INSPECT))) {
        return err_make(ERR_PROC_NOT_FOUND, 0);
    }
    if (!p->finished) {
        return block ? keep_wait(request, p, false) : err_make(ERR_TIMEOUT, 0);
    }
    e = tell(request, &p->exit);
    if (err_ok(e) && is_child(request, p)) {
        processes_forget(p);
    }
    return e;
}

static err_t kill(void *context, struct rpc_request *request, uint32_t number)
{
    struct process *p = processes_find(number);
    err_t e;

    (void)context;
    if (p == NULL || p->ended) {
        return number == PROCESS_INIT ? refused() : err_make(ERR_PROC_NOT_FOUND, 0);
    }
    if (number == rpc_client(request)) {
        return err_make(ERR_BAD_ARGUMENT, 1); /* nobody would be left to answer; rt_exit does it */
    }
    if (!is_child(request, p) && !may(request, MAY_MANAGE)) {
        return refused();
    }
    e = keep_wait(request, p, true);
    if (err_ok(e)) {
        processes_kill(p);
        ends_tell(p);
    }
    return e;
}

/* ---- spawn
 * ---------------------------------------------------------------------------------------------------------
 */

static unsigned count_words(const char *words, size_t bytes)
{
    unsigned count = 0;

    for (size_t i = 0; i < bytes; i++) {
        count += words[i] == '\0';
    }
    return count;
}

/* Points into `words`. */
static void point_at(const char **list, unsigned count, const char *words)
{
    for (unsigned i = 0; i < count; i++) {
        list[i] = words;
        words += str_length(words) + 1;
    }
}

static bool are_words(const char *words, size_t bytes)
{
    return bytes == 0 || words[bytes - 1] == '\0';
}

/* What came of a start that is filled but for its words. */
static err_t start_words(struct process_start *what, const char *words, size_t words_bytes,
                         const char *settings, size_t settings_bytes, uint32_t *number)
{
    const char **list;
    size_t room;
    err_t e;

    what->argc = count_words(words, words_bytes);
    what->envc = count_words(settings, settings_bytes);
    if (what->argc == 0 || !are_words(words, words_bytes) || !are_words(settings, settings_bytes)) {
        return err_make(ERR_BAD_ARGUMENT, 1);
    }
    room = ((size_t)what->argc + what->envc) * sizeof(*list);
    list = heap_malloc(memory_heap(), room);
    if (list == NULL) {
        return err_make(ERR_NO_MEMORY, room);
    }
    point_at(list, what->argc, words);
    point_at(list + what->argc, what->envc, settings);
    what->argv = list;
    what->envp = list + what->argc;
    e = processes_start(what, number);
    heap_free(memory_heap(), list);
    return e;
}

/* A start on behalf of the caller, who has the streams. */
static err_t child_of(const struct rpc_request *request, struct process_start *what)
{
    const struct process *parent = caller(request);

    if (parent == NULL) {
        return err_make(ERR_PEER_GONE, 0); /* it has just ended */
    }
    *what = (struct process_start){
        .parent = parent->number, .streams = parent->streams, .priority = PRIORITY_NORMAL};
    return OK;
}

static err_t spawn(void *context, struct rpc_request *request, const void *words, size_t bytes)
{
    struct process_start what;
    uint32_t number;
    err_t e = child_of(request, &what);

    (void)context;
    if (err_ok(e)) {
        e = start_words(&what, words, bytes, NULL, 0, &number);
    }
    return err_ok(e) ? core_spawn_reply(request, number) : e;
}

/* Nobody gives a child what he has not got himself. */
static err_t start(void *context, struct rpc_request *request, const void *words, size_t words_bytes,
                   const void *settings, size_t settings_bytes, const char *caps, cptr_t out)
{
    struct process_start what;
    uint32_t number;
    err_t e = child_of(request, &what);

    (void)context;
    if (err_ok(e)) {
        e = boot_rights(text_of(caps), &what.rights);
    }
    if (err_ok(e) && what.rights & ~caller(request)->rights) {
        e = refused();
    }
    if (err_ok(e)) {
        what.out = out;
        what.streams &= out != CPTR_NULL ? STREAM_IN : STREAMS_ALL;
        e = start_words(&what, words, words_bytes, settings, settings_bytes, &number);
    }
    return err_ok(e) ? core_start_reply(request, number) : e;
}

static err_t spawn_on(void *context, struct rpc_request *request, uint32_t core, uint8_t streams,
                      const void *words, size_t bytes)
{
    struct process_start what;
    uint32_t number;
    err_t e = core == CORE_OWN ? OK : is_here(core);

    (void)context;
    if (err_ok(e)) {
        e = child_of(request, &what);
    }
    if (err_ok(e)) {
        what.streams &= streams;
        e = start_words(&what, words, bytes, NULL, 0, &number);
    }
    return err_ok(e) ? core_spawn_on_reply(request, number) : e;
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

static err_t free_memory(void *context, struct rpc_request *request, uint64_t base, uint64_t bytes)
{
    (void)context;
    return memory_free(rpc_client(request), base, bytes);
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

/* What is on its way to the console is waited for. */
struct end_later {
    struct later later;
    enum invocation_kernel how;
    uint32_t code;
};

static void end_machine(struct later *later)
{
    const struct end_later *l = CONTAINER_OF(later, struct end_later, later);

    drivers_flush();
    rpc_fail(later->request, cap_kernel(SLOT_KERNEL, l->how, l->code)); /* only if that was refused */
    later_free(later);
}

static err_t end_machine_later(struct rpc_request *request, enum invocation_kernel how, uint32_t code)
{
    struct end_later *l;

    if (!may(request, MAY_MANAGE)) {
        return refused();
    }
    l = later_make(sizeof(*l));
    if (l == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*l));
    }
    l->how = how;
    l->code = code;
    return later_start(&l->later, request, end_machine);
}

static err_t power_off(void *context, struct rpc_request *request, uint32_t code)
{
    (void)context;
    return end_machine_later(request, KERNEL_POWER_OFF, code);
}

static err_t reboot(void *context, struct rpc_request *request)
{
    (void)context;
    return end_machine_later(request, KERNEL_RESET, 0);
}

/* ---- looking: what may be seen is decided here, core_look.c looks ---- */

static err_t processes(void *context, struct rpc_request *request, uint32_t from)
{
    (void)context;
    return may(request, MAY_INSPECT) ? look_processes(request, from) : refused();
}

static err_t capabilities(void *context, struct rpc_request *request, uint32_t number, uint32_t from)
{
    const struct process *p = processes_find(number);

    (void)context;
    if (number != rpc_client(request) && !may(request, MAY_INSPECT)) {
        return refused();
    }
    if (number == PROCESS_INIT) {
        return look_capabilities(request, SLOT_ROOT, from);
    }
    return p != NULL && !p->ended ? look_capabilities(request, p->root, from)
                                  : err_make(ERR_PROC_NOT_FOUND, 0);
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
    err_t e = is_here(core);

    (void)context;
    if (err_ok(e)) {
        e = look_memory(archive->info, &f);
    }
    if (err_ok(e)) {
        look_core(&f);
        e = core_figures_reply(request, &f);
    }
    return e;
}

static err_t processes_of(void *context, struct rpc_request *request, uint32_t core, uint32_t from)
{
    err_t e = may(request, MAY_INSPECT) ? is_here(core) : refused();

    (void)context;
    return err_ok(e) ? look_processes(request, from) : e;
}

/* By init's own Log capability, as much as fits. */
static err_t read_log(void *context, struct rpc_request *request, uint32_t core, uint64_t position)
{
    char text[CORE_READ_LOG_DATA_MAX];
    size_t count = 0;
    err_t e = may(request, MAY_READ_LOG) ? is_here(core) : refused();

    (void)context;
    if (err_ok(e)) {
        e = look_log(&position, text, sizeof(text), &count);
    }
    return err_ok(e) ? core_read_log_reply(request, position, text, count) : e;
}

static const struct core_ops ops = {
    .machine = machine,
    .processes = processes,
    .spawn = spawn,
    .start = start,
    .wait = wait,
    .kill = kill,
    .memory = memory,
    .capabilities = capabilities,
    .alloc = alloc,
    .free = free_memory,
    .file = file,
    .read_file = read_file,
    .power_off = power_off,
    .reboot = reboot,
    .ended = ended,
    .spawn_on = spawn_on,
    .processes_of = processes_of,
    .figures = figures,
    .read_log = read_log,
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

static void *allocate(void *context, size_t bytes)
{
    return heap_malloc(context, bytes);
}

static void release(void *context, void *block, size_t bytes)
{
    (void)bytes;
    heap_free(context, block);
}

static struct rpc_memory memory_of_calls = {.allocate = allocate, .release = release};

void core_server_prepare(const struct archive *from)
{
    archive = from;
    interface = core_interface;
    interface.dispatch = dispatch;
    memory_of_calls.context = memory_heap();
    rpc_lmp_server_init(&server, &memory_of_calls, &rpc_own_slots);
    server.other = on_end;
    ends_init(finish);
}

const struct rpc_service *core_server_service(void)
{
    return &service;
}

err_t core_server_run(bool *good)
{
    err_t e = rpc_server_add(&server.server, &service);

    if (err_ok(e) && !is_over()) {
        e = rpc_lmp_serve(&server, NANOS_NEVER);
    }
    *good = !any_failed;
    return e;
}
