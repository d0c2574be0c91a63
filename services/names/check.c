/* SPDX-License-Identifier: MIT */
#include "check.h"
#include <mudskipper/rt/process.h>
#include <mudskipper/vspace/self.h>
#include "offers.h"
#include "owned.h"
#include "server.h"

static uint64_t count(const char *what, uint64_t mistakes)
{
    if (mistakes != 0) {
        rt_log("names: the books are wrong: %s: %lu\n", what, mistakes);
    }
    return mistakes;
}

static size_t check_calls(void)
{
    struct rpc_server *server = &names.lmp.server;
    size_t mistakes;

    server->lock->lock(server->lock->context);
    mistakes = rpc_server_check(server);
    server->lock->unlock(server->lock->context);
    return mistakes;
}

uint64_t books_check(void)
{
    uint64_t mistakes;

    mutex_lock(&names.mutex);
    mistakes = owned_check(rt_log_sink, NULL) + count("services", offers_check());
    mutex_unlock(&names.mutex);
    return mistakes + count("calls", check_calls()) + self_check(rt_log_sink, NULL);
}
