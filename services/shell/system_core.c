/* SPDX-License-Identifier: MIT */
/* Connects the shell to the core server and the terminal. */
#include "system_core.h"

#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/process.h>

struct rpc_channel system_core_server;

static nanos_t now(void *context)
{
    (void)context;
    return rt_now();
}

static struct system table = {
    .machine = system_machine,
    .cores = system_cores,
    .now = now,
    .sleep_until = system_sleep_until,
    .power_off = system_power_off,
    .reboot = system_reboot,
    .processes = system_processes,
    .spawn = system_spawn,
    .wait = system_wait,
    .kill = system_kill,
    .memory = system_memories,
    .memory_clients = system_memory_clients,
    .capabilities = system_capabilities,
    .regions = system_regions,
    .waits = system_waits,
    .check = system_check,
    .files = system_files,
    .read_file = system_read_file,
    .read_log = system_read_log,
    .write_log = system_write_log,
    .names = system_names,
    .wait_name = system_wait_name,
    .methods = system_methods,
    .call = system_call,
    .terminal = system_terminal,
    .read = system_read,
    .write = system_write,
    .interrupted = system_interrupted,
};

err_t system_connect(const struct system **system)
{
    static struct rpc_lmp_link link;

    rpc_lmp_link_init(&link, SLOT_INIT, &system_memory_of_calls, &rpc_own_slots);
    system_core_server = rpc_channel_of(&link.link);
    table.self = rt_self()->process;
    table.core = rt_self()->core;
    *system = &table;
    err_t e = system_memory_init();

    if (err_ok(e)) {
        system_names_init();
        system_terminal_connect();
    }
    return e;
}
