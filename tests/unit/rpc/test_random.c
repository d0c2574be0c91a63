/* SPDX-License-Identifier: MIT */
/* Random harm with fixed seeds, under the checking tools: whatever arrives, nobody crashes, every call ends,
 * the books are right after every step, and nothing is left when the clients are gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <mudskipper/rpc/describe.h>
#include "world.h"

#define ROUNDS 20000u

static struct world w;
static uint64_t seed;

static uint64_t below(uint64_t limit)
{
    return world_random(&seed) % limit;
}

static bool one_in(uint64_t n)
{
    return below(n) == 0;
}

static int begin(void **state)
{
    (void)state;
    seed = 0;
    world_init(&w);
    return 0;
}

/* All clients go. */
static int end(void **state)
{
    (void)state;
    for (uint32_t client = 0; client < 64; client++) {
        rpc_server_forget(&w.server, RPC_BADGE(WORLD_SERVICE, client));
    }
    world_check_empty(&w, 0);
    return 0;
}

/* ---- raw parts */

/* A part that is nearly right, of a few calls of a few clients. */
static void random_part(struct rpc_part *p)
{
    uint8_t payload[256];
    struct rpc_header h = {.kind = one_in(3) ? RPC_FETCH : RPC_REQUEST,
                           .method = (uint16_t)below(18),
                           .call = (uint32_t)below(3),
                           .part = (uint32_t)below(4),
                           .bytes = (uint32_t)below(200),
                           .caps = one_in(4) ? (unsigned)below(4) : 0};

    for (size_t i = 0; i < sizeof(payload); i++) {
        payload[i] = one_in(3) ? (uint8_t)below(256) : 0;
    }
    if (h.kind == RPC_FETCH) {
        h.bytes = 0;
        h.caps = 0;
    }
    rpc_part_write(p, &h, payload);
    p->length = p->length > RPC_PART_WORDS ? RPC_PART_WORDS : p->length;
    if (one_in(10)) {
        p->words[below(RPC_PART_WORDS)] ^= (uint64_t)1 << below(64);
    }
    if (one_in(50)) {
        p->length = (uint32_t)below(RPC_PART_WORDS + 3);
    }
}

/* What later() has kept is answered, whether anybody waits or not. */
static err_t answer_kept(void)
{
    struct rpc_request *kept = w.kept;

    w.kept = NULL;
    return kept != NULL ? demo_later_reply(kept, 1) : OK;
}

static void forget_calls(void)
{
    err_t e = answer_kept();

    (void)e;
    memset(w.calls, 0, sizeof(w.calls));
}

/* RPC-RANDOM-001 */
static void random_parts_harm_nobody(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS * 5; round++) {
        struct rpc_part p;
        struct rpc_part answer;
        struct rpc_header h;
        bool is_call = !one_in(20);

        random_part(&p);
        p.cap = one_in(4) ? world_object(&w, 1 + (uint32_t)below(9)) : CPTR_NULL;
        w.badge = RPC_BADGE(WORLD_SERVICE, below(4));
        w.calls[0] = (struct world_call){.open = is_call};
        if (rpc_server_take(&w.server, &w.port, w.badge, is_call, &p, &answer)) {
            assert_true(is_call);
            assert_true(err_ok(rpc_part_read(&answer, &h)));
        } else {
            assert_true(!is_call || w.calls[0].answered || w.kept != NULL);
            if (w.calls[0].answered) {
                assert_true(err_ok(rpc_part_read(&w.calls[0].answer, &h)));
            }
        }
        forget_calls();
        assert_int_equal(rpc_server_check(&w.server, to_stderr, NULL), 0);
    }
    assert_true(w.server.figures.requests > ROUNDS / 10);
    assert_true(w.server.figures.malformed > ROUNDS / 10);
}

/* ---- calls over a bad line */

static unsigned badness; /* one part in so many is spoiled */

