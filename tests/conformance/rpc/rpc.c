/* SPDX-License-Identifier: MIT */
/* Calls over LMP from one thread: everything that can be said, and what should not be. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/hash.h>
#include <mudskipper/rpc/describe.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "trial.h"

/* ---- tests
 * ------------------------------------------------------------------------------------------------------- */

static void small_calls(void)
{
    uint64_t sum;

    trial_begin(1);
    for (uint64_t i = 0; i < 1000; i++) {
        assert_ok(trial_add(&trial_channel, i, 2 * i, &sum));
        assert_int_equal(sum, 3 * i);
    }
    trial_end();
}

static uint8_t data[TRIAL_WRITE_DATA_MAX];

static void long_requests(void)
{
    static const size_t lengths[] = {0, 1, 44, 45, 92, 93, 4096, TRIAL_WRITE_DATA_MAX};

    trial_begin(1);
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 7 + i / 256);
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(lengths); i++) {
        uint64_t hash;

        assert_ok(trial_write(&trial_channel, data, lengths[i], &hash));
        assert_int_equal(hash, hash_fnv(HASH_FNV_START, data, lengths[i]));
    }
    trial_end();
}

static void long_replies(void)
{
    static const uint32_t lengths[] = {0, 1, 44, 45, 92, 93, 4096, TRIAL_READ_DATA_MAX};

    trial_begin(1);
    for (unsigned i = 0; i < ARRAY_LENGTH(lengths); i++) {
        size_t bytes;

        assert_ok(trial_read(&trial_channel, lengths[i], data, sizeof(data), &bytes));
        assert_int_equal(bytes, lengths[i]);
        for (size_t at = 0; at < bytes; at++) {
            assert_int_equal(data[at], trial_byte(at));
        }
    }
    trial_end();
}

static void too_long(void)
{
    uint64_t hash;
    size_t bytes;

    trial_begin(1);
    assert_error(trial_write(&trial_channel, data, TRIAL_WRITE_DATA_MAX + 1, &hash), MSG_TOO_LONG);
    assert_error(trial_read(&trial_channel, TRIAL_READ_DATA_MAX + 1, data, sizeof(data), &bytes),
                 MSG_TOO_LONG);
    assert_error(trial_read(&trial_channel, 100, data, 99, &bytes), MSG_TOO_LONG);
    trial_end();
}

/* Frames of one page each, in consecutive slots. */
static cptr_t make_frames(unsigned count)
{
    cptr_t frames;

    assert_ok(slot_alloc_run(count, &frames));
    assert_ok(cap_retype(TRIAL_RAM, 0, CAP_TYPE_FRAME, PAGE_SIZE, count, frames));
    return frames;
}

static void capabilities(void)
{
    cptr_t given[TRIAL_SWAP_GIVEN_MAX];
    cptr_t back[TRIAL_SWAP_BACK_MAX];
    cptr_t frames;
    size_t count;

    trial_begin(1);
    frames = make_frames(ARRAY_LENGTH(given));
    for (unsigned i = 0; i < ARRAY_LENGTH(given); i++) {
        given[i] = frames + i;
    }
    for (size_t n = 0; n <= ARRAY_LENGTH(given); n++) {
        assert_ok(trial_swap(&trial_channel, given, n, back, ARRAY_LENGTH(back), &count));
        assert_int_equal(count, n);
        for (size_t i = 0; i < n; i++) {
            struct cap_identity sent;
            struct cap_identity came;

            assert_ok(cap_identify(given[n - 1 - i], &sent));
            assert_ok(cap_identify(back[i], &came));
            assert_int_equal(came.base, sent.base);
            slot_delete(back[i]);
        }
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(given); i++) {
        slot_delete(given[i]);
    }
    trial_end();
}

static void capability_that_may_not_be_sent(void)
{
    cptr_t frame;
    cptr_t narrow;
    cptr_t back[2];
    size_t count;

    trial_begin(1);
    frame = make_frames(1);
    assert_ok(slot_alloc(&narrow));
    assert_ok(cap_narrow(frame, narrow, CAP_READ));
    assert_error(trial_swap(&trial_channel, (cptr_t[]){narrow}, 1, back, 2, &count), CAP_MISSING_RIGHT);
    assert_error(trial_swap(&trial_channel, (cptr_t[]){frame, narrow}, 2, back, 2, &count),
                 CAP_MISSING_RIGHT);
    slot_delete(narrow);
    slot_delete(frame);
    trial_end();
}

