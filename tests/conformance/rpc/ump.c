/* SPDX-License-Identifier: MIT */
/* Calls through shared memory between threads of one process. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/slot.h>
#include "calls.h"
#include "core_rpc.h"

static void services_are_told_apart(void)
{
    struct rpc_connection other;
    struct rpc_channel to_other;
    uint32_t client;
    char name[TRIAL_WHO_SERVICE_MAX + 1];
    cptr_t slot;

    trial_begin(1);
    assert_ok(trial_who(&trial_channel, &client, name, sizeof(name)));
    assert_int_equal(client, TRIAL_CLIENT);
    assert_true(str_equal(name, "first"));
    trial_connect(&other, &trial_second, &slot);
    to_other = rpc_until(&(struct rpc_channel){other.link, 0}, trial_in(30000));
    assert_ok(trial_who(&to_other, &client, name, sizeof(name)));
    assert_true(str_equal(name, "second"));
    rpc_disconnect(&other);
    slot_delete(slot);
    trial_end();
}

/* Both ends of a channel are there, and what goes between them. */
static void books_are_right(void)
{
    struct rpc_lmp_link link;
    struct rpc_channel core;
    uint64_t mistakes;

    trial_begin(1);
    rpc_lmp_link_init(&link, SLOT_INIT, &trial_memory, &rpc_own_slots);
    core = rpc_channel_of(&link.link);
    assert_ok(core_check(&core, rt_self()->core, &mistakes));
    assert_int_equal(mistakes, 0);
    trial_end();
}

SUITE_MAIN(CALLS_TESTS("UMP"),
           {"RPC-UMP-008", "services are told apart by the badge of the handle", services_are_told_apart},
           {"RPC-UMP-009", "the core server's books are right while a channel is in use", books_are_right})
