/* SPDX-License-Identifier: MIT */
/* Parts and payloads: what is written is read, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <mudskipper/rpc/message.h>
#include "world.h"

#define LONGEST RPC_MESSAGE_MAX

/* RPC-WIRE-001 */
static void parts_cover_a_message(void **state)
{
    (void)state;
    assert_int_equal(rpc_parts(0, 0), 1);
    assert_int_equal(rpc_parts(1, 1), 1);
    assert_int_equal(rpc_parts(RPC_PART_BYTES, 1), 1);
    assert_int_equal(rpc_parts(RPC_PART_BYTES + 1, 0), 2);
    assert_int_equal(rpc_parts(0, 5), 5);
    assert_int_equal(rpc_parts(LONGEST, RPC_CAPS_MAX), (LONGEST + RPC_PART_BYTES - 1) / RPC_PART_BYTES);
    for (uint32_t bytes = 0; bytes < 500; bytes++) {
        uint32_t sum = 0;

        for (uint32_t part = 0; part < rpc_parts(bytes, 3); part++) {
            sum += rpc_part_bytes(bytes, part);
        }
        assert_int_equal(sum, bytes);
    }
    assert_int_equal(rpc_part_bytes(10, UINT32_MAX), 0);
}

static bool same(const struct rpc_header *a, const struct rpc_header *b)
{
    return a->kind == b->kind && a->method == b->method && a->call == b->call && a->part == b->part &&
           a->bytes == b->bytes && a->caps == b->caps;
}

/* RPC-WIRE-002 */
static void what_is_written_is_read(void **state)
{
    static uint8_t payload[300];

    (void)state;
    memset(payload, 0xa5, sizeof(payload));
    for (uint32_t bytes = 0; bytes <= sizeof(payload); bytes++) {
        for (uint32_t part = 0; part < rpc_parts(bytes, 2); part++) {
            struct rpc_header h = {.kind = RPC_REPLY,
                                   .method = 0xfedc,
                                   .call = 0xdeadbeef,
                                   .part = part,
                                   .bytes = bytes,
                                   .caps = 2};
            struct rpc_header got;
            struct rpc_part p;

            memset(&p, 0xff, sizeof(p));
            rpc_part_write(&p, &h, payload);
            assert_int_equal(p.cap, CPTR_NULL);
            assert_true(err_ok(rpc_part_read(&p, &got)));
            assert_true(same(&got, &h));
            assert_memory_equal(rpc_part_payload(&p), payload + (size_t)part * RPC_PART_BYTES,
                                rpc_part_bytes(bytes, part));
        }
    }
}

static void expect_malformed(uint64_t word0, uint64_t word1, uint32_t length, uint64_t at)
{
    struct rpc_part p = {.words = {word0, word1}, .length = length};
    struct rpc_header h;
    err_t e = rpc_part_read(&p, &h);

    assert_true(err_is(e, ERR_MSG_MALFORMED));
    assert_int_equal(e.detail, at);
}

#define KIND(kind) ((uint64_t)(kind) << 56)
#define CAPS(caps) ((uint64_t)(caps) << 48)
#define PART(part) ((uint64_t)(part) << 32)

/* RPC-WIRE-003 */
static void each_wrong_field_is_refused(void **state)
{
    struct rpc_part p = {.words = {KIND(RPC_REQUEST), LONGEST + 1}, .length = 8};
    struct rpc_header h;

    (void)state;
    expect_malformed(0, 0, 0, 0);
    expect_malformed(KIND(RPC_REQUEST), 0, 1, 8);
    expect_malformed(KIND(RPC_REQUEST), 0, RPC_PART_WORDS + 1, 64);
    expect_malformed(0, 0, 2, 7);
    expect_malformed(KIND(RPC_CANCEL + 1), 0, 2, 7);
    expect_malformed(KIND(255), 0, 2, 7);
    expect_malformed(KIND(RPC_REQUEST), PART(1), 2, 12);
    expect_malformed(KIND(RPC_REPLY) | CAPS(2), PART(2), 2, 12);
    expect_malformed(KIND(RPC_REQUEST), 1, 2, 16);
    expect_malformed(KIND(RPC_REQUEST), 0, 3, 24);
    expect_malformed(KIND(RPC_ERROR), 15, 4, 8);
    expect_malformed(KIND(RPC_ERROR) | CAPS(1), RPC_ERROR_BYTES, 4, 6);
    expect_malformed(KIND(RPC_ERROR), RPC_ERROR_BYTES | PART(1), 4, 12);
    expect_malformed(KIND(RPC_CONTINUE), 1, 3, 8);
    expect_malformed(KIND(RPC_FETCH) | CAPS(1), 0, 2, 6);
    expect_malformed(KIND(RPC_CANCEL), PART(1), 2, 12);
    assert_true(err_is(rpc_part_read(&p, &h), ERR_MSG_TOO_LONG));
    p = (struct rpc_part){.words = {KIND(RPC_REQUEST), 3, 0x01000000}, .length = 3};
    assert_int_equal(rpc_part_read(&p, &h).detail, 19);
}

