/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include "archive.h"
#include "boot.h"
#include "core_server.h"
#include "drivers.h"
#include "lock.h"
#include "machine.h"
#include "memory.h"
#include "peer_calls.h"
#include "peers.h"
#include "processes.h"
#include "shared.h"
#include "streams.h"

static _Noreturn void power_off(unsigned code)
{
    err_t ignored;

    drivers_flush();
    ignored = cap_kernel(SLOT_KERNEL, KERNEL_POWER_OFF, code);
    (void)ignored; /* does not return */
    rt_exit(code);
}

static void insist(const char *what, err_t e)
{
    char text[200];

    if (!err_ok(e)) {
        err_print(text, sizeof(text), e);
        rt_log("init: %s: %s\n", what, text);
        power_off(1);
    }
}

int main(void)
{
    static struct archive archive;
    struct rpc_service *streams;

    insist("cannot take over the memory", memory_init());
    insist("cannot read the boot archive", archive_open(&archive));
    shared_init();
    work_init();
    machine_prepare(&archive);
    core_server_prepare(&archive);
    insist("cannot make standard streams", streams_init(&archive, &streams));
    insist("cannot make what processes get", processes_init(&archive, core_server_service()));
    core_lock();
    if (!boot_start_all(&archive)) {
        machine_failed();
    }
    core_unlock();
    insist("cannot reach the other cores", peers_start(&archive, peer_calls_service(&archive)));
    core_lock();
    machine_look();
    core_unlock();
    insist("cannot serve", core_server_run(streams));
    return 0;
}
