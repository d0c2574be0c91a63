/* SPDX-License-Identifier: MIT */
/* A client: binds a name and calls what stands behind it, on whichever core that is. README.md.
 *
 *     ask NAME [TIMES]      NAME is a counter; waits for it if it is not there yet */
#include <mudskipper/ns/bind.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rpc/heap.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/vspace/heap.h>
#include "count_rpc.h"

#define PATIENCE ((nanos_t)10 * 1000 * 1000 * 1000)

static err_t ask(const struct rpc_channel *count, unsigned core)
{
    uint64_t calls;
    uint32_t server;
    err_t e = count_next(count, &calls, &server);

    if (err_ok(e)) {
        rt_print("ask: call %lu, from core %u to core %u\n", calls, core, server);
    }
    return e;
}

static err_t ask_all(const char *name, uint64_t times)
{
    static struct name_client names;
    static struct name_binding binding;
    struct heap *heap = process_heap();
    struct rpc_memory memory;
    struct rpc_channel count;
    struct cap_identity endpoint;
    err_t e = heap != NULL ? cap_identify(SLOT_ENDPOINT, &endpoint) : err_make(ERR_NO_MEMORY, 0);

    if (!err_ok(e)) {
        return e;
    }
    memory = rpc_memory_of(heap);
    name_client_init(&names, &memory, &rpc_own_slots);
    e = name_bind_wait(&names, name, rt_now() + PATIENCE, &binding);
    if (!err_ok(e)) {
        return e;
    }
    count = name_binding_channel(&binding);
    for (uint64_t i = 0; i < times && err_ok(e); i++) {
        e = ask(&count, endpoint.owner);
    }
    name_unbind(&binding);
    return e;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "app.demo.count";
    uint64_t times = 1;
    char text[200];
    err_t e;

    if (argc > 2 && !text_number(text_of(argv[2]), &times)) {
        rt_print("ask: '%s' is not a number\n", argv[2]);
        return 2;
    }
    e = ask_all(name, times);
    if (!err_ok(e)) {
        err_print(text, sizeof(text), e);
        rt_print("ask: %s: %s\n", name, text);
    }
    return err_ok(e) ? 0 : 1;
}