/* RPC-WIRE-004 */
static void an_error_travels_whole(void **state)
{
    struct rpc_header h = {.method = 3, .call = 4};
    struct rpc_header got;
    struct rpc_part p;
    err_t e = err_push(err_make(ERR_ELF_MAGIC, 0x123456789abcdef0), ERR_WHILE_LOAD);
    err_t back;

    (void)state;
    rpc_part_write_error(&p, &h, e);
    assert_true(err_ok(rpc_part_read(&p, &got)));
    assert_int_equal(got.kind, RPC_ERROR);
    assert_int_equal(got.method, 3);
    assert_int_equal(got.call, 4);
    back = rpc_part_error(&p);
    assert_memory_equal(&back, &e, sizeof(e));
    rpc_part_write_error(&p, &h, OK); /* an error that is none is one */
    assert_false(err_ok(rpc_part_error(&p)));
}

/* RPC-WIRE-005: whatever the validator accepts says the same when it is written again. */
static void random_words_are_refused_or_canonical(void **state)
{
    uint64_t seed = 5;
    unsigned accepted = 0;

    (void)state;
    for (unsigned round = 0; round < 300000; round++) {
        uint64_t random = world_random(&seed);
        struct rpc_part p = {.length = (uint32_t)(random % 10)};
        struct rpc_header h;

        for (unsigned i = 0; i < RPC_PART_WORDS; i++) {
            p.words[i] = world_random(&seed);
        }
        if (random >> 8 & 1) { /* nearer to what is right */
            p.words[0] = (p.words[0] & ~KIND(255)) | KIND(1 + (random >> 9) % 6);
            p.words[0] &= ~CAPS(0xfc);
            p.words[1] = (random >> 16 & 63) | PART((random >> 24) & 3);
            p.words[2 + (random >> 32) % 6] = 0;
        }
        if (err_ok(rpc_part_read(&p, &h))) {
            struct rpc_part again;
            uint8_t payload[256] = {0};
            uint32_t bytes = rpc_part_bytes(h.bytes, h.part);

            accepted++;
            assert_in_range(p.length, RPC_HEADER_WORDS, RPC_PART_WORDS);
            memcpy(payload + (size_t)h.part * RPC_PART_BYTES, rpc_part_payload(&p), bytes);
            rpc_part_write(&again, &h, payload);
            assert_int_equal(again.length, p.length);
            assert_memory_equal(again.words, p.words, p.length * sizeof(p.words[0]));
        }
    }
    assert_true(accepted > 1000);
}

/* ---- payloads */

static void put_everything(struct rpc_message *m)
{
    rpc_put_u8(m, 0x12);
    rpc_put_u16(m, 0x3456);
    rpc_put_u32(m, 0x789abcde);
    rpc_put_u64(m, 0x0123456789abcdef);
    rpc_put_bool(m, true);
    rpc_put_string(m, "mud", 3);
    rpc_put_bytes(m, "\0\1\2", 3, 100);
    rpc_put_count(m, 2, 2);
    rpc_put_u8(m, 7);
    rpc_put_u8(m, 8);
    rpc_put_cap(m, CPTR_NULL, true);
    rpc_put_cap(m, 99, false);
}

