/* SPDX-License-Identifier: MIT */
/* The trial service in a process of its own, under the name of its first argument. With a second one it
 * accepts no channels: the core servers carry what other cores call. */
#include <mudskipper/ns/host.h>
#include <mudskipper/rt/process.h>
#include "trial.h"

static struct service_host host;
static const char *name;

static err_t retire(void)
{
    return name_deregister(&host.names, name);
}

static err_t serve_without_channels(void)
{
    const struct name_offer offer = {.name = name, .attributes = "", .service = &trial_first};
    err_t e = rpc_server_add(&host.lmp.server, &trial_first);

    if (err_ok(e)) {
        e = name_register(&host.names, &offer, NULL);
    }
    return err_ok(e) ? rpc_lmp_serve(&host.lmp, NANOS_NEVER) : e;
}

static err_t serve(void)
{
    err_t e = name != NULL ? host_offer(&host, &trial_first, name, "") : OK;

    return err_ok(e) ? host_serve(&host) : e;
}

int main(int argc, char **argv)
{
    err_t e = host_init(&host);

    name = argc > 1 ? argv[1] : NULL;
    trial_on_retire = name != NULL ? retire : NULL;
    if (err_ok(e)) {
        e = argc > 2 ? serve_without_channels() : serve();
    }
    return err_ok(e) ? 0 : 1;
}
