/* SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <mudskipper/rpc/process_ump.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/self.h>
#include "channels_rpc.h"

/* ---- the core server */

static void *no_memory(void *context, size_t bytes)
{
    (void)context;
    (void)bytes;
    return NULL; /* what is called there fits a part */
}

const struct rpc_channel *rpc_ump_core(void)
{
    static const struct rpc_memory none = {.allocate = no_memory};
    static struct rpc_lmp_link link;
    static struct rpc_channel core;
    static struct mutex mutex = MUTEX_INITIAL(mutex);

    mutex_lock(&mutex);
    if (core.link == NULL) {
        rpc_lmp_link_init(&link, SLOT_CHANNELS, &none, &rpc_own_slots);
        core = rpc_channel_of(&link.link);
    }
    mutex_unlock(&mutex);
    return &core;
}

/* ---- hooks: the other end is woken by the kernel, capabilities go through the core server */

static void wake_peer(void *context)
{
    const struct rpc_ump_process *p = context;
    err_t e = cap_notify_signal(p->wake);

    (void)e; /* an end that is gone needs no waking */
}

static err_t send_cap(void *context, cptr_t cap, struct rpc_ump_cap *as)
{
    struct rpc_ump_process *p = context;
    uint32_t token;
    err_t e = channels_send(rpc_ump_core(), p->channel, cap, &token);

    if (err_ok(e)) {
        as->words[0] = token;
        as->count = 1;
    }
    return e;
}

static err_t take_cap(void *context, const struct rpc_ump_cap *as, cptr_t slot)
{
    struct rpc_ump_process *p = context;
    uint32_t token = (uint32_t)as->words[0];
    cptr_t taken;
    err_t e;

    if (as->count != 1 || as->words[0] > UINT32_MAX) {
        return err_make(ERR_MSG_MALFORMED, 0);
    }
    if (slot == CPTR_NULL) {
        return channels_drop(rpc_ump_core(), p->channel, token);
    }
    e = channels_take(rpc_ump_core(), p->channel, token, &taken);
    if (err_ok(e)) {
        e = cap_move(taken, slot);
        slot_delete(taken);
    }
    return e;
}

static const struct rpc_ump_ops ops = {RPC_UMP_THREAD_OPS, .wake_peer = wake_peer, .send_cap = send_cap,
                                       .take_cap = take_cap};

/* ---- life */

err_t rpc_ump_process_open(struct rpc_ump_process *p, const struct rpc_memory *memory,
                           const struct rpc_slots *slots, struct notification_group *group)
{
    *p = (struct rpc_ump_process){.memory = memory, .slots = slots};
    rpc_ump_threads_init(&p->threads, &p->woken);
    return notification_open_in(&p->woken, group);
}

err_t rpc_ump_process_join(struct rpc_ump_process *p, struct rpc_server *server, uint64_t badge)
{
    struct cap_identity frame;
    struct rpc_ump_setup setup = {.gone = &p->gone,
                                  .ops = &ops,
                                  .context = p,
                                  .memory = p->memory,
                                  .slots = p->slots,
                                  .server = server,
                                  .badge = badge};
    uint8_t *at;
    err_t e = cap_identify(p->frame, &frame);

    if (err_ok(e)) {
        e = self_map_shared(p->frame, 0, frame.bytes, CAP_READ | CAP_WRITE, &p->gone, &p->rings);
    }
    if (!err_ok(e)) {
        return e;
    }
    at = p->rings;
    setup.bytes = frame.bytes / 2;
    setup.out = server == NULL ? at : at + setup.bytes;
    setup.in = server == NULL ? at + setup.bytes : at;
    return rpc_ump_init(&p->end, &setup);
}

static void give(cptr_t slot)
{
    if (slot != CPTR_NULL) {
        slot_delete(slot);
    }
}

void rpc_ump_process_close(struct rpc_ump_process *p)
{
    err_t ignored = OK;

    if (p->end.context != NULL) {
        rpc_ump_close(&p->end);
    }
    if (p->frame != CPTR_NULL) {
        ignored = channels_disconnect(rpc_ump_core(), p->channel); /* or the other end has, before */
    }
    if (p->rings != NULL) {
        ignored = self_unmap(p->rings);
    }
    (void)ignored;
    give(p->frame);
    give(p->wake);
    notification_close(&p->woken);
}