static err_t get_everything(struct rpc_reader *r)
{
    size_t bytes;
    const void *got;
    bool right = rpc_get_u8(r) == 0x12;

    right &= rpc_get_u16(r) == 0x3456;
    right &= rpc_get_u32(r) == 0x789abcde;
    right &= rpc_get_u64(r) == 0x0123456789abcdef;
    right &= rpc_get_bool(r);
    right &= strcmp(rpc_get_string(r, 3), "mud") == 0;
    got = rpc_get_bytes(r, 100, &bytes);
    right &= bytes == 3 && memcmp(got, "\0\1\2", 3) == 0;
    right &= rpc_get_count(r, 2, 1) == 2;
    right &= rpc_get_u8(r) == 7;
    right &= rpc_get_u8(r) == 8;
    right &= rpc_get_cap(r, true) == CPTR_NULL;
    right &= rpc_get_cap(r, false) == 99;
    return right || !err_ok(r->error) ? rpc_reader_end(r) : err_make(ERR_BAD_ARGUMENT, 0);
}

/* RPC-MESSAGE-001 */
static void values_come_back(void **state)
{
    static const uint8_t wanted[] = {0x12, 0x56, 0x34, 0xde, 0xbc, 0x9a, 0x78, 0xef, 0xcd, 0xab,
                                     0x89, 0x67, 0x45, 0x23, 0x01, 1,    3,    0,    0,    0,
                                     'm',  'u',  'd',  0,    3,    0,    0,    0,    0,    1,
                                     2,    2,    0,    0,    0,    7,    8,    0,    1};
    struct rpc_message m;
    struct rpc_reader r;
    struct world w;

    (void)state;
    world_init(&w);
    rpc_message_init(&m, &w.memory);
    put_everything(&m);
    assert_true(err_ok(m.error));
    assert_int_equal(m.bytes, sizeof(wanted));
    assert_memory_equal(m.payload, wanted, sizeof(wanted));
    rpc_reader_init(&r, m.payload, m.bytes, m.caps, m.cap_count);
    assert_true(err_ok(get_everything(&r)));
    assert_int_equal(w.allocations, 0);
    rpc_message_free(&m);
}

/* RPC-MESSAGE-002: one byte or capability less or more, and it is refused. */
static void short_and_long_ones_are_refused(void **state)
{
    struct rpc_message m;
    struct rpc_reader r;
    struct world w;

    (void)state;
    world_init(&w);
    rpc_message_init(&m, &w.memory);
    put_everything(&m);
    for (size_t bytes = 0; bytes < m.bytes; bytes++) {
        uint8_t *exact = malloc(bytes + 1); /* so that reading beyond is seen */

        memcpy(exact + 1, m.payload, bytes);
        rpc_reader_init(&r, exact + 1, bytes, m.caps, m.cap_count);
        assert_true(err_is(get_everything(&r), ERR_MSG_MALFORMED));
        assert_true(r.error.detail <= bytes);
        free(exact);
    }
    rpc_put_u8(&m, 0);
    rpc_reader_init(&r, m.payload, m.bytes, m.caps, m.cap_count);
    assert_true(err_is(get_everything(&r), ERR_MSG_MALFORMED));
    rpc_reader_init(&r, m.payload, m.bytes - 1, m.caps, 0);
    assert_true(err_is(get_everything(&r), ERR_MSG_MALFORMED));
    m.caps[1] = 100;
    rpc_reader_init(&r, m.payload, m.bytes - 1, m.caps, 2);
    assert_true(err_is(get_everything(&r), ERR_MSG_MALFORMED));
    rpc_message_free(&m);
}