static void error_travels(void)
{
    err_t e;

    trial_begin(1);
    e = trial_fail(&trial_channel, 0x123456789abcdef0);
    assert_error(e, ELF_MAGIC);
    assert_int_equal(e.code[1], ERR_WHILE_SPAWN);
    assert_int_equal(e.detail, 0x123456789abcdef0);
    trial_end();
}

static void badges_tell_services_apart(void)
{
    struct rpc_lmp_link other;
    struct rpc_channel to_other;
    uint32_t client;
    char name[TRIAL_WHO_SERVICE_MAX + 1];
    cptr_t slot;

    trial_begin(1);
    trial_connect(&other, &trial_second, &slot);
    to_other = rpc_channel_of(&other.link);
    assert_ok(trial_who(&trial_channel, &client, name, sizeof(name)));
    assert_int_equal(client, TRIAL_CLIENT);
    assert_true(str_equal(name, "first"));
    assert_ok(trial_who(&to_other, &client, name, sizeof(name)));
    assert_true(str_equal(name, "second"));
    slot_delete(slot);
    assert_error(trial_who(&to_other, &client, name, sizeof(name)), PEER_GONE);
    trial_end();
}

static void deadline_cancels(void)
{
    struct rpc_channel impatient = rpc_until(&trial_channel, trial_in(20));
    uint64_t dropped = trial_server.server.figures.dropped;
    uint64_t was = 7;
    uint32_t released;

    trial_begin(1);
    assert_error(trial_wait(&impatient, 1, &was), TIMEOUT);
    assert_int_equal(was, 7);
    assert_ok(trial_add(&trial_channel, 1, 2, &(uint64_t){0})); /* the news has arrived before this */
    assert_true(rpc_is_cancelled(trial_waiting[0]));
    assert_ok(trial_release(&trial_channel, &released));
    assert_int_equal(trial_server.server.figures.dropped, dropped + 1);
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

static void describes_itself(void)
{
    struct rpc_description d;
    struct rpc_method m;
    size_t bytes;

    trial_begin(1);
    assert_ok(rpc_describe(&trial_channel, data, sizeof(data), &bytes));
    assert_ok(rpc_description_read(&d, data, bytes));
    assert_true(str_equal(d.name, "trial"));
    assert_int_equal(d.methods, TRIAL_METHOD_RELAY);
    assert_ok(rpc_description_find(&d, "write", &m));
    assert_int_equal(m.number, TRIAL_METHOD_WRITE);
    assert_true(str_equal(m.help, "Remembers nothing, answers a check sum."));
    trial_end();
}

SUITE_MAIN({"RPC-LMP-001", "a small call brings its arguments and its results", small_calls},
           {"RPC-LMP-002", "a request of any length arrives", long_requests},
           {"RPC-LMP-003", "a reply of any length arrives", long_replies},
           {"RPC-LMP-004", "what is too long is refused on the side that knows it", too_long},
           {"RPC-LMP-005", "any number of capabilities goes with one message, both ways", capabilities},
           {"RPC-LMP-006", "a capability without GRANT ends the call, at any place of the message",
            capability_that_may_not_be_sent},
           {"RPC-LMP-007", "an error travels with its context and detail", error_travels},
           {"RPC-LMP-008", "services are told apart by badge; a capability that is gone is PEER_GONE",
            badges_tell_services_apart},
           {"RPC-LMP-009", "a deadline cancels, and the late answer goes nowhere", deadline_cancels},
           {"RPC-LMP-010", "a malformed message is answered with MSG_MALFORMED", malformed_messages},
           {"RPC-LMP-011", "what a client leaves unfinished is limited, and goes with it",
            unfinished_requests_are_limited},
           {"RPC-LMP-012", "a service describes itself", describes_itself})
