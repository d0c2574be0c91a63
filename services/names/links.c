/* SPDX-License-Identifier: MIT */
#include "links.h"
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include "core_rpc.h"
#include "memory.h"
#include "owned.h"
#include "server.h"

/* The connection to each core; NULL: none. */
static struct link **links;
static struct mutex mutex; /* of all of this, also while a connection is made */

static void *take(size_t bytes)
{
    return names.memory.allocate(names.memory.context, bytes);
}

static void give(void *block, size_t bytes)
{
    if (block != NULL) {
        names.memory.release(names.memory.context, block, bytes);
    }
}

err_t links_init(void)
{
    char version[CORE_MACHINE_VERSION_MAX + 1];
    char *world = take(CORE_MACHINE_WORLD_MAX + 1);
    uint32_t cores;
    uint32_t core;
    err_t e = world != NULL ? core_machine(&memory_core_server, version, sizeof(version), world,
                                           CORE_MACHINE_WORLD_MAX + 1, &cores, &core)
                            : err_make(ERR_NO_MEMORY, CORE_MACHINE_WORLD_MAX);

    give(world, CORE_MACHINE_WORLD_MAX + 1);
    if (!err_ok(e)) {
        return e;
    }
    mutex_init(&mutex);
    links = take(cores * sizeof(*links));
    names.live = take(cores * sizeof(*names.live));
    if (links == NULL || names.live == NULL) {
        return err_make(ERR_NO_MEMORY, cores * sizeof(*links));
    }
    for (names.count = 0; names.count < cores; names.count++) {
        links[names.count] = NULL;
        names.live[names.count] = (coreid_t)names.count;
    }
    return OK;
}

/* ---- life of a connection ---- */

static void drop(struct link *link)
{
    rpc_disconnect(&link->connection);
    slot_delete(link->handle);
    give(link, sizeof(*link));
}

/* Locked. */
static err_t connect(coreid_t core)
{
    struct link *link = take(sizeof(*link));
    err_t e;

    if (link == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*link));
    }
    link->core = core;
    link->users = 0;
    link->lost = false;
    e = core_names_of(&memory_core_server, core, &link->handle);
    if (err_ok(e)) {
        e = rpc_connect(&link->connection, link->handle, &names.memory, &rpc_own_slots);
        if (!err_ok(e)) {
            slot_delete(link->handle);
        }
    }
    if (!err_ok(e)) {
        give(link, sizeof(*link));
        return e;
    }
    link->channel = rpc_connection_channel(&link->connection);
    links[core] = link;
    return OK;
}

err_t links_use(coreid_t core, struct link **link)
{
    err_t e = OK;

    mutex_lock(&mutex);
    if (links[core] == NULL) {
        e = connect(core);
    }
    if (err_ok(e)) {
        *link = links[core];
        (*link)->users++;
    }
    mutex_unlock(&mutex);
    return e;
}

/* What that core's nameserver knew is lost: nobody can make Handles of its services any more. */
static void forget_core(coreid_t core)
{
    mutex_lock(&names.mutex);
    owned_core_gone(core);
    mutex_unlock(&names.mutex);
}

void links_done(struct link *link, err_t e)
{
    coreid_t core = link->core;
    bool newly_lost;

    mutex_lock(&mutex);
    newly_lost = err_is(e, ERR_PEER_GONE) && !link->lost;
    if (newly_lost) {
        link->lost = true;
        links[core] = NULL;
    }
    link->users--;
    if (link->lost && link->users == 0) {
        drop(link);
    }
    mutex_unlock(&mutex);
    if (newly_lost) {
        forget_core(core);
    }
}
