/* SPDX-License-Identifier: MIT */
/* What the core server, the nameserver and the library do when memory runs out in the middle: every page
 * once. With an argument this program is one that ends at once. */
#include <mudskipper/ns/bind.h>
#include <mudskipper/ns/host.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/self.h>
#include "core_rpc.h"
#include "suite.h"
#include "sweep.h"

#define SELF "conformance-shortage"
#define NAME "app.test.shortage"
#define MIB  (1024u * 1024u)

static struct service_host host;
static struct rpc_channel core;
static uint32_t child;
static void *region;
static struct name_found found;
static const struct rpc_service service = {.number = 5};

static void begin(void)
{
    static struct rpc_lmp_link link;

    if (core.link == NULL) {
        assert_ok(host_init(&host));
        rpc_lmp_link_init(&link, SLOT_INIT, &host.memory, &rpc_own_slots);
        core = rpc_channel_of(&link.link);
    }
    sweep_begin(&core);
}

/* ---- processes */

static err_t start(void)
{
    static const char words[] = SELF "\0exit";

    return core_spawn_on(&core, rt_self()->core, 0, "", words, sizeof(words), &child);
}

static void await(void)
{
    uint8_t how, fault, access;
    uint32_t code;
    uint64_t address;

    assert_ok(core_wait(&core, child, true, &how, &code, &fault, &access, &address));
}

static void starting_a_program(void)
{
    begin();
    assert_true(sweep("starting a program", start, await, 400) > 4);
    sweep_end();
}

/* ---- regions */

static err_t map(void)
{
    err_t e = self_map_lazy(MIB, 4, "shortage", &region);

    if (err_ok(e)) {
        e = self_commit(region, MIB);
        if (!err_ok(e)) {
            assert_ok(self_unmap(region));
        }
    }
    return e;
}

static void unmap(void)
{
    assert_ok(self_unmap(region));
}

static void committing_memory(void)
{
    begin();
    assert_true(sweep("committing a MiB", map, unmap, 400) >= MIB / PAGE_SIZE - 16);
    sweep_end();
}

/* ---- names */

static err_t offer(void)
{
    struct name_offer o = {.name = NAME, .service = &service};

    return name_register(&host.names, &o, NULL);
}

static void take_back(void)
{
    assert_ok(name_deregister(&host.names, NAME));
}

static err_t look_up(void)
{
    return name_lookup(&host.names, NAME, &found);
}

static void forget(void)
{
    slot_delete(found.handle);
}

static void names(void)
{
    begin();
    (void)sweep("registering a name", offer, take_back, 400);
    (void)sweep("registering a name again", offer, NULL, 400);
    (void)sweep("looking a name up", look_up, forget, 400);
    sweep_end();
    take_back();
}

/* ---- channels */

static struct name_binding binding;

static err_t connect(void)
{
    err_t e = name_lookup(&host.names, NAME, &binding.found);

    if (err_ok(e)) {
        e = rpc_connect_by_ump(&binding.connection, binding.found.handle, &host.memory, &rpc_own_slots);
        if (!err_ok(e)) {
            slot_delete(binding.found.handle);
        }
    }
    return e;
}

static void disconnect(void)
{
    name_unbind(&binding);
}

static void connecting(void)
{
    static const char words[] = "trial-server\0" NAME;

    begin();
    sweep_end();
    assert_ok(core_spawn_on(&core, 1, 0, "", words, sizeof(words), &child));
    assert_ok(name_wait(&host.names, NAME, NANOS_NEVER, &found));
    forget();
    begin();
    assert_true(sweep("connecting to another core", connect, disconnect, 400) > 0);
    sweep_end();
    assert_ok(core_kill(&core, child));
    await();
}

int main(int argc, char **argv)
{
    static const struct suite_test tests[] = {
        {"PROC-SHORT-001", "a program that cannot be started for want of a page leaves nothing behind",
         starting_a_program},
        {"VSP-SHORT-001", "memory that cannot be committed for want of a page is given back",
         committing_memory},
        {"NAMES-SHORT-001", "names are registered and found, or memory is said to be short", names},
        {"RPC-SHORT-001", "a channel is made, or memory is said to be short", connecting},
    };

    (void)argv;
    return argc > 1 ? 0 : suite_run(tests, ARRAY_LENGTH(tests));
}