/* RPC-MESSAGE-003 */
static void wrong_values_are_refused(void **state)
{
    struct rpc_reader r;
    size_t bytes;
    char small[3];

    (void)state;
    rpc_reader_init(&r, "\2", 1, NULL, 0);
    (void)rpc_get_bool(&r);
    assert_true(err_is(r.error, ERR_MSG_MALFORMED));
    rpc_reader_init(&r, "\3\0\0\0a\0b\0", 8, NULL, 0); /* a zero inside */
    assert_string_equal(rpc_get_string(&r, 10), "");
    assert_int_equal(rpc_reader_end(&r).detail, 5);
    rpc_reader_init(&r, "\2\0\0\0abc", 7, NULL, 0); /* no zero behind */
    assert_string_equal(rpc_get_string(&r, 10), "");
    assert_int_equal(rpc_reader_end(&r).detail, 6);
    rpc_reader_init(&r, "\3\0\0\0abc", 7, NULL, 0); /* longer than allowed */
    (void)rpc_get_bytes(&r, 2, &bytes);
    assert_int_equal(bytes, 0);
    assert_int_equal(rpc_reader_end(&r).detail, 0);
    rpc_reader_init(&r, "\377\377\377\377abc", 7, NULL, 0); /* longer than there is */
    assert_int_equal(rpc_get_count(&r, SIZE_MAX, 1), 0);
    assert_true(err_is(r.error, ERR_MSG_MALFORMED));
    rpc_reader_init(&r, "\4\0\0\0abc", 7, NULL, 0);
    assert_int_equal(rpc_get_count(&r, 100, 1), 0);
    rpc_reader_init(&r, "\0", 1, NULL, 0); /* a capability that must be there */
    assert_int_equal(rpc_get_cap(&r, false), CPTR_NULL);
    assert_true(err_is(r.error, ERR_MSG_MALFORMED));
    rpc_reader_init(&r, "\3\0\0\0abc\0", 8, NULL, 0); /* the caller's room */
    rpc_copy_string(&r, small, sizeof(small), 10);
    assert_true(err_is(r.error, ERR_MSG_TOO_LONG));
    assert_int_equal(r.error.detail, sizeof(small));
}

/* RPC-MESSAGE-004 */
static void what_is_too_long_is_not_written(void **state)
{
    struct rpc_message m;
    struct world w;
    static char big[LONGEST + 1];

    (void)state;
    world_init(&w);
    rpc_message_init(&m, &w.memory);
    rpc_put_string(&m, "four", 3);
    assert_true(err_is(m.error, ERR_MSG_TOO_LONG));
    assert_int_equal(m.error.detail, 3);
    rpc_message_free(&m);
    rpc_put_bytes(&m, big, SIZE_MAX, 100);
    assert_true(err_is(m.error, ERR_MSG_TOO_LONG));
    rpc_message_free(&m);
    rpc_put_bytes(&m, big, LONGEST - 4, SIZE_MAX);
    assert_true(err_ok(m.error));
    rpc_put_u8(&m, 0);
    assert_true(err_is(m.error, ERR_MSG_TOO_LONG));
    assert_int_equal(m.error.detail, LONGEST);
    rpc_message_free(&m);
    rpc_put_bytes(&m, big, LONGEST + 1, SIZE_MAX);
    assert_true(err_is(m.error, ERR_MSG_TOO_LONG));
    rpc_message_free(&m);
    rpc_put_cap(&m, CPTR_NULL, false);
    assert_true(err_is(m.error, ERR_BAD_ARGUMENT));
    rpc_message_free(&m);
    for (cptr_t i = 1; i <= RPC_CAPS_MAX; i++) {
        rpc_put_cap(&m, i, false);
    }
    assert_true(err_ok(m.error));
    assert_int_equal(m.caps[RPC_CAPS_MAX - 1], RPC_CAPS_MAX);
    rpc_put_cap(&m, 1, false);
    assert_true(err_is(m.error, ERR_LIMIT));
    rpc_message_free(&m);
    w.fail_allocation = w.allocations;
    rpc_put_bytes(&m, big, 1000, 1000);
    assert_true(err_is(m.error, ERR_NO_MEMORY));
    rpc_message_free(&m);
    assert_int_equal(w.blocks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_cover_a_message),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(each_wrong_field_is_refused),
        cmocka_unit_test(an_error_travels_whole),
        cmocka_unit_test(random_words_are_refused_or_canonical),
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(short_and_long_ones_are_refused),
        cmocka_unit_test(wrong_values_are_refused),
        cmocka_unit_test(what_is_too_long_is_not_written),
    };

    return cmocka_run_group_tests_name("rpc-wire", tests, NULL, NULL);
}
