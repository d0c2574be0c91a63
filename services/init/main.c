/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include "archive.h"
#include "boot.h"
#include "core_server.h"
#include "drivers.h"
#include "memory.h"
#include "processes.h"

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
    struct archive archive;
    bool started;
    bool good;

    insist("cannot take over the memory", memory_init());
    insist("cannot read the boot archive", archive_open(&archive));
    core_server_prepare(&archive);
    insist("cannot make what processes get", processes_init(&archive, core_server_service()));
    started = boot_start_all(&archive);
    insist("cannot serve", core_server_run(&good));
    power_off(started && good ? 0 : 1);
}
