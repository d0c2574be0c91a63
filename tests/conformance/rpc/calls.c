/* SPDX-License-Identifier: MIT */
/* Calls from one thread, over either transport: everything that can be said. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/hash.h>
#include <mudskipper/rpc/describe.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "calls.h"

/* ---- tests
 * ------------------------------------------------------------------------------------------------------- */

void small_calls(void)
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

void long_requests(void)
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

void long_replies(void)
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

void too_long(void)
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

void capabilities(void)
{
    cptr_t given[TRIAL_SWAP_GIVEN_MAX];
    cptr_t back[TRIAL_SWAP_BACK_MAX];
    cptr_t frames;
    size_t count;

    trial_begin(1);
    frames = trial_frames(ARRAY_LENGTH(given));
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

void capability_that_may_not_be_sent(void)
{
    cptr_t frame;
    cptr_t narrow;
    cptr_t back[2];
    size_t count;

    trial_begin(1);
    frame = trial_frames(1);
    assert_ok(slot_alloc(&narrow));
    assert_ok(cap_narrow(frame, narrow, CAP_READ));
    assert_error(trial_swap(&trial_channel, (cptr_t[]){narrow}, 1, back, 2, &count), CAP_MISSING_RIGHT);
    assert_error(trial_swap(&trial_channel, (cptr_t[]){frame, narrow}, 2, back, 2, &count),
                 CAP_MISSING_RIGHT);
    slot_delete(narrow);
    slot_delete(frame);
    trial_end();
}

void error_travels(void)
{
    err_t e;

    trial_begin(1);
    e = trial_fail(&trial_channel, ERR_ELF_MAGIC, 0x123456789abcdef0);
    assert_error(e, ELF_MAGIC);
    assert_int_equal(e.code[1], ERR_WHILE_SPAWN);
    assert_int_equal(e.detail, 0x123456789abcdef0);
    trial_end();
}

void deadline_cancels(void)
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

void describes_itself(void)
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
