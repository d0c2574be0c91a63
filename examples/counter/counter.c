/* SPDX-License-Identifier: MIT */
/* The smallest service with a state. README.md.
 *
 *     counter [NAME]      registers NAME; app.demo.count without it */
#include <mudskipper/ns/host.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/out.h>
#include "count_rpc.h"

static err_t next(void *context, struct rpc_request *request)
{
    uint64_t *count = context;
    struct cap_identity endpoint;
    err_t e = cap_identify(SLOT_ENDPOINT, &endpoint);

    return err_ok(e) ? count_next_reply(request, ++*count, endpoint.owner) : e;
}

static err_t reset(void *context, struct rpc_request *request)
{
    uint64_t *count = context;

    (void)request;
    *count = 0;
    return OK;
}

static uint64_t count;
static const struct count_ops ops = {.next = next, .reset = reset};
static struct rpc_service service = {
    .interface = &count_interface, .ops = &ops, .context = &count, .number = 1};

int main(int argc, char **argv)
{
    static struct service_host host;
    const char *name = argc > 1 ? argv[1] : "app.demo.count";
    char text[200];
    err_t e = host_init(&host);

    if (err_ok(e)) {
        e = host_offer(&host, &service, name, "");
    }
    if (err_ok(e)) {
        e = host_serve(&host);
    }
    err_print(text, sizeof(text), e);
    rt_print("counter: %s: %s\n", name, text);
    return 1;
}
