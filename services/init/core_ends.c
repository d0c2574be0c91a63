/* SPDX-License-Identifier: MIT */
/* How processes end, and who is told:
 *
 *    ended, killed --> what others share is asked back --> memory taken back --> names gone --> finish: all
 * told (shared.h; a thread of its own)                          (ends.h) */
#include <mudskipper/heap/heap.h>
#include <mudskipper/rpc/lmp.h>
#include "abroad.h"
#include "boot.h"
#include "core_calls.h"
#include "ends.h"
#include "lock.h"
#include "machine.h"
#include "memory.h"
#include "peer_rpc.h"
#include "peers.h"
#include "shared.h"
#include "waits.h"

static const struct archive *archive;
static struct rpc_lmp_server *server;

/* ---- other cores that want to know; made when they begin to, so that it is there at the end ---- */

struct notice {
    struct work work;
    uint64_t cores;
    uint32_t number;
    uint32_t parent;
    struct process_exit exit;
};

static err_t add_watcher(struct process *p, coreid_t core)
{
    if (p->notice == NULL) {
        p->notice = heap_calloc(memory_heap(), 1, sizeof(*p->notice));
    }
    if (p->notice == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*p->notice));
    }
    p->notice->cores |= (uint64_t)1 << core;
    return OK;
}

static struct peer_exit exit_for_peer(const struct process_exit *exit)
{
    return (struct peer_exit){.how = (uint8_t)exit->how,
                              .code = exit->code,
                              .fault = exit->fault,
                              .access = exit->access,
                              .address = exit->address};
}

static void tell_cores(struct work *work)
{
    struct notice *n = CONTAINER_OF(work, struct notice, work);
    struct peer_exit exit = exit_for_peer(&n->exit);

    for (coreid_t core = 0; core < CAP_NOTIFY_CORES && n->cores >> core != 0; core++) {
        struct rpc_channel channel;
        err_t e;

        if (!(n->cores >> core & 1)) {
            continue;
        }
        e = peers_channel(core, &channel);
        if (err_ok(e)) {
            e = peer_ended(&channel, n->number, n->parent, &exit);
        }
        if (!err_is_shortage(e)) {
            n->cores &= ~((uint64_t)1 << core);
        }
    }
    if (n->cores != 0) {
        work_again(&n->work);
    } else {
        heap_free(memory_heap(), n);
    }
}

static void send_notice(struct process *p)
{
    struct notice *n = p->notice;

    p->notice = NULL;
    if (n == NULL) {
        return;
    }
    n->number = p->number;
    n->parent = p->parent;
    n->exit = p->exit;
    work_surely(&n->work, tell_cores);
}

static bool is_abroad(uint32_t number)
{
    return processes_core(number) != rt_self()->core;
}

err_t watch_for(coreid_t who, uint32_t number, bool *ended, struct process_exit *exit)
{
    struct process *p = processes_find(number);

    if (p == NULL) {
        return err_make(ERR_PROC_NOT_FOUND, 0);
    }
    *ended = p->finished;
    if (p->finished) {
        *exit = p->exit;
        return OK;
    }
    return add_watcher(p, who);
}

void forget_for(uint32_t number)
{
    struct process *p = processes_find(number);

    if (p != NULL && p->finished) {
        processes_forget(p);
    }
}

/* ---- the end ---- */

static void drop_cancelled(void)
{
    for (struct process *p = processes_from(0); p != NULL; p = p->next) {
        waits_drop_cancelled(&p->waits);
    }
    abroad_drop_cancelled();
}

static void start_again(struct work *work);

/* True: it has been started again, or will be when there is memory. `p` stays for that. */
static bool starts_again(struct process *p)
{
    err_t e;

    if (!boot_wants_again(p)) {
        return false;
    }
    e = boot_start_again(archive, p);
    if (err_is_shortage(e)) {
        rt_log("init: %s is started again as soon as there is memory\n", p->name);
        processes_expect(p, true);
        work_surely(&p->ending, start_again);
        return true;
    }
    return err_ok(e);
}

static void start_again(struct work *work)
{
    struct process *p = CONTAINER_OF(work, struct process, ending);
    err_t e;

    core_lock();
    e = boot_start_again(archive, p);
    if (!err_is_shortage(e)) {
        processes_expect(p, false);
        if (!err_ok(e) && !processes_ended_well(p)) {
            machine_failed();
        }
        processes_forget(p);
        machine_look();
    }
    core_unlock();
    if (err_is_shortage(e)) {
        work_again(work);
    }
}

/* It owns nothing any more, no name either: who asked is answered, what it asked is forgotten. */
static void finish(struct process *p)
{
    bool asked;

    rpc_server_forget(&server->server, RPC_BADGE(SERVICE_CORE, p->number));
    rpc_server_forget(&server->server, RPC_BADGE(SERVICE_STREAMS, p->number));
    rpc_server_forget(&server->server, RPC_BADGE(SERVICE_CHANNELS, p->number));
    drop_cancelled();
    abroad_orphan(p->number);
    if (!starts_again(p) && p->origin.line != 0 && !processes_ended_well(p)) {
        machine_failed();
    }
    send_notice(p);
    asked = waits_tell(&p->waits, &p->exit);
    if (!p->expected && (asked || p->parent == PROCESS_NONE)) {
        processes_forget(p);
    }
    machine_look();
}

static void ask_for_it(struct work *work);

