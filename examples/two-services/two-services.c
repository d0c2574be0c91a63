/* SPDX-License-Identifier: MIT */
/* One process, two services: each has a name, an interface and a number of its own; the badge of a call says
 * which one is meant. README.md.
 *
 *     two-services [PREFIX]      registers PREFIX.where and PREFIX.echo; app.demo without it */
#include <mudskipper/ns/host.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/out.h>
#include "echo_rpc.h"
#include "where_rpc.h"

static struct service_host host;

/* ---- where ---- */

static err_t where(void *context, struct rpc_request *request)
{
    struct cap_identity endpoint;
    err_t e = cap_identify(SLOT_ENDPOINT, &endpoint);

    (void)context;
    return err_ok(e) ? where_where_reply(request, endpoint.owner) : e;
}

static const struct where_ops where_ops = {.where = where};
static struct rpc_service where_service = {.interface = &where_interface, .ops = &where_ops, .number = 1};

/* ---- echo ---- */

static err_t echo(void *context, struct rpc_request *request, const char *text)
{
    (void)context;
    return echo_echo_reply(request, text);
}

static err_t add(void *context, struct rpc_request *request, uint32_t a, uint32_t b)
{
    (void)context;
    return b <= UINT32_MAX - a ? echo_add_reply(request, a + b) : err_make(ERR_OUT_OF_RANGE, (uint64_t)a + b);
}

static const struct echo_ops echo_ops = {.echo = echo, .add = add};
static struct rpc_service echo_service = {.interface = &echo_interface, .ops = &echo_ops, .number = 2};

/* ---- */

static err_t offer(struct rpc_service *service, const char *prefix, const char *what)
{
    char name[NS_NAME_MAX + 2];

    format_to(name, sizeof(name), "%s.%s", prefix, what);
    return host_offer(&host, service, name, "");
}

int main(int argc, char **argv)
{
    const char *prefix = argc > 1 ? argv[1] : "app.demo";
    char text[200];
    err_t e = host_init(&host);

    if (err_ok(e)) {
        e = offer(&where_service, prefix, "where");
    }
    if (err_ok(e)) {
        e = offer(&echo_service, prefix, "echo");
    }
    if (err_ok(e)) {
        e = host_serve(&host);
    }
    err_print(text, sizeof(text), e);
    rt_print("two-services: %s: %s\n", prefix, text);
    return 1;
}
