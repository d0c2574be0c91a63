/* SPDX-License-Identifier: MIT */
#include "peer_calls.h"
#include <mudskipper/pure/bytes.h>
#include "abroad.h"
#include "archive.h"
#include "channels.h"
#include "core_calls.h"
#include "core_look.h"
#include "core_rpc.h"
#include "core_server.h"
#include "lock.h"
#include "machine.h"
#include "names_of.h"
#include "pass.h"
#include "peer_rpc.h"
#include "shared.h"
#include "streams.h"

#define SERVICE_PEER 1u

static const struct archive *archive;

/* ---- looking; with the lock held, so one at a time ---- */

static err_t processes(void *context, struct rpc_request *request, uint32_t from)
{
    static struct core_process found[CORE_PROCESSES_FOUND_MAX];
    static struct peer_process answer[PEER_PROCESSES_FOUND_MAX];
    bool more;
    size_t count = look_at_processes(from, found, ARRAY_LENGTH(found), &more);

    (void)context;
    mem_copy(answer, found, count * sizeof(found[0]));
    return peer_processes_reply(request, answer, count, more);
}

static err_t capabilities(void *context, struct rpc_request *request, uint32_t number, uint32_t from)
{
    static struct core_capability found[CORE_CAPABILITIES_FOUND_MAX];
    static struct peer_capability answer[PEER_CAPABILITIES_FOUND_MAX];
    cptr_t next;
    size_t count;
    err_t e = look_at_capabilities(number, from, found, ARRAY_LENGTH(found), &count, &next);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    mem_copy(answer, found, count * sizeof(found[0]));
    return peer_capabilities_reply(request, answer, count, next);
}

static err_t waits(void *context, struct rpc_request *request, uint32_t from)
{
    static struct core_waiting found[CORE_WAITS_FOUND_MAX];
    static struct peer_waiting answer[PEER_WAITS_FOUND_MAX];
    uint32_t next;
    size_t count = look_at_waits(from, PROCESS_NONE, found, ARRAY_LENGTH(found), &next);

    (void)context;
    mem_copy(answer, found, count * sizeof(found[0]));
    return peer_waits_reply(request, answer, count, next);
}

static err_t regions(void *context, struct rpc_request *request, uint32_t number, uint64_t from)
{
    static struct core_region found[CORE_REGIONS_FOUND_MAX];
    static struct peer_region answer[PEER_REGIONS_FOUND_MAX];
    uint64_t next;
    size_t count;
    err_t e = look_at_regions(archive, number, from, found, ARRAY_LENGTH(found), &count, &next);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    mem_copy(answer, found, count * sizeof(found[0]));
    return peer_regions_reply(request, answer, count, next);
}

static err_t figures(void *context, struct rpc_request *request)
{
    struct core_figures now;
    struct peer_figures answer;
    err_t e = look_memory(archive->info, &now);

    (void)context;
    if (!err_ok(e)) {
        return e;
    }
    look_core(&now);
    mem_copy(&answer, &now, sizeof(answer));
    return peer_figures_reply(request, &answer);
}

static err_t check(void *context, struct rpc_request *request)
{
    (void)context;
    return peer_check_reply(request, core_server_check());
}

static err_t read_log(void *context, struct rpc_request *request, uint64_t position)
{
    char text[PEER_READ_LOG_DATA_MAX];
    size_t count;
    err_t e = look_log(&position, text, sizeof(text), &count);

    (void)context;
    return err_ok(e) ? peer_read_log_reply(request, position, text, count) : e;
}

/* ---- processes ---- */

static err_t spawn(void *context, struct rpc_request *request, uint32_t parent, uint8_t streams,
                   uint32_t rights, const void *words, size_t bytes)
{
    uint32_t number;
    err_t e = spawn_for(parent, streams, rights, words, bytes, &number);

    (void)context;
    return err_ok(e) ? peer_spawn_reply(request, number) : e;
}

static err_t kill(void *context, struct rpc_request *request, uint32_t number)
{
    (void)context;
    return kill_for(request, number);
}

static err_t watch(void *context, struct rpc_request *request, uint32_t number)
{
    struct process_exit exit = {.how = EXIT_BY_ITSELF};
    bool ended;
    err_t e = watch_for(rpc_client(request), number, &ended, &exit);

    (void)context;
    return err_ok(e) ? peer_watch_reply(request, ended,
                                        &(struct peer_exit){.how = (uint8_t)exit.how,
                                                            .code = exit.code,
                                                            .fault = exit.fault,
                                                            .access = exit.access,
                                                            .address = exit.address})
                     : e;
}

