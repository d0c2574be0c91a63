/* SPDX-License-Identifier: MIT */
#include "books.h"
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/process.h>
#include "core_rpc.h"
#include "logs.h"
#include "memory.h"
#include "names_rpc.h"
#include "report.h"

#define PATIENCE ((nanos_t)20 * 1000 * 1000 * 1000)

static struct rpc_channel *core_server;
static struct rpc_lmp_link link;
static struct rpc_channel nameserver;

void books_init(struct rpc_channel *core)
{
    core_server = core;
    rpc_lmp_link_init(&link, SLOT_NAMES, &memory_of_calls, &rpc_own_slots);
    nameserver = rpc_channel_of(&link.link);
}

static void say(const char *name, const char *server, coreid_t core, err_t e)
{
    char why[160];

    err_print(why, sizeof(why), e);
    report_line(name, "# %s of core %u cannot be asked for its books: %s", server, core, why);
}

static uint64_t check_core(const char *name, coreid_t id)
{
    struct rpc_channel core = rpc_until(core_server, rt_now() + PATIENCE);
    struct rpc_channel names = rpc_until(&nameserver, rt_now() + PATIENCE);
    uint64_t of_core = 0;
    uint64_t of_names = 0;
    err_t e = core_check(&core, id, &of_core);

    if (!err_ok(e)) {
        say(name, "init", id, e);
        of_core = 1;
    }
    e = names_check(&names, id, &of_names);
    if (!err_ok(e)) {
        say(name, "names", id, e);
        of_names = 0;
    }
    return of_core + of_names;
}

uint64_t books_check(const char *name)
{
    uint64_t sum = 0;

    for (coreid_t id = 0; id < logs_cores(); id++) {
        sum += check_core(name, id);
    }
    return sum;
}
