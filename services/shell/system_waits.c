/* SPDX-License-Identifier: MIT */
/* Who waits for whom: what the core server can tell. */
#include "system_core.h"

#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/process.h>

static const char *reason_of(uint8_t on)
{
    static const char *const reasons[] = {"message", "call", "end"};

    return on < ARRAY_LENGTH(reasons) ? reasons[on] : "?";
}

static bool tell(const struct core_waiting *w, system_wait_each_t each, void *argument)
{
    struct system_wait wait = {.process = w->process,
                               .thread = THREAD_NONE,
                               .core = rt_self()->core,
                               .name = w->name,
                               .on = reason_of(w->on),
                               .whom = w->whom,
                               .whom_name = w->whom != PROCESS_NONE ? w->whom_name : NULL,
                               .since = NANOS_NEVER};

    return each(argument, &wait);
}

err_t system_waits(void *context, system_wait_each_t each, void *argument)
{
    static struct core_waiting some[CORE_WAITS_FOUND_MAX];
    uint32_t from = 0;

    (void)context;
    do {
        size_t count;
        err_t e = core_waits(&system_core_server, from, some, ARRAY_LENGTH(some), &count, &from);

        if (!err_ok(e)) {
            return e;
        }
        for (size_t i = 0; i < count; i++) {
            if (!tell(&some[i], each, argument)) {
                return OK;
            }
        }
    } while (from != 0);
    return OK;
}