static void take_back(struct process *p)
{
    if (processes_take_back(p)) {
        ends_tell(p);
    } else {
        work_surely(&p->ending, ask_for_it);
    }
}

/* In the way is what others share and only this process had here: a Service, whose Handles other cores have.
 * The nameserver's end is such a one: nobody can make Handles of those Services any more, but some may still
 * be on their way to other cores, so that the same may be in the way again. One after the other: what is not
 * in the way is somebody else's. */
static void ask_for_it(struct work *work)
{
    struct process *p = CONTAINER_OF(work, struct process, ending);
    bool any = shared_any_in(p->in_the_way, 1);
    err_t e = shared_withdraw_range(p->in_the_way, 1);

    if (err_is_shortage(e)) {
        work_again(work);
        return;
    }
    core_lock();
    p->stuck = !any || !err_ok(e);
    take_back(p);
    core_unlock();
}

/* The record stays until it is finished. */
static void ask_back(struct work *work)
{
    struct process *p = CONTAINER_OF(work, struct process, ending);

    err_t e = shared_withdraw(p->number);

    if (err_is_shortage(e)) {
        work_again(work);
        return;
    }
    if (!err_ok(e)) {
        rt_log("init: memory of process %u is still in use on other cores\n", p->number);
    }
    core_lock();
    take_back(p);
    core_unlock();
}

static void begin_end(struct process *p)
{
    if (shared_any(p->number)) {
        work_surely(&p->ending, ask_back);
    } else {
        take_back(p);
    }
}

err_t watch_child(uint32_t number)
{
    struct process *p = processes_find(number);
    err_t e = add_watcher(p, processes_core(p->parent));

    if (!err_ok(e)) {
        p->parent = PROCESS_NONE;
        processes_kill(p);
        begin_end(p);
    }
    return e;
}

void ends_of_process(void *context, const struct rt_message *message)
{
    struct process *p;

    (void)context;
    core_lock();
    p = processes_ended(message);
    if (p != NULL) {
        begin_end(p);
    }
    core_unlock();
}

void ends_prepare(const struct archive *from, struct rpc_lmp_server *of)
{
    archive = from;
    server = of;
    server->other = ends_of_process;
    ends_init(finish);
}

/* ---- calls ---- */

static bool is_child(const struct rpc_request *request, const struct process *p)
{
    return p->parent == rpc_client(request);
}

err_t serve_ended(void *context, struct rpc_request *request, uint32_t done)
{
    (void)context;
    return caller_may(request, MAY_SERVE_NAMES) ? ends_next(request, done) : refused();
}

static err_t wait_here(struct rpc_request *request, struct process *p, bool block)
{
    err_t e;

    if (!p->finished) {
        return block ? waits_add(&p->waits, request, is_child(request, p), false) : err_make(ERR_TIMEOUT, 0);
    }
    e = waits_answer(request, &p->exit);
    if (err_ok(e) && is_child(request, p)) {
        processes_forget(p);
    }
    return e;
}

static err_t wait_abroad(struct rpc_request *request, struct abroad *a, bool block)
{
    bool parent = a->parent == rpc_client(request);
    err_t e;

    if (!a->ended && peers_is_silent(processes_core(a->number))) {
        return err_make(ERR_PEER_GONE, processes_core(a->number));
    }
    if (!a->ended) {
        return block ? abroad_await(a, request, parent) : err_make(ERR_TIMEOUT, 0);
    }
    e = waits_answer(request, &a->exit);
    if (err_ok(e) && parent) {
        abroad_forget(a);
    }
    return e;
}

err_t serve_wait(void *context, struct rpc_request *request, uint32_t number, bool block)
{
    struct process *p = processes_find(number);
    struct abroad *a = abroad_find(number);
    bool all = caller_may(request, MAY_INSPECT);

    (void)context;
    if (p != NULL && (all || is_child(request, p))) {
        return wait_here(request, p, block);
    }
    if (a != NULL && (all || a->parent == rpc_client(request))) {
        return wait_abroad(request, a, block);
    }
    if (all && number != PROCESS_NONE && is_abroad(number)) {
        return others_wait(request, number, block);
    }
    return err_make(ERR_PROC_NOT_FOUND, 0);
}

err_t kill_for(struct rpc_request *request, uint32_t number)
{
    struct process *p = processes_find(number);
    err_t e;

    if (p == NULL || p->ended) {
        return number == PROCESS_INIT ? refused() : err_make(ERR_PROC_NOT_FOUND, 0);
    }
    e = waits_add(&p->waits, request, false, true);
    if (err_ok(e)) {
        processes_kill(p);
        begin_end(p);
    }
    return e;
}

err_t serve_kill(void *context, struct rpc_request *request, uint32_t number)
{
    const struct process *p = processes_find(number);
    const struct abroad *a = abroad_find(number);
    bool all = caller_may(request, MAY_MANAGE);

    (void)context;
    if (number == rpc_client(request)) {
        return err_make(ERR_BAD_ARGUMENT, 1); /* nobody would be left to answer; rt_exit does it */
    }
    if (number != PROCESS_NONE && is_abroad(number)) {
        all = all || (a != NULL && a->parent == rpc_client(request));
        return all ? others_kill(request, number) : refused();
    }
    if (p != NULL && !p->ended && !all && !is_child(request, p)) {
        return refused();
    }
    return kill_for(request, number);
}
