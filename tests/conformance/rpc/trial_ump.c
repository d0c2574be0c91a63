/* SPDX-License-Identifier: MIT */
/* Through shared memory, as a process of the whole system. */
#include <mudskipper/rpc/accept.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "core_rpc.h"
#include "trial.h"

static struct trial_thread threads[TRIAL_SERVERS];
static struct rpc_acceptor acceptor;

err_t trial_ram(uint64_t bytes, cptr_t slot)
{
    struct rpc_lmp_link link;
    struct rpc_channel core;
    cptr_t ram;
    err_t e;

    rpc_lmp_link_init(&link, SLOT_INIT, &trial_memory, &rpc_own_slots);
    core = rpc_channel_of(&link.link);
    e = core_alloc(&core, bytes, &ram);
    if (err_ok(e)) {
        e = cap_move(ram, slot);
        slot_free(ram);
    }
    return e;
}

static void serve(void *unused)
{
    (void)unused;
    rpc_accept_serve(&acceptor);
}

void trial_serve(unsigned servers)
{
    assert_ok(rpc_accept_announce()); /* who connects before the first accept waits for it */
    assert_ok(rpc_accept(&acceptor, &trial_server.server, &trial_memory, &rpc_own_slots));
    for (unsigned i = 1; i < servers; i++) {
        thread_start(&threads[i].thread, "server", threads[i].stack, sizeof(threads[i].stack), serve, NULL);
    }
}

/* The accepting thread asks the core server for what the next client will need. It is served in turn with us.
 */
void trial_settle(unsigned servers)
{
    struct rpc_lmp_link link;
    struct rpc_channel core;
    struct core_figures figures;

    rpc_lmp_link_init(&link, SLOT_INIT, &trial_memory, &rpc_own_slots);
    core = rpc_channel_of(&link.link);
    for (unsigned i = 0; i < 64 + servers; i++) {
        assert_ok(core_figures(&core, 0, &figures));
        thread_yield();
    }
}

err_t trial_bind(struct rpc_connection *to, cptr_t handle)
{
    return rpc_connect_by_ump(to, handle, &trial_memory, &rpc_own_slots);
}
