/* SPDX-License-Identifier: MIT */
/* Calls over LMP from one thread; and what only who calls the kernel by hand can do. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/hash.h>
#include <mudskipper/rt/slot.h>
#include "calls.h"

static void badges_tell_services_apart(void)
{
    struct rpc_connection other;
    struct rpc_channel to_other;
    uint32_t client;
    char name[TRIAL_WHO_SERVICE_MAX + 1];
    cptr_t slot;

    trial_begin(1);
    trial_connect(&other, &trial_second, &slot);
    to_other = rpc_connection_channel(&other);
    assert_ok(trial_who(&trial_channel, &client, name, sizeof(name)));
    assert_int_equal(client, TRIAL_CLIENT);
    assert_true(str_equal(name, "first"));
    assert_ok(trial_who(&to_other, &client, name, sizeof(name)));
    assert_true(str_equal(name, "second"));
    slot_delete(slot);
    assert_error(trial_who(&to_other, &client, name, sizeof(name)), PEER_GONE);
    trial_end();
}

/* ---- what clients should not do */

static void malformed_messages(void)
{
    uint64_t malformed = trial_server.server.figures.malformed;
    uint64_t state = 1;
    uint64_t sum;

    trial_begin(1);
    for (unsigned round = 0; round < 2000; round++) {
        struct rt_message m = {.length = round % (SYS_WORDS + 1)};

        for (unsigned i = 0; i < SYS_WORDS; i++) {
            state = hash_number(state + 1);
            m.words[i] = state;
        }
        assert_ok(rt_call(trial_target, &m, CPTR_NULL, trial_in(30000)));
        assert_true(m.length >= RPC_HEADER_WORDS && m.words[0] >> 56 == RPC_ERROR);
        assert_true((uint16_t)m.words[RPC_HEADER_WORDS] == ERR_MSG_MALFORMED ||
                    (uint16_t)m.words[RPC_HEADER_WORDS] == ERR_MSG_TOO_LONG);
    }
    assert_int_equal(trial_server.server.figures.malformed, malformed + 2000);
    assert_ok(trial_add(&trial_channel, 1, 2, &sum));
    trial_end();
}

/* Begins long requests and never ends them. */
static void unfinished_requests_are_limited(void)
{
    unsigned begun = 0;
    uint64_t sum;

    trial_begin(1);
    for (uint32_t call = 1;; call++) {
        struct rt_message m = {
            .length = RPC_PART_WORDS,
            .words = {(uint64_t)RPC_REQUEST << 56 | (uint64_t)TRIAL_METHOD_WRITE << 32 | (0xf0000000 + call),
                      50000}};

        assert_ok(rt_call(trial_target, &m, CPTR_NULL, trial_in(30000)));
        if (m.words[0] >> 56 == RPC_ERROR) {
            assert_int_equal((uint16_t)m.words[RPC_HEADER_WORDS], ERR_LIMIT);
            break;
        }
        begun++;
        assert_true(begun < 100);
    }
    assert_int_equal(begun, RPC_CLIENT_BYTES / 50000);
    assert_ok(trial_add(&trial_channel, 1, 2, &sum)); /* short calls need nothing of it */
    rpc_server_forget(&trial_server.server, RPC_BADGE(trial_first.number, TRIAL_CLIENT));
    trial_end();
}

SUITE_MAIN(CALLS_TESTS("LMP"),
           {"RPC-LMP-008", "services are told apart by badge; a capability that is gone is PEER_GONE",
            badges_tell_services_apart},
           {"RPC-LMP-010", "a malformed message is answered with MSG_MALFORMED", malformed_messages},
           {"RPC-LMP-011", "what a client leaves unfinished is limited, and goes with it",
            unfinished_requests_are_limited})
