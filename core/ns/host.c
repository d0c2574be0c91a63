/* SPDX-License-Identifier: MIT */
#include <mudskipper/ns/host.h>
#include <mudskipper/rpc/heap.h>
#include <mudskipper/vspace/heap.h>

err_t host_init(struct service_host *h)
{
    struct heap *heap = process_heap();

    if (heap == NULL) {
        return err_make(ERR_NO_MEMORY, 0);
    }
    h->memory = rpc_memory_of(heap);
    name_client_init(&h->names, &h->memory, &rpc_own_slots);
    rpc_lmp_server_init(&h->lmp, &h->memory, &rpc_own_slots);
    return OK;
}

err_t host_offer(struct service_host *h, struct rpc_service *service, const char *name,
                 const char *attributes)
{
    const struct name_offer offer = {.name = name, .attributes = attributes, .service = service};
    err_t e = rpc_server_add(&h->lmp.server, service);

    if (!err_ok(e)) {
        return e;
    }
    e = rpc_accept_announce();
    if (err_ok(e)) {
        e = name_register(&h->names, &offer, NULL);
    }
    if (!err_ok(e)) {
        rpc_server_remove(&h->lmp.server, service);
    }
    return e;
}

err_t host_serve(struct service_host *h)
{
    err_t e;

    rpc_lmp_take_turns(&h->lmp);
    e = rpc_accept(&h->acceptor, &h->lmp.server, &h->memory, &rpc_own_slots);
    return err_ok(e) ? rpc_lmp_serve(&h->lmp, NANOS_NEVER) : e;
}
