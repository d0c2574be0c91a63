/* SPDX-License-Identifier: MIT */
/* Who waits for whom: what the core server can tell. */
#include "system_core.h"

static const char *reason_of(uint8_t on)
{
    static const char *const reasons[] = {"message", "call", "end"};

    return on < ARRAY_LENGTH(reasons) ? reasons[on] : "?";
}

/* Its core server leaves the names of other cores' processes to us; "?" for one that has ended meanwhile. */
static const char *name_of(const struct core_waiting *w)
{
    static struct core_process some[CORE_PROCESSES_OF_FOUND_MAX];
    size_t count = 0;
    bool more;

    if (w->whom_name[0] != '\0') {
        return w->whom_name;
    }
    err_t e = core_processes_of(&system_core_server, system_core_of(w->whom), w->whom, some,
                                ARRAY_LENGTH(some), &count, &more);
    return err_ok(e) && count > 0 && some[0].number == w->whom ? some[0].name : "?";
}

static bool tell(const struct core_waiting *w, system_wait_each_t each, void *argument)
{
    struct system_wait wait = {.process = w->process,
                               .thread = THREAD_NONE,
                               .core = system_core_of(w->process),
                               .name = w->name,
                               .on = reason_of(w->on),
                               .whom = w->whom,
                               .whom_name = w->whom != PROCESS_NONE ? name_of(w) : NULL,
                               .since = w->since != 0 ? w->since : NANOS_NEVER};

    return each(argument, &wait);
}

/* *more: false, that is enough. */
static err_t waits_of(coreid_t core, system_wait_each_t each, void *argument, bool *more)
{
    static struct core_waiting some[CORE_WAITS_FOUND_MAX];
    uint32_t from = 0;

    do {
        size_t count;
        err_t e = core_waits(&system_core_server, core, from, some, ARRAY_LENGTH(some), &count, &from);

        if (!err_ok(e)) {
            return err_is(e, ERR_PEER_GONE) ? OK : e; /* nobody serves that core: it has no processes */
        }
        for (size_t i = 0; i < count && *more; i++) {
            *more = tell(&some[i], each, argument);
        }
    } while (from != 0 && *more);
    return OK;
}

err_t system_waits(void *context, system_wait_each_t each, void *argument)
{
    uint32_t cores;
    bool more = true;
    err_t e = system_know_cores(&cores);

    (void)context;
    for (coreid_t core = 0; err_ok(e) && core < cores && more; core++) {
        e = waits_of(core, each, argument, &more);
    }
    return e;
}
