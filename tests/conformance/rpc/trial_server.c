/* SPDX-License-Identifier: MIT */
/* The trial service in a process of its own, under the name of its first argument. */
#include <mudskipper/ns/host.h>
#include <mudskipper/rt/process.h>
#include "trial.h"

int main(int argc, char **argv)
{
    static struct service_host host;
    err_t e = host_init(&host);

    if (err_ok(e) && argc == 2) {
        e = host_offer(&host, &trial_first, argv[1], "");
    }
    if (err_ok(e)) {
        e = host_serve(&host);
    }
    return err_ok(e) ? 0 : 1;
}
