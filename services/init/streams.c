/* SPDX-License-Identifier: MIT */
#include "streams.h"
#include <mudskipper/abi/boot_info.h>
#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rpc/heap.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include "archive.h"
#include "core_calls.h"
#include "drivers.h"
#include "lock.h"
#include "memory.h"
#include "peer_rpc.h"
#include "peers.h"
#include "work.h"

#define CONSOLE_CORE 0u /* its drivers are there */

/* Core 0: what init calls the terminal through for each core, made when it is first needed. */
struct client {
    struct rpc_lmp_link link;
    cptr_t slot; /* CPTR_NULL: not made yet */
};

static struct client *clients;
static struct rpc_memory memory;

err_t streams_give(uint32_t process, cptr_t slot, bool *given)
{
    bool here = rt_self()->core == CONSOLE_CORE;

    *given = !here || drivers_console() != CPTR_NULL;
    if (!*given) {
        return OK;
    }
    return here ? cap_badge(drivers_console(), slot, RPC_BADGE(RT_STREAM_SERVICE, process))
                : cap_badge(SLOT_ENDPOINT, slot, RPC_BADGE(SERVICE_STREAMS, process));
}

/* ---- a process's call goes to core 0 ---- */

struct pass {
    struct later later;
    uint32_t process;
    uint16_t method;
    size_t count;
    uint8_t reply[PEER_STREAM_TAKEN_MAX];
    uint8_t bytes[];
};

/* The results of any method: the payload as it is. */
static err_t answer(struct rpc_request *request, const void *bytes, size_t count)
{
    struct rpc_message results;
    err_t e;

    rpc_reply_begin(request, &results);
    e = rpc_message_reserve(&results, count, 0);
    if (err_ok(e)) {
        mem_copy(results.payload, bytes, count);
        results.bytes = count;
    } else {
        results.error = e;
    }
    return rpc_reply_send(request, &results);
}

static void run_pass(struct later *later)
{
    struct pass *p = CONTAINER_OF(later, struct pass, later);
    struct rpc_channel channel;
    size_t count;
    err_t e = peers_channel(CONSOLE_CORE, &channel);

    if (err_ok(e)) {
        e = peer_stream(&channel, p->process, p->method, p->bytes, p->count, p->reply, sizeof(p->reply),
                        &count);
    }
    if (err_ok(e)) {
        e = answer(later->request, p->reply, count);
    } else {
        rpc_fail(later->request, e);
    }
    (void)e; /* who is gone needs no answer */
    later_free(later);
}

/* Any method, without knowing it: no capabilities go this way. */
static err_t dispatch(const void *ops, void *context, struct rpc_request *request)
{
    const struct rpc_reader *arguments = &request->arguments;
    struct pass *p;

    (void)ops;
    (void)context;
    if (arguments->cap_count > 0) {
        return err_make(ERR_CAP_MAY_NOT_CROSS, 0);
    }
    if (arguments->bytes > PEER_STREAM_GIVEN_MAX) {
        return err_make(ERR_MSG_TOO_LONG, PEER_STREAM_GIVEN_MAX);
    }
    p = later_make(sizeof(*p) + arguments->bytes);
    if (p == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*p) + arguments->bytes);
    }
    p->process = rpc_client(request);
    p->method = request->method;
    p->count = arguments->bytes;
    mem_copy(p->bytes, arguments->payload, arguments->bytes);
    return later_start(&p->later, request, run_pass);
}

err_t streams_init(const struct archive *archive, struct rpc_service **service)
{
    static const struct rpc_interface interface = {.name = "stream", .version = 1, .dispatch = dispatch};
    static struct rpc_service of_processes = {.interface = &interface, .number = SERVICE_STREAMS};

    *service = &of_processes;
    memory = rpc_memory_of(memory_heap());
    clients = heap_calloc(memory_heap(), archive->info->cores, sizeof(*clients));
    return clients != NULL ? OK : err_make(ERR_NO_MEMORY, archive->info->cores * sizeof(*clients));
}

/* ---- on core 0, at the terminal ---- */

struct make {
    struct later later;
    struct rpc_channel channel;
    uint16_t method;
    size_t count;
    uint8_t bytes[];
};

/* PEER_GONE: there is no terminal. */
static err_t connect(coreid_t core, struct rpc_channel *channel)
{
    struct client *c = &clients[core];
    err_t e = OK;

    if (drivers_console() == CPTR_NULL) {
        return err_make(ERR_PEER_GONE, 0);
    }
    if (c->slot == CPTR_NULL) {
        e = slot_alloc(&c->slot);
        if (err_ok(e)) {
            e = cap_badge(drivers_console(), c->slot, RPC_BADGE(RT_STREAM_SERVICE, 1 + core)); /* its init */
            if (!err_ok(e)) {
                slot_free(c->slot);
                c->slot = CPTR_NULL;
            }
        }
        if (err_ok(e)) {
            rpc_lmp_link_init(&c->link, c->slot, &memory, &rpc_own_slots);
        }
    }
    *channel = rpc_channel_of(&c->link.link);
    return e;
}

static err_t make_call(const struct make *m, struct rpc_request *request)
{
    struct rpc_call call;
    err_t e;
    err_t ended;

    rpc_call_begin(&call, &m->channel, m->method);
    e = rpc_message_reserve(&call.request, m->count, 0);
    if (err_ok(e)) {
        mem_copy(call.request.payload, m->bytes, m->count);
        call.request.bytes = m->count;
    } else {
        call.request.error = e;
    }
    rpc_call_perform(&call, PEER_STREAM_TAKEN_MAX, 0);
    e = call.results.error;
    if (err_ok(e)) {
        e = peer_stream_reply(request, call.reply.payload, call.reply.bytes);
        call.results.at = call.results.bytes; /* all of it was used */
    } else {
        rpc_fail(request, e);
    }
    ended = rpc_call_end(&call);
    return err_ok(e) ? ended : e;
}

static void run_call(struct later *later)
{
    err_t e = make_call(CONTAINER_OF(later, struct make, later), later->request);

    (void)e; /* who asked was told */
    later_free(later);
}

err_t streams_call(struct rpc_request *request, coreid_t core, uint16_t method, const void *bytes,
                   size_t count)
{
    struct make *m = later_make(sizeof(*m) + count);
    err_t e;

    if (m == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*m) + count);
    }
    e = connect(core, &m->channel);
    if (!err_ok(e)) {
        later_free(&m->later);
        return e;
    }
    m->method = method;
    m->count = count;
    mem_copy(m->bytes, bytes, count);
    return later_start(&m->later, request, run_call);
}
