/* SPDX-License-Identifier: MIT */
/* A process that offers services: its memory for calls, its nameserver, its loop.
 *
 *     static struct rpc_service where = {.interface = &where_interface, .ops = &ops, .number = 1};
 *
 *     host_init(&host);
 *     host_offer(&host, &where, "app.demo.where", "");
 *     host_serve(&host);
 *
 * Handlers of all services run one at a time, whichever core their clients are on: docs/tutorial.md. */
#ifndef MUDSKIPPER_NS_HOST_H
#define MUDSKIPPER_NS_HOST_H

#include <mudskipper/ns/client.h>
#include <mudskipper/rpc/accept.h>

/* Fields are for looking; stays where it was initialised. */
struct service_host {
    struct rpc_memory memory;
    struct name_client names;
    struct rpc_lmp_server lmp;
    struct rpc_acceptor acceptor; /* clients of other cores */
};

/* Memory for calls comes from the process's heap. Nothing is sent. NO_MEMORY. */
MUST_USE err_t host_init(struct service_host *h);

/* Adds a service to this process and registers it. The service is the caller's, and stays. Blocks.
 * EXISTS: its number is taken in this process; name_register's errors: it is not offered. */
MUST_USE err_t host_offer(struct service_host *h, struct rpc_service *service, const char *name,
                          const char *attributes);

/* Serves until rpc_lmp_stop(&h->lmp) was called, or an error. */
MUST_USE err_t host_serve(struct service_host *h);

#endif
