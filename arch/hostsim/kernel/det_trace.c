/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "det_trace.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <mudskipper/hal/context.h>

static uint64_t hash = 0xcbf29ce484222325u;
static uint64_t events;
static FILE *file;

bool det_trace_begin(void)
{
    const char *name = sim.options->trace;

    if (name == NULL) {
        return true;
    }
    file = fopen(name, "we");
    if (file == NULL) {
        sim_complain("--trace %s: %s", name, strerror(errno));
    }
    return file != NULL;
}

void det_trace_end(void)
{
    if (file != NULL) {
        fclose(file);
        file = NULL;
    }
}

uint64_t det_trace_events(void)
{
    return events;
}

uint64_t det_trace_hash(void)
{
    return hash;
}

static void add(uint64_t word)
{
    for (unsigned i = 0; i < 8; i++) {
        hash = (hash ^ (word >> 8 * i & 0xff)) * 0x100000001b3u;
    }
}

/* A place of a program as a person looks it up. */
static void write_place(const struct sim_core *core, uint64_t offset)
{
    vaddr_t base = core->vspace->base;
    const char *name = sim_program_at(core->vspace->base + offset, &base);

    if (name != NULL) {
        fprintf(file, " %s+0x%lx\n", name, (unsigned long)(core->vspace->base + offset - base));
    } else {
        fprintf(file, " 0x%lx\n", (unsigned long)offset);
    }
}

static void write_down(enum det_event event, const struct sim_core *core, nanos_t now, uint64_t what)
{
    static const char *const words[DET_EVENTS] = {
        "runs",     "call",  "fault",   "interrupted", "time passes", "stalled", "delay",
        "spurious", "clock", "lingers", "refused",     "killed",      "stops"};

    fprintf(file, "%lu %lu.%09lu ", (unsigned long)events, (unsigned long)(now / 1000000000),
            (unsigned long)(now % 1000000000));
    if (core != NULL) {
        fprintf(file, "core %u ", core->id);
    }
    fputs(words[event], file);
    switch (event) {
    case DET_FAULT:
    case DET_INTERRUPTED:
    case DET_KILL:
        write_place(core, what);
        break;
    case DET_CALL:
    case DET_STALL:
    case DET_DELAY:
    case DET_CLOCK:
    case DET_LINGER:
    case DET_REFUSED:
        fprintf(file, " %lu\n", (unsigned long)what);
        break;
    default:
        fputc('\n', file);
        break;
    }
}

__attribute__((noinline)) void det_reached(uint64_t event)
{
    sim_complain("event %lu is reached", (unsigned long)event);
    sim_end(SIM_STATUS_TIMEOUT);
}

/* Nothing is noted once the machine is to end: when the others hear of it is up to the host. */
void det_trace(enum det_event event, const struct sim_core *core, nanos_t now, uint64_t what)
{
    if (atomic_load(&sim.end) != 0) {
        return;
    }
    add((uint64_t)event << 32 | (core != NULL ? core->id : UINT32_MAX));
    add(now);
    add(what);
    events++;
    if (file != NULL) {
        write_down(event, core, now, what);
    }
    if (events == sim.options->until) {
        det_reached(events);
    }
}