static void spoil(struct world *world, struct rpc_part *part)
{
    (void)world;
    if (!one_in(badness)) {
        return;
    }
    switch (below(4)) {
    case 0:
        part->words[below(RPC_PART_WORDS)] ^= (uint64_t)1 << below(64);
        break;
    case 1:
        part->words[below(RPC_PART_WORDS)] = world_random(&seed);
        break;
    case 2:
        part->length = (uint32_t)below(RPC_PART_WORDS + 1);
        break;
    default:
        part->words[1] += below(3) << 32; /* another part */
        break;
    }
}

static bool wait_sometimes(struct world *world)
{
    (void)world;
    return !one_in(3) && err_ok(answer_kept());
}

static uint8_t data[RPC_MESSAGE_MAX];
static struct demo_entry entries[DEMO_FIND_ENTRIES_MAX];
static struct demo_album album;

static void give_all(const cptr_t *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slots[i] != CPTR_NULL) {
            world_give(&w, slots[i]);
        }
    }
}

static err_t swap_some(void)
{
    cptr_t given[8];
    cptr_t back[8];
    size_t n = below(ARRAY_LENGTH(given) + 1);
    size_t count = 0;
    err_t e;

    for (size_t i = 0; i < n; i++) {
        given[i] = world_object(&w, (uint32_t)(i + 1) | (one_in(20) ? OBJECT_NO_GRANT : 0));
    }
    e = demo_swap_all(&w.channel, given, n, back, 1 + below(8), &count);
    if (err_ok(e)) {
        give_all(back, count);
    }
    give_all(given, n);
    return e;
}

static err_t find_some(void)
{
    size_t count = 0;
    bool more;
    err_t e = demo_find(&w.channel, "mud", (uint32_t)below(9), entries, ARRAY_LENGTH(entries), &count, &more);

    for (size_t i = 0; err_ok(e) && i < count; i++) {
        give_all(&entries[i].content, 1);
    }
    return e;
}

static err_t random_call(void)
{
    struct demo_point there;
    uint64_t number;
    char text[200];

    switch (below(10)) {
    case 0:
        return demo_nothing(&w.channel);
    case 1:
        return demo_write(&w.channel, data, below(3000), &(uint32_t){0}, &number);
    case 2:
        return demo_read(&w.channel, (uint32_t)below(3000), data, below(3000), &(size_t){0});
    case 3:
        return demo_reverse(&w.channel, "a text of some length, which is longer than a part", text,
                            below(sizeof(text)));
    case 4:
        return swap_some();
    case 5:
        return find_some();
    case 6:
        return demo_move(&w.channel, &(struct demo_point){1, 2}, (struct demo_point[16]){{0, 0}}, below(17),
                         &there);
    case 7:
        return demo_store(&w.channel, &album, entries, 0, &album);
    case 8:
        return demo_later(&w.channel, 1, &number);
    default:
        return demo_add(&w.channel, 1, 2, &number);
    }
}

static void call_at_random(void)
{
    unsigned good = 0;
    unsigned bad = 0;

    w.wait = wait_sometimes;

    for (unsigned round = 0; round < ROUNDS / 4; round++) {
        err_t e;

        w.badge = RPC_BADGE(WORLD_SERVICE, below(4));
        w.lose_posts = one_in(3);
        e = random_call();
        good += err_ok(e);
        bad += !err_ok(e);
        forget_calls();
        assert_int_equal(rpc_server_check(&w.server, to_stderr, NULL), 0);
        if (w.server.figures.bytes > w.server.client_bytes * 2) {
            rpc_server_forget(&w.server, w.badge);
        }
    }
    assert_true(good > 100);
    assert_true(bad > 100);
}

/* RPC-RANDOM-002 */
static void spoiled_answers_harm_no_client(void **state)
{
    (void)state;
    w.on_answer = spoil;
    badness = 20;
    call_at_random();
}

/* RPC-RANDOM-003 */
static void spoiled_requests_harm_no_server(void **state)
{
    (void)state;
    w.on_request = spoil;
    badness = 20;
    call_at_random();
}

