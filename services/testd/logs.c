/* SPDX-License-Identifier: MIT */
/* Without a stream our own lines are in the log, and all of it is on the console already. */
#include "logs.h"
#include <mudskipper/rpc/channel.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>
#include "core_rpc.h"
#include "memory.h"
#include "report.h"

#define LINE_BYTES 160u

static struct rpc_channel *server;
static uint32_t cores;
static uint64_t *positions; /* one for each core */

err_t logs_init(struct rpc_channel *core)
{
    char version[CORE_MACHINE_VERSION_MAX + 1];
    char world[CORE_MACHINE_WORLD_MAX + 1];
    uint32_t own;
    err_t e = core_machine(core, version, sizeof(version), world, sizeof(world), &cores, &own);

    server = core;
    if (!err_ok(e)) {
        return e;
    }
    positions = memory_get(cores * sizeof(*positions));
    if (positions == NULL) {
        return err_make(ERR_NO_MEMORY, cores * sizeof(*positions));
    }
    for (uint32_t c = 0; c < cores; c++) {
        positions[c] = 0;
    }
    return OK;
}

uint32_t logs_cores(void)
{
    return cores;
}

static void show(const char *name, uint32_t core, const char *line)
{
    if (core == rt_self()->core) {
        report_line(name, "# kernel: %s", line);
    } else {
        report_line(name, "# core %u: %s", core, line);
    }
}

/* A line being put together; what does not fit is cut off. */
struct line {
    char text[LINE_BYTES];
    size_t used;
};

static void add(struct line *l, const char *piece, size_t count, const char *name, uint32_t core)
{
    for (size_t i = 0; i < count; i++) {
        if (piece[i] == '\n') {
            l->text[l->used] = '\0';
            show(name, core, l->text);
            l->used = 0;
        } else if (l->used < sizeof(l->text) - 1) {
            l->text[l->used++] = piece[i];
        }
    }
}

/* Without a name it is passed over. A core that does not answer has nothing to say. */
static void read_log(uint32_t core, const char *name)
{
    static char piece[CORE_READ_LOG_DATA_MAX];
    struct line line = {.used = 0};
    size_t count;
    err_t e;

    do {
        count = 0;
        e = core_read_log(server, core, positions[core], &positions[core], piece, sizeof(piece), &count);
        if (err_ok(e) && name != NULL) {
            add(&line, piece, count, name, core);
        }
    } while (err_ok(e) && count > 0);
}

static void read_all(const char *name)
{
    for (uint32_t core = 0; core < cores && rt_has_stream(SLOT_STDOUT); core++) {
        read_log(core, name);
    }
}

void logs_pass(void)
{
    read_all(NULL);
}

void logs_show(const char *name)
{
    read_all(name);
}
