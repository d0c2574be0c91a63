/* SPDX-License-Identifier: MIT */
#include "end.h"
#include <mudskipper/pure/bytes.h>
#include "core.h"
#include "dispatcher.h"

static void log_end(const struct ended *e)
{
    kernel_log("process %u (%s) ended with %u", e->process, e->name, e->exit_code);
}

void end_news_step(struct end_news *news)
{
    struct ended first = news->ended[0];

    news->count--;
    mem_move(news->ended, news->ended + 1, news->count * sizeof(news->ended[0]));
    log_end(&first);
}

/* For the log, when there is time: a line costs more than ending somebody does. */
static void note(struct end_news *news, const struct dispatcher *d)
{
    struct ended *e;

    if (news->count == ARRAY_LENGTH(news->ended)) {
        end_news_step(news);
    }
    e = &news->ended[news->count++];
    e->process = d->process;
    e->exit_code = d->exit_code;
    mem_copy(e->name, d->name, sizeof(e->name));
}

static _Noreturn void end_machine(struct core *core, uint32_t exit_code)
{
    while (core->ends.count > 0) {
        end_news_step(&core->ends);
    }
    console_finish(&core->console);
    hal_power_off(exit_code);
}

void end_dispatcher(struct core *core, struct dispatcher *d, uint32_t exit_code, enum exit_reason reason,
                    const struct fault_record *fault)
{
    if (d->state == DISPATCHER_DEAD) {
        return;
    }
    dispatcher_end(core, d, exit_code, reason, fault);
    note(&core->ends, d);
    if (d->essential) {
        end_machine(core, exit_code);
    }
}
