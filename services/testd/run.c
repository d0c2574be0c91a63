/* SPDX-License-Identifier: MIT */
#include "run.h"
#include <mudskipper/abi/objects.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rpc/channel.h>
#include <mudskipper/rt/process.h>
#include "books.h"
#include "core_rpc.h"
#include "logs.h"
#include "manifest.h"
#include "memory.h"
#include "report.h"
#include "waits.h"

#define SECOND ((nanos_t)1000 * 1000 * 1000)

/* ---- its end */

struct ending {
    uint8_t how, fault, access;
    uint32_t code;
    uint64_t address;
    bool late;
};

static err_t await(struct rpc_channel *core, const char *name, uint32_t number, nanos_t deadline,
                   struct ending *end)
{
    struct rpc_channel until = rpc_until(core, deadline);
    err_t e =
        core_wait(&until, number, true, &end->how, &end->code, &end->fault, &end->access, &end->address);

    if (err_is(e, ERR_TIMEOUT)) {
        end->late = true;
        waits_show(core, name);
        e = core_kill(core, number);
        /* One that has just ended by itself was late nevertheless. */
        if (err_ok(e) || err_is(e, ERR_PROC_NOT_FOUND)) {
            e = core_wait(core, number, false, &end->how, &end->code, &end->fault, &end->access,
                          &end->address);
        }
    }
    return e;
}

static bool tell(const char *name, const struct ending *end, uint64_t seconds)
{
    uint64_t mistakes = books_check(name);

    if (!end->late && end->how == EXIT_BY_ITSELF && end->code == 0 && mistakes == 0) {
        report_line(name, "end exit 0");
        return true;
    }
    logs_show(name);
    if (mistakes != 0) {
        report_line(name, "end with %lu mistakes in the books of servers", mistakes);
    } else if (end->late) {
        report_line(name, "end time-out after %lu s", seconds);
    } else if (end->how == EXIT_BY_ITSELF) {
        report_line(name, "end exit %u", end->code);
    } else if (end->how == EXIT_KILLED) {
        report_line(name, "end killed");
    } else {
        report_line(name, "end fault at 0x%lx", end->address);
    }
    return false;
}

/* ---- all of it */

static bool failed(const char *name, const char *what, err_t why)
{
    char text[160];

    err_print(text, sizeof(text), why);
    report_line(name, "end %s: %s", what, text);
    return false;
}

static bool run(struct rpc_channel *core, const struct manifest_words *w, uint64_t seconds)
{
    struct ending end = {.late = false};
    uint32_t number;
    cptr_t out;
    err_t e = report_begin(w->name, &out);

    if (!err_ok(e)) {
        return failed(w->name, "not started", e);
    }
    logs_pass();
    e = core_start(core, w->words, w->words_bytes, w->settings, w->settings_bytes, w->caps, out, &number);
    if (!err_ok(e)) {
        report_end();
        return failed(w->name, "not started", e);
    }
    e = await(core, w->name, number, rt_now() + seconds * SECOND, &end);
    report_end();
    return err_ok(e) ? tell(w->name, &end, seconds) : failed(w->name, "unknown", e);
}

bool run_program(struct rpc_channel *core, const struct boot_statement *s, uint64_t seconds)
{
    struct manifest_words w;
    err_t e = manifest_words(s, &w);
    bool good;

    if (!err_ok(e)) {
        return failed("manifest", "not started", e);
    }
    good = run(core, &w, seconds);
    memory_free(w.words);
    return good;
}