/* RPC-RANDOM-004 */
static void both_at_once_without_memory(void **state)
{
    (void)state;
    w.on_request = spoil;
    w.on_answer = spoil;
    w.memory_room = 60000;
    w.slots_room = 60;
    badness = 40;
    call_at_random();
}

/* ---- unmarshalling: the payload of each method, random from some byte on */

static void spoil_payload(struct world *world, struct rpc_part *part)
{
    uint32_t bytes = (part->length - RPC_HEADER_WORDS) * 8;

    (void)world;
    for (unsigned i = 0; i < 3 && bytes > 0 && one_in(4); i++) {
        ((uint8_t *)&part->words[RPC_HEADER_WORDS])[below(bytes)] = one_in(2) ? 0xff : (uint8_t)below(256);
    }
}

/* RPC-RANDOM-005 */
static void spoiled_payloads_are_seen_or_harmless(void **state)
{
    (void)state;
    w.on_request = spoil_payload;
    call_at_random();
    w.on_request = NULL;
    w.on_answer = spoil_payload;
    call_at_random();
}

/* ---- descriptions from strangers */

static bool take_value(void *argument, const char *path, const struct rpc_value *value)
{
    unsigned *seen = argument;

    assert_true(strlen(path) < RPC_PATH_MAX);
    if ((value->type == RPC_TYPE_CAP || value->type == RPC_TYPE_CAP_OPTIONAL) && value->number != CPTR_NULL) {
        world_give(&w, (cptr_t)value->number);
    }
    return ++*seen % 50 != 0;
}

static void walk(const struct rpc_description *d)
{
    struct rpc_method m;
    size_t at = 0;
    unsigned methods = 0;

    while (rpc_description_next(d, &at, &m)) {
        struct rpc_field f;
        struct rpc_value values[4] = {{.type = RPC_TYPE_U64}};
        unsigned seen = 0;
        err_t e;

        methods++;
        while (rpc_fields_next(&m.arguments, &f)) {
            assert_true(f.name[0] != '\0');
        }
        m.number = (uint16_t)below(18);
        e = rpc_call_described(&w.channel, &m, values, below(2), take_value, &seen);
        (void)e;
        forget_calls();
    }
    assert_int_equal(methods, d->methods);
}

/* RPC-RANDOM-006 */
static void descriptions_are_checked(void **state)
{
    static uint8_t bytes[8192];
    size_t size = demo_interface.description_bytes;
    unsigned accepted = 0;

    (void)state;
    assert_true(size < sizeof(bytes));
    w.wait = wait_sometimes;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint8_t *exact;
        size_t length = one_in(10) ? below(size + 1) : size;
        struct rpc_description d;

        memcpy(bytes, demo_interface.description, size);
        for (uint64_t i = below(3); i > 0; i--) {
            bytes[below(size)] = (uint8_t)below(one_in(2) ? 256 : 12);
        }
        exact = malloc(length + 1); /* so that reading beyond is seen */
        memcpy(exact + 1, bytes, length);
        if (err_ok(rpc_description_read(&d, exact + 1, length))) {
            accepted++;
            if (accepted % 20 == 0) {
                walk(&d);
            }
        }
        free(exact);
    }
    assert_true(accepted > ROUNDS / 10);
    assert_true(accepted < ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_parts_harm_nobody, begin, end),
        cmocka_unit_test_setup_teardown(spoiled_answers_harm_no_client, begin, end),
        cmocka_unit_test_setup_teardown(spoiled_requests_harm_no_server, begin, end),
        cmocka_unit_test_setup_teardown(both_at_once_without_memory, begin, end),
        cmocka_unit_test_setup_teardown(spoiled_payloads_are_seen_or_harmless, begin, end),
        cmocka_unit_test_setup_teardown(descriptions_are_checked, begin, end),
    };

    return cmocka_run_group_tests_name("rpc-random", tests, NULL, NULL);
}
