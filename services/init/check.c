/* SPDX-License-Identifier: MIT */
#include "check.h"
#include <mudskipper/rt/process.h>
#include <mudskipper/vspace/self.h>

void books_expect(struct walker *books, bool holds, const char *what, uint64_t which)
{
    (void)WALKER_EXPECT(books, holds, "init: the books are wrong: %s: %lu\n", what, which);
}

static void check_calls(struct walker *books, const struct rpc_server *server)
{
    server->lock->lock(server->lock->context);
    books->faults += rpc_server_check(server, rt_log_sink, NULL);
    server->lock->unlock(server->lock->context);
}

uint64_t books_check(const struct rpc_server *server)
{
    struct walker books = {.sink = rt_log_sink};

    memory_check(&books);
    processes_check(&books);
    ends_check(&books);
    shared_check(&books);
    books.faults += self_check(rt_log_sink, NULL);
    check_calls(&books, server);
    return books.faults;
}