static err_t ended(void *context, struct rpc_request *request, uint32_t number, uint32_t parent,
                   const struct peer_exit *exit)
{
    (void)context;
    (void)request;
    return abroad_heard(number, parent,
                        &(struct process_exit){.how = (enum exit_reason)exit->how,
                                               .code = exit->code,
                                               .fault = exit->fault,
                                               .access = exit->access,
                                               .address = exit->address});
}

static err_t forget(void *context, struct rpc_request *request, uint32_t number)
{
    (void)context;
    (void)request;
    forget_for(number);
    return OK;
}

static err_t orphans(void *context, struct rpc_request *request, uint32_t parent)
{
    (void)context;
    (void)request;
    processes_orphan(parent);
    return OK;
}

static err_t stream(void *context, struct rpc_request *request, uint32_t process, uint16_t method,
                    const void *bytes, size_t count)
{
    (void)context;
    (void)process;
    return streams_call(request, rpc_client(request), method, bytes, count);
}

/* ---- the machine ---- */

static err_t alive(void *context, struct rpc_request *request)
{
    (void)context;
    return peer_alive_reply(request, processes_alive(), processes_started(), machine_has_failed());
}

static err_t idle(void *context, struct rpc_request *request)
{
    (void)context;
    (void)request;
    machine_look();
    return OK;
}

static err_t end(void *context, struct rpc_request *request, bool reboot, uint32_t code)
{
    (void)context;
    return machine_end(request, reboot, code);
}

/* ---- capabilities ---- */

static err_t take_identity(const uint64_t *words, size_t count, struct cap_across *what)
{
    if (count != CAP_ACROSS_WORDS) {
        return err_make(ERR_BAD_ARGUMENT, 1);
    }
    mem_copy(what->words, words, sizeof(what->words));
    return OK;
}

static err_t share(void *context, struct rpc_request *request, const uint64_t *words, size_t count,
                   uint32_t core)
{
    struct cap_across what;
    uint64_t number;
    err_t e = take_identity(words, count, &what);

    (void)context;
    if (err_ok(e)) {
        e = shared_to_third(&what, (coreid_t)core, &number);
    }
    return err_ok(e) ? peer_share_reply(request, number) : e;
}

static err_t revoke(void *context, struct rpc_request *request, const uint64_t *words, size_t count,
                    uint64_t upto)
{
    struct cap_across what;
    err_t e = take_identity(words, count, &what);

    (void)context;
    (void)request;
    return err_ok(e) ? shared_revoke(&what, upto) : e;
}

static err_t names(void *context, struct rpc_request *request)
{
    (void)context;
    return names_for(request, rpc_client(request));
}

static err_t pass(void *context, struct rpc_request *request, cptr_t handle, uint16_t method,
                  uint64_t deadline, const void *given, size_t given_bytes, const cptr_t *caps,
                  size_t caps_count)
{
    (void)context;
    return pass_for(request, (coreid_t)rpc_client(request), handle, method, deadline, given, given_bytes,
                    caps, caps_count);
}

static err_t channel_connect(void *context, struct rpc_request *request, cptr_t handle, cptr_t frame,
                             cptr_t wake, uint32_t caller)
{
    (void)context;
    return channels_connect_far(request, handle, frame, wake, caller);
}

static err_t channel_take(void *context, struct rpc_request *request, uint32_t number, uint32_t token)
{
    (void)context;
    return channels_take_far(request, number, token);
}

static err_t channel_gone(void *context, struct rpc_request *request, uint32_t number)
{
    (void)context;
    channels_gone_far(rpc_client(request), number);
    return OK;
}

static const struct peer_ops ops = {
    .processes = processes,
    .waits = waits,
    .capabilities = capabilities,
    .regions = regions,
    .figures = figures,
    .check = check,
    .read_log = read_log,
    .spawn = spawn,
    .kill = kill,
    .watch = watch,
    .ended = ended,
    .forget = forget,
    .orphans = orphans,
    .stream = stream,
    .alive = alive,
    .idle = idle,
    .end = end,
    .share = share,
    .revoke = revoke,
    .names = names,
    .pass = pass,
    .channel_connect = channel_connect,
    .channel_take = channel_take,
    .channel_gone = channel_gone,
};

static err_t dispatch(const void *table, void *context, struct rpc_request *request)
{
    err_t e;

    core_lock();
    e = peer_interface.dispatch(table, context, request);
    core_unlock();
    return e;
}

struct rpc_service *peer_calls_service(const struct archive *from)
{
    static struct rpc_interface interface;
    static struct rpc_service service = {.interface = &interface, .ops = &ops, .number = SERVICE_PEER};

    archive = from;
    interface = peer_interface;
    interface.dispatch = dispatch;
    return &service;
}
