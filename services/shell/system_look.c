/* SPDX-License-Identifier: MIT */
#include "system_core.h"

#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/process.h>

err_t system_machine(void *context, struct system_machine *machine)
{
    static char version[CORE_MACHINE_VERSION_MAX + 1];
    static char world[CORE_MACHINE_WORLD_MAX + 1];
    uint32_t cores;
    uint32_t core;
    err_t e =
        core_machine(&system_core_server, version, sizeof(version), world, sizeof(world), &cores, &core);

    (void)context;
    if (err_ok(e)) {
        *machine = (struct system_machine){.version = version, .world = world};
    }
    return e;
}

/* ---- processes ---- */

/* What the core server says about one. */
typedef bool (*found_t)(void *argument, const struct core_process *p);

static err_t each_process(found_t found, void *argument)
{
    static struct core_process some[CORE_PROCESSES_FOUND_MAX];
    uint32_t from = 0;
    bool more = true;

    while (more) {
        size_t count;
        err_t e = core_processes(&system_core_server, from, some, ARRAY_LENGTH(some), &count, &more);

        if (!err_ok(e)) {
            return e;
        }
        for (size_t i = 0; i < count; i++) {
            if (!found(argument, &some[i])) {
                return OK;
            }
            from = some[i].number + 1;
        }
    }
    return OK;
}

struct process_list {
    system_process_each_t each;
    void *argument;
};

static enum system_process_state state_of(uint8_t state)
{
    static const enum system_process_state states[] = {PROCESS_SUSPENDED, PROCESS_READY, PROCESS_WAITING,
                                                       PROCESS_ENDED, PROCESS_RUNNING};

    return state < ARRAY_LENGTH(states) ? states[state] : PROCESS_STARTING;
}

static bool found_process(void *argument, const struct core_process *p)
{
    const struct process_list *list = argument;
    struct system_process process = {.number = p->number,
                                     .parent = p->parent,
                                     .core = rt_self()->core,
                                     .state = state_of(p->state),
                                     .name = p->name,
                                     .memory = p->memory,
                                     .capabilities = p->capabilities,
                                     .time = p->time};

    return list->each(list->argument, &process);
}

err_t system_processes(void *context, system_process_each_t each, void *argument)
{
    (void)context;
    return each_process(found_process, &(struct process_list){each, argument});
}

/* ---- cores: those that can be asked ---- */

static bool count_process(void *argument, const struct core_process *p)
{
    struct system_core *core = argument;

    core->processes += p->state != 3;
    return true;
}

err_t system_cores(void *context, system_core_each_t each, void *argument)
{
    struct system_core core = {
        .id = rt_self()->core, .state = CORE_RUNNING, .idle = NANOS_NEVER, .up = rt_now()};
    err_t e = each_process(count_process, &core);

    (void)context;
    if (err_ok(e)) {
        each(argument, &core);
    }
    return e;
}

/* ---- memory
 * ----------------------------------------------------------------------------------------------------------
 */

err_t system_memories(void *context, system_memory_each_t each, void *argument)
{
    struct system_memory m = {.core = rt_self()->core};
    err_t e = core_memory(&system_core_server, &m.total, &m.free, &m.used, &m.reserved, &m.largest);

    (void)context;
    if (err_ok(e)) {
        each(argument, &m);
    }
    return e;
}

struct client_list {
    system_client_each_t each;
    void *argument;
};

static bool found_client(void *argument, const struct core_process *p)
{
    const struct client_list *list = argument;
    struct system_client client = {
        .core = rt_self()->core, .process = p->number, .name = p->name, .used = p->memory, .quota = p->quota};

    return list->each(list->argument, &client);
}

err_t system_memory_clients(void *context, system_client_each_t each, void *argument)
{
    (void)context;
    return each_process(found_client, &(struct client_list){each, argument});
}

/* ---- capabilities ---- */

enum trait {
    MEMORY = 1,
    ZEROED = 0,
    CROSSES = 2,
    NESTS = 0,
    ENCLOSES = 0,
    NUMBERED = 0,
    MAPPED = 0,
    TABLE = 0
};
enum { CNODE = 0, HOLDER = 0, UNIQUE = 0, TOLD = 0, PLACED = 0 };

static const struct {
    const char *text;
    unsigned traits;
} types[] = {
#define CAPTYPE(name, number, text, from, smallest, largest, sizes, equality, rank, traits)                  \
    [number] = {text, traits},
#include <mudskipper/abi/captypes.def>
#undef CAPTYPE
};

static bool tell_capability(const struct core_capability *c, system_capability_each_t each, void *argument)
{
    unsigned traits = c->type < ARRAY_LENGTH(types) ? types[c->type].traits : 0;
    bool known = c->rights & CAP_IDENTIFY;
    struct system_capability capability = {.slot = c->slot,
                                           .type = c->type < ARRAY_LENGTH(types) ? types[c->type].text : "?",
                                           .rights = c->rights,
                                           .has_range = known && traits & MEMORY,
                                           .base = c->base,
                                           .bytes = c->bytes,
                                           .badge = c->badge,
                                           .owner = traits & CROSSES ? c->owner : CORE_NONE};

    return each(argument, &capability);
}

err_t system_capabilities(void *context, process_number_t number, system_capability_each_t each,
                          void *argument)
{
    static struct core_capability some[CORE_CAPABILITIES_FOUND_MAX];
    cptr_t from = 0;

    (void)context;
    do {
        size_t count;
        err_t e =
            core_capabilities(&system_core_server, number, from, some, ARRAY_LENGTH(some), &count, &from);

        if (!err_ok(e)) {
            return e;
        }
        for (size_t i = 0; i < count; i++) {
            if (!tell_capability(&some[i], each, argument)) {
                return OK;
            }
        }
    } while (from != CPTR_NULL);
    return OK;
}
