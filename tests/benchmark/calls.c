/* SPDX-License-Identifier: MIT */
/* What typed calls between processes cost, in the whole system: to a server on the own core and on another
 * one, and to the nameserver. */
#include "figures.h"
#include <mudskipper/ns/bind.h>
#include <mudskipper/ns/host.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "core_rpc.h"
#include "trial_rpc.h"

#define NAME "app.bench.trial"

static struct service_host host; /* for its memory and its nameserver */
static struct rpc_channel core_server;
static struct name_binding binding;
static struct rpc_channel trial;

static nanos_t soon(void)
{
    return rt_now() + (nanos_t)30 * 1000 * 1000 * 1000;
}

static void begin(void)
{
    static struct rpc_lmp_link link;

    if (core_server.link == NULL) {
        assert_ok(host_init(&host));
        rpc_lmp_link_init(&link, SLOT_INIT, &host.memory, &rpc_own_slots);
        core_server = rpc_channel_of(&link.link);
    }
}

static void add(void)
{
    uint64_t sum;

    assert_ok(trial_add(&trial, 40, 2, &sum));
    assert_int_equal(sum, 42);
}

static uint32_t start_on(coreid_t core)
{
    static const char words[] = "trial-server\0" NAME;
    uint32_t process;

    begin();
    assert_ok(core_spawn_on(&core_server, core, 0, "", words, sizeof(words), &process));
    assert_ok(name_bind_wait(&host.names, NAME, soon(), &binding));
    trial = name_binding_channel(&binding);
    return process;
}

static void stop(uint32_t process)
{
    name_unbind(&binding);
    assert_ok(core_kill(&core_server, process));
}

static void measure_on(const char *key, coreid_t core)
{
    uint32_t process = start_on(core);

    figure_measure(&(struct figure){key, add, NULL, 100});
    stop(process);
}

static void same_core(void)
{
    measure_on("rpc_same_core", rt_self()->core);
}

static void cross_core(void)
{
    measure_on("rpc_cross_core", rt_self()->core + 1);
}

static struct name_found found;

static void look_up(void)
{
    assert_ok(name_lookup(&host.names, NAME, &found));
}

static void forget(void)
{
    slot_delete(found.handle);
}

static void lookup(void)
{
    uint32_t process = start_on(rt_self()->core);

    figure_measure(&(struct figure){"lookup", look_up, forget, 100});
    assert_int_equal(found.process, process);
    stop(process);
}

static cptr_t ram;

static void allocate(void)
{
    assert_ok(core_alloc(&core_server, PAGE_SIZE, &ram));
}

static void give_back(void)
{
    slot_delete(ram);
}

static void alloc_page(void)
{
    begin();
    figure_measure(&(struct figure){"alloc_page", allocate, give_back, 100});
}

SUITE_MAIN({"rpc_same_core", "a typed call and its answer on one core", same_core},
           {"rpc_cross_core", "a typed call and its answer between two cores", cross_core},
           {"lookup", "a name is looked up at the nameserver", lookup},
           {"alloc_page", "a page of memory is asked for at the core server", alloc_page})
