/* SPDX-License-Identifier: MIT */
/* The trial service in a process of its own, under the name of its first argument. */
#include <mudskipper/ns/host.h>
#include <mudskipper/rt/process.h>
#include "trial.h"

static struct service_host host;
static const char *name;

static err_t retire(void)
{
    return name_deregister(&host.names, name);
}

int main(int argc, char **argv)
{
    err_t e = host_init(&host);

    if (err_ok(e) && argc == 2) {
        name = argv[1];
        trial_on_retire = retire;
        e = host_offer(&host, &trial_first, name, "");
    }
    if (err_ok(e)) {
        e = host_serve(&host);
    }
    return err_ok(e) ? 0 : 1;
}
