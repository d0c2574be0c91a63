/* SPDX-License-Identifier: MIT */
#include "check.h"
#include <mudskipper/rt/process.h>
#include <mudskipper/vspace/self.h>
#include "offers.h"
#include "owned.h"
#include "server.h"

static size_t check_calls(void)
{
    struct rpc_server *server = &names.lmp.server;
    size_t mistakes;

    server->lock->lock(server->lock->context);
    mistakes = rpc_server_check(server, rt_log_sink, NULL);
    server->lock->unlock(server->lock->context);
    return mistakes;
}

uint64_t books_check(void)
{
    uint64_t mistakes;

    mutex_lock(&names.mutex);
    mistakes = owned_check(rt_log_sink, NULL) + offers_check(rt_log_sink, NULL);
    mutex_unlock(&names.mutex);
    return mistakes + check_calls() + self_check(rt_log_sink, NULL);
}
