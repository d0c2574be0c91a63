/* SPDX-License-Identifier: MIT */
#include "system_core.h"

#include <mudskipper/pure/bytes.h>

/* How many cores there are; it stays so. */
static uint32_t cores;

static err_t ask_machine(struct system_machine *machine)
{
    static char version[CORE_MACHINE_VERSION_MAX + 1];
    static char world[CORE_MACHINE_WORLD_MAX + 1];
    uint32_t core;

    *machine = (struct system_machine){.version = version, .world = world};
    return core_machine(&system_core_server, version, sizeof(version), world, sizeof(world), &cores, &core);
}

err_t system_machine(void *context, struct system_machine *machine)
{
    struct system_machine found;
    err_t e = ask_machine(&found);

    (void)context;
    if (err_ok(e)) {
        *machine = found;
    }
    return e;
}

static err_t know_cores(void)
{
    struct system_machine machine;

    return cores > 0 ? OK : ask_machine(&machine);
}

err_t system_know_cores(uint32_t *count)
{
    err_t e = know_cores();

    *count = cores;
    return e;
}

coreid_t system_core_of(process_number_t number)
{
    return (number - 1) % cores; /* core.rpc */
}

/* ---- processes ---- */

/* What a core server says about one. */
typedef bool (*found_t)(void *argument, const struct core_process *p);

/* The processes of one core, piece by piece. */
struct piece {
    struct core_process some[CORE_PROCESSES_OF_FOUND_MAX];
    size_t count;
    size_t at; /* == count: another piece is wanted, if there are more */
    uint32_t from;
    bool more;
};

/* True: p->some[p->at] is the next. A core whose server is gone has none. */
static err_t next_of(coreid_t core, struct piece *p, bool *there)
{
    err_t e = OK;

    if (p->at == p->count && p->more) {
        p->at = p->count = 0;
        e = core_processes_of(&system_core_server, core, p->from, p->some, ARRAY_LENGTH(p->some), &p->count,
                              &p->more);
        if (err_is(e, ERR_PEER_GONE)) {
            p->more = false;
            e = OK;
        }
        if (err_ok(e) && p->count > 0) {
            p->from = p->some[p->count - 1].number + 1;
        }
    }
    *there = p->at < p->count;
    return e;
}

/* One core's after the other's. */
static err_t each_by_core(found_t found, void *argument)
{
    static struct piece piece;
    err_t e = know_cores();

    for (coreid_t core = 0; err_ok(e) && core < cores; core++) {
        bool there;

        piece.more = true;
        piece.from = 0;
        piece.at = piece.count = 0;
        for (e = next_of(core, &piece, &there); err_ok(e) && there; e = next_of(core, &piece, &there)) {
            if (!found(argument, &piece.some[piece.at++])) {
                return OK;
            }
        }
    }
    return e;
}

/* The core whose next process has the lowest number; cores: there are no more. */
static err_t find_lowest(struct piece *pieces, coreid_t *lowest)
{
    err_t e = OK;

    *lowest = cores;
    for (coreid_t core = 0; err_ok(e) && core < cores; core++) {
        struct piece *p = &pieces[core];
        bool there;

        e = next_of(core, p, &there);
        if (err_ok(e) && there &&
            (*lowest == cores || p->some[p->at].number < pieces[*lowest].some[pieces[*lowest].at].number)) {
            *lowest = core;
        }
    }
    return e;
}

/* Ascending by number. */
static err_t each_process(found_t found, void *argument)
{
    struct piece *pieces;
    coreid_t core;
    err_t e = know_cores();

    if (!err_ok(e)) {
        return e;
    }
    pieces = memory_resize(&system_memory, NULL, cores * sizeof(*pieces));
    if (pieces == NULL) {
        return err_make(ERR_NO_MEMORY, cores * sizeof(*pieces));
    }
    for (core = 0; core < cores; core++) {
        pieces[core].more = true;
        pieces[core].from = 0;
        pieces[core].at = pieces[core].count = 0;
    }
    e = find_lowest(pieces, &core);
    while (err_ok(e) && core < cores && found(argument, &pieces[core].some[pieces[core].at++])) {
        e = find_lowest(pieces, &core);
    }
    memory_free(&system_memory, pieces);
    return e;
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
                                     .core = system_core_of(p->number),
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

/* ---- cores and their memory ---- */

static err_t ask_core(coreid_t core, struct core_figures *figures)
{
    err_t e = core_figures(&system_core_server, core, figures);

    if (err_is(e, ERR_PEER_GONE)) {
        *figures = (struct core_figures){.state = CORE_STOPPED};
        e = OK;
    }
    return e;
}

err_t system_cores(void *context, system_core_each_t each, void *argument)
{
    err_t e = know_cores();

    (void)context;
    for (coreid_t id = 0; err_ok(e) && id < cores; id++) {
        struct core_figures f;

        e = ask_core(id, &f);
        if (err_ok(e) &&
            !each(argument,
                  &(struct system_core){
                      .id = id, .state = f.state, .processes = f.processes, .idle = f.idle, .up = f.up})) {
            break;
        }
    }
    return e;
}

err_t system_memories(void *context, system_memory_each_t each, void *argument)
{
    err_t e = know_cores();

    (void)context;
    for (coreid_t id = 0; err_ok(e) && id < cores; id++) {
        struct core_figures f;

        e = ask_core(id, &f);
        if (err_ok(e) && f.total > 0 &&
            !each(argument, &(struct system_memory){.core = id,
                                                    .total = f.total,
                                                    .free = f.free,
                                                    .used = f.used,
                                                    .reserved = f.reserved,
                                                    .largest = f.largest})) {
            break;
        }
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
    struct system_client client = {.core = system_core_of(p->number),
                                   .process = p->number,
                                   .name = p->name,
                                   .used = p->memory,
                                   .quota = p->quota};

    return list->each(list->argument, &client);
}

err_t system_memory_clients(void *context, system_client_each_t each, void *argument)
{
    (void)context;
    return each_by_core(found_client, &(struct client_list){each, argument});
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

/* ---- regions ---- */

err_t system_regions(void *context, process_number_t number, system_region_each_t each, void *argument)
{
    static struct core_region some[CORE_REGIONS_FOUND_MAX];
    uint64_t from = 0;

    (void)context;
    do {
        size_t count;
        err_t e = core_regions(&system_core_server, number, from, some, ARRAY_LENGTH(some), &count, &from);

        if (!err_ok(e)) {
            return e;
        }
        for (size_t i = 0; i < count; i++) {
            struct system_region region = {.start = some[i].start,
                                           .bytes = some[i].bytes,
                                           .present = some[i].present,
                                           .rights = some[i].rights,
                                           .kind = some[i].kind,
                                           .backed = some[i].on_demand};

            if (!each(argument, &region)) {
                return OK;
            }
        }
    } while (from != 0);
    return OK;
}
