/* SPDX-License-Identifier: MIT */
#include "books.h"
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/process.h>
#include "core_rpc.h"
#include "memory.h"
#include "names_rpc.h"

#define PATIENCE ((nanos_t)20 * 1000 * 1000 * 1000)

static struct rpc_channel *core_server;
static struct rpc_lmp_link link;
static struct rpc_channel nameserver;
static uint32_t count;

void books_init(struct rpc_channel *core, uint32_t cores)
{
    core_server = core;
    count = cores;
    rpc_lmp_link_init(&link, SLOT_NAMES, &memory_of_calls, &rpc_own_slots);
    nameserver = rpc_channel_of(&link.link);
}

uint64_t books_check(void)
{
    uint64_t sum = 0;

    for (uint32_t c = 0; c < count; c++) {
        struct rpc_channel core = rpc_until(core_server, rt_now() + PATIENCE);
        struct rpc_channel names = rpc_until(&nameserver, rt_now() + PATIENCE);
        uint64_t mistakes;

        if (err_ok(core_check(&core, c, &mistakes))) {
            sum += mistakes;
        }
        if (err_ok(names_check(&names, c, &mistakes))) {
            sum += mistakes;
        }
    }
    return sum;
}
