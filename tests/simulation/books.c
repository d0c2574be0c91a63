/* SPDX-License-Identifier: MIT */
/* What servers know has to fit together at any time. */
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/vspace/self.h>
#include "names_rpc.h"
#include "simulation.h"

void show_log(coreid_t core)
{
    static char pieces[2][CORE_READ_LOG_DATA_MAX];
    size_t bytes[2] = {0, 0};
    uint64_t position = 0;
    unsigned last = 0;

    for (unsigned now = 0;; now = !now) {
        size_t count = 0;

        if (!err_ok(core_read_log(&simulation.core_server, core, position, &position, pieces[now],
                                  sizeof(pieces[0]), &count)) ||
            count == 0) {
            break;
        }
        bytes[now] = count;
        last = now;
    }
    if (err_ok(rt_out_write(pieces[!last], bytes[!last]))) {
        err_t ignored = rt_out_write(pieces[last], bytes[last]);

        (void)ignored; /* what cannot be shown is in the log all the same */
    }
}

static void must_be_right(struct worker *w, const char *server, coreid_t core, uint64_t mistakes)
{
    if (mistakes != 0) {
        show_log(core);
        wrong(w, "%s of core %u finds %lu mistakes in its books", server, core, mistakes);
    }
}

/* A core without memory does not answer, nor one to which there is no memory for a connection. */
void books_of_servers(struct worker *w)
{
    struct rpc_channel core = rpc_until(&simulation.core_server, patience());
    struct rpc_channel names = rpc_until(&simulation.host.names.channel, patience());
    coreid_t which = (coreid_t)below(w, simulation.cores);
    uint64_t mistakes;
    err_t e;

    if (DONE(w, core_check(&core, which, &mistakes))) {
        must_be_right(w, "init", which, mistakes);
    }
    e = names_check(&names, which, &mistakes);
    if (!is_forgotten(e) && DONE(w, e)) {
        must_be_right(w, "names", which, mistakes);
    }
}

void books_of_own(struct worker *w)
{
    MUST(w, self_check(rt_log_sink, NULL) == 0);
}
