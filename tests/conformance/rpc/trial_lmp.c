/* SPDX-License-Identifier: MIT */
/* Over LMP, as the first program of a machine, which has all its RAM. */
#include <mudskipper/rt/cap.h>
#include "trial.h"

#define RAM CPTR(2, 0)

static struct trial_thread threads[TRIAL_SERVERS];

err_t trial_ram(uint64_t bytes, cptr_t slot)
{
    return cap_retype(RAM, 0, CAP_TYPE_RAM, bytes, 1, slot);
}

static void serve(void *unused)
{
    err_t e;

    (void)unused;
    e = rpc_lmp_serve(&trial_server, NANOS_NEVER);
    (void)e;
}

void trial_serve(unsigned servers)
{
    for (unsigned i = 0; i < servers; i++) {
        thread_start(&threads[i].thread, "server", threads[i].stack, sizeof(threads[i].stack), serve, NULL);
    }
}

/* Serving threads wait, and have their slots, even those whose slice was over on the way. */
void trial_settle(unsigned servers)
{
    for (unsigned i = 0; i < 4 * servers; i++) {
        thread_yield();
    }
}

err_t trial_bind(struct rpc_connection *to, cptr_t handle)
{
    return rpc_connect(to, handle, &trial_memory, &rpc_own_slots);
}
