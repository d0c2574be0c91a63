/* SPDX-License-Identifier: MIT */
#include "waits.h"
#include <mudskipper/abi/types.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rt/process.h>
#include "core_rpc.h"
#include "logs.h"
#include "report.h"

/* As services/init/core.rpc numbers what is waited for. */
static const char *const reasons[] = {"a message", "an answer of", "the end of"};

static void show(const char *name, coreid_t core, const struct core_waiting *w)
{
    const char *on = w->on < ARRAY_LENGTH(reasons) ? reasons[w->on] : "?";
    nanos_t still = w->since != 0 ? rt_now() - w->since : 0;

    if (w->whom == 0) {
        report_line(name, "core %u: %s (%u) waits for %s, has not run for %lu.%03lu s", core, w->name,
                    w->process, on, still / 1000000000, still / 1000000 % 1000);
    } else {
        report_line(name, "core %u: %s (%u) waits for %s %s (%u), has not run for %lu.%03lu s", core, w->name,
                    w->process, on, w->whom_name[0] != '\0' ? w->whom_name : "process", w->whom,
                    still / 1000000000, still / 1000000 % 1000);
    }
}

static err_t show_core(struct rpc_channel *core, const char *name, coreid_t id)
{
    static struct core_waiting some[CORE_WAITS_FOUND_MAX];
    uint32_t from = 0;

    do {
        size_t count;
        err_t e = core_waits(core, id, from, some, ARRAY_LENGTH(some), &count, &from);

        if (!err_ok(e)) {
            return e;
        }
        for (size_t i = 0; i < count; i++) {
            show(name, id, &some[i]);
        }
    } while (from != 0);
    return OK;
}

void waits_show(struct rpc_channel *core, const char *name)
{
    err_t e = OK;

    for (coreid_t id = 0; err_ok(e) && id < logs_cores(); id++) {
        e = show_core(core, name, id);
    }
    if (!err_ok(e)) {
        char why[160];

        err_print(why, sizeof(why), e);
        report_line(name, "who waits for whom is not known: %s", why);
    }
}
