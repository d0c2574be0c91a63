/* SPDX-License-Identifier: MIT */
/* Calls over LMP. Server and clients are threads of one process, which calls its own endpoint: what goes
 * between them goes through the kernel all the same. */
#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/hash.h>
#include <mudskipper/rpc/describe.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "../system/suite.h"
#include "trial_rpc.h"

#define RAM CPTR(2, 0)

#define STACK_BYTES 16384u
#define HEAP_BYTES  (2u << 20)
#define CLIENT      42u
#define WAITERS     8u

/* ---- memory */

static _Alignas(PAGE_SIZE) unsigned char heap_memory[HEAP_BYTES];
static struct heap heap;
static struct mutex heap_mutex;

static void heap_lock(void *unused)
{
    (void)unused;
    mutex_lock(&heap_mutex);
}

static void heap_unlock(void *unused)
{
    (void)unused;
    mutex_unlock(&heap_mutex);
}

static void *allocate(void *unused, size_t bytes)
{
    (void)unused;
    return heap_malloc(&heap, bytes);
}

static void release(void *unused, void *block, size_t bytes)
{
    (void)unused;
    (void)bytes;
    heap_free(&heap, block);
}

static const struct rpc_memory memory = {.allocate = allocate, .release = release};

/* ---- the service */

static struct rpc_request *waiting[WAITERS];
static uint64_t tokens[WAITERS];
static unsigned waiters;

static err_t add(void *context, struct rpc_request *request, uint64_t a, uint64_t b)
{
    (void)context;
    return trial_add_reply(request, a + b);
}

static err_t write(void *context, struct rpc_request *request, const void *data, size_t data_bytes)
{
    (void)context;
    return trial_write_reply(request, hash_fnv(HASH_FNV_START, data, data_bytes));
}

static uint8_t byte_at(size_t i)
{
    return (uint8_t)(i * 31 + i / 251);
}

static err_t read(void *context, struct rpc_request *request, uint32_t count)
{
    static uint8_t data[TRIAL_READ_DATA_MAX];

    (void)context;
    for (size_t i = 0; i < count && i < sizeof(data); i++) {
        data[i] = byte_at(i);
    }
    return trial_read_reply(request, data, count);
}

static err_t swap(void *context, struct rpc_request *request, const cptr_t *given, size_t given_count)
{
    cptr_t back[TRIAL_SWAP_BACK_MAX];

    (void)context;
    for (size_t i = 0; i < given_count; i++) {
        back[i] = given[given_count - 1 - i];
    }
    return trial_swap_reply(request, back, given_count);
}

static err_t who(void *context, struct rpc_request *request)
{
    return trial_who_reply(request, rpc_client(request), context);
}

static err_t wait(void *context, struct rpc_request *request, uint64_t token)
{
    err_t e;

    (void)context;
    if (waiters == WAITERS) {
        return err_make(ERR_LIMIT, WAITERS);
    }
    e = rpc_keep(request, &waiting[waiters]);
    if (err_ok(e)) {
        tokens[waiters++] = token;
    }
    return e;
}

static err_t release_all(void *context, struct rpc_request *request)
{
    uint32_t released = waiters;
    err_t e = OK;

    (void)context;
    while (waiters > 0) {
        waiters--;
        e = err_ok(e) ? trial_wait_reply(waiting[waiters], tokens[waiters]) : e;
    }
    return err_ok(e) ? trial_release_reply(request, released) : e;
}

static err_t fail(void *context, struct rpc_request *request, uint64_t detail)
{
    (void)context;
    (void)request;
    return err_push(err_make(ERR_ELF_MAGIC, detail), ERR_WHILE_SPAWN);
}

static const struct trial_ops ops = {.add = add,
                                     .write = write,
                                     .read = read,
                                     .swap = swap,
                                     .who = who,
                                     .wait = wait,
                                     .release = release_all,
                                     .fail = fail};

static struct rpc_lmp_server server;
static struct rpc_service first = {
    .interface = &trial_interface, .ops = &ops, .context = (void *)(uintptr_t) "first", .number = 1};
static struct rpc_service second = {
    .interface = &trial_interface, .ops = &ops, .context = (void *)(uintptr_t) "second", .number = 2};

/* ---- threads
 * ------------------------------------------------------------------------------------------------------- */

static struct thread server_thread;
static _Alignas(16) unsigned char server_stack[STACK_BYTES];
static struct rpc_lmp_link link;
static struct rpc_channel channel;
static cptr_t to_first;
static unsigned slots_before;
static uint64_t blocks_before;

static nanos_t in(nanos_t milliseconds)
{
    return rt_now() + milliseconds * 1000 * 1000;
}

static void serve(void *unused)
{
    err_t e;

    (void)unused;
    e = rpc_lmp_serve(&server, NANOS_NEVER);
    (void)e;
}

static void connect(struct rpc_lmp_link *to, const struct rpc_service *service, cptr_t *slot)
{
    assert_ok(slot_alloc(slot));
    assert_ok(rpc_lmp_offer(service, CLIENT, *slot));
    rpc_lmp_link_init(to, *slot, &memory, &rpc_own_slots);
}

static void start(void)
{
    static const struct heap_ops heap_ops = {.lock = heap_lock, .unlock = heap_unlock};

    assert_ok(heap_init(&heap, &heap_ops, NULL, NULL, heap_memory, sizeof(heap_memory)));
    rpc_lmp_server_init(&server, &memory, &rpc_own_slots);
    assert_ok(rpc_server_add(&server.server, &first));
    assert_ok(rpc_server_add(&server.server, &second));
    thread_start(&server_thread, "server", server_stack, sizeof(server_stack), serve, NULL);
    connect(&link, &first, &to_first);
    channel = rpc_channel_of(&link.link);
    assert_ok(trial_who(&channel, &(uint32_t){0}, (char[16]){0}, 16)); /* it serves, and has its slot */
}

/* Every test begins and ends with the same memory and slots. */
static void begin(void)
{
    static bool started;

    if (!started) {
        started = true;
        start();
    }
    channel = rpc_until(&channel, in(30000));
    slots_before = slot_free_count();
    blocks_before = heap_stats(&heap).blocks;
}

static void end(void)
{
    assert_ok(trial_add(&channel, 1, 2, &(uint64_t){0})); /* what was sent one-way before has arrived */
    assert_int_equal(slot_free_count(), slots_before);
    assert_int_equal(heap_stats(&heap).blocks, blocks_before);
    assert_int_equal(rpc_server_check(&server.server), 0);
    assert_int_equal(server.server.figures.clients, 0);
}

/* ---- tests
 * ------------------------------------------------------------------------------------------------------- */

static void small_calls(void)
{
    uint64_t sum;

    begin();
    for (uint64_t i = 0; i < 1000; i++) {
        assert_ok(trial_add(&channel, i, 2 * i, &sum));
        assert_int_equal(sum, 3 * i);
    }
    end();
}

static uint8_t data[TRIAL_WRITE_DATA_MAX];

static void long_requests(void)
{
    static const size_t lengths[] = {0, 1, 44, 45, 92, 93, 4096, TRIAL_WRITE_DATA_MAX};

    begin();
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 7 + i / 256);
    }
    for (unsigned i = 0; i < ARRAY_LENGTH(lengths); i++) {
        uint64_t hash;

        assert_ok(trial_write(&channel, data, lengths[i], &hash));
        assert_int_equal(hash, hash_fnv(HASH_FNV_START, data, lengths[i]));
    }
    end();
}

static void long_replies(void)
{
    static const uint32_t lengths[] = {0, 1, 44, 45, 92, 93, 4096, TRIAL_READ_DATA_MAX};

    begin();
    for (unsigned i = 0; i < ARRAY_LENGTH(lengths); i++) {
        size_t bytes;

        assert_ok(trial_read(&channel, lengths[i], data, sizeof(data), &bytes));
        assert_int_equal(bytes, lengths[i]);
        for (size_t at = 0; at < bytes; at++) {
            assert_int_equal(data[at], byte_at(at));
        }
    }
    end();
}

static void too_long(void)
{
    uint64_t hash;
    size_t bytes;

    begin();
    assert_error(trial_write(&channel, data, TRIAL_WRITE_DATA_MAX + 1, &hash), MSG_TOO_LONG);
    assert_error(trial_read(&channel, TRIAL_READ_DATA_MAX + 1, data, sizeof(data), &bytes), MSG_TOO_LONG);
    assert_error(trial_read(&channel, 100, data, 99, &bytes), MSG_TOO_LONG);
    end();
}

/* Frames of one page each, in consecutive slots. */
static cptr_t make_frames(unsigned count)
{
    cptr_t frames;

    assert_ok(slot_alloc_run(count, &frames));
    assert_ok(cap_retype(RAM, 0, CAP_TYPE_FRAME, PAGE_SIZE, count, frames));
    return frames;
}

static void capabilities(void)
{
    cptr_t given[TRIAL_SWAP_GIVEN_MAX];
    cptr_t back[TRIAL_SWAP_BACK_MAX];
    cptr_t frames;
    size_t count;

    begin();
    frames = make_frames(ARRAY_LENGTH(given));
    for (unsigned i = 0; i < ARRAY_LENGTH(given); i++) {
        given[i] = frames + i;
    }
    for (size_t n = 0; n <= ARRAY_LENGTH(given); n++) {
        assert_ok(trial_swap(&channel, given, n, back, ARRAY_LENGTH(back), &count));
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
    end();
}

static void capability_that_may_not_be_sent(void)
{
    cptr_t frame;
    cptr_t narrow;
    cptr_t back[2];
    size_t count;

    begin();
    frame = make_frames(1);
    assert_ok(slot_alloc(&narrow));
    assert_ok(cap_narrow(frame, narrow, CAP_READ));
    assert_error(trial_swap(&channel, (cptr_t[]){narrow}, 1, back, 2, &count), CAP_MISSING_RIGHT);
    assert_error(trial_swap(&channel, (cptr_t[]){frame, narrow}, 2, back, 2, &count), CAP_MISSING_RIGHT);
    slot_delete(narrow);
    slot_delete(frame);
    end();
}

static void error_travels(void)
{
    err_t e;

    begin();
    e = trial_fail(&channel, 0x123456789abcdef0);
    assert_error(e, ELF_MAGIC);
    assert_int_equal(e.code[1], ERR_WHILE_SPAWN);
    assert_int_equal(e.detail, 0x123456789abcdef0);
    end();
}

static void badges_tell_services_apart(void)
{
    struct rpc_lmp_link other;
    struct rpc_channel to_other;
    uint32_t client;
    char name[TRIAL_WHO_SERVICE_MAX + 1];
    cptr_t slot;

    begin();
    connect(&other, &second, &slot);
    to_other = rpc_channel_of(&other.link);
    assert_ok(trial_who(&channel, &client, name, sizeof(name)));
    assert_int_equal(client, CLIENT);
    assert_true(str_equal(name, "first"));
    assert_ok(trial_who(&to_other, &client, name, sizeof(name)));
    assert_true(str_equal(name, "second"));
    slot_delete(slot);
    assert_error(trial_who(&to_other, &client, name, sizeof(name)), PEER_GONE);
    end();
}

/* ---- many threads */

#define CLIENTS 24u /* more than a process can have messages under way */
#define KEPT    6u
#define ROUNDS  15u

static struct thread client_threads[CLIENTS];
static _Alignas(16) unsigned char client_stacks[CLIENTS][STACK_BYTES];
static uint8_t client_data[CLIENTS][3000];
static unsigned wrong;

static void mixed_calls(void *number)
{
    unsigned me = (unsigned)(uintptr_t)number;
    uint8_t *mine = client_data[me];

    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t bytes = (me * 977 + round * 131) % sizeof(client_data[0]);
        uint64_t sum = 0;
        uint64_t hash = 0;
        size_t got = 0;

        for (size_t i = 0; i < bytes; i++) {
            mine[i] = (uint8_t)(me + round + i);
        }
        wrong += !err_ok(trial_add(&channel, me, round, &sum)) || sum != me + round;
        wrong += !err_ok(trial_write(&channel, mine, bytes, &hash)) ||
                 hash != hash_fnv(HASH_FNV_START, mine, bytes);
        wrong += !err_ok(trial_read(&channel, (uint32_t)bytes, mine, sizeof(client_data[0]), &got)) ||
                 got != bytes || (bytes > 0 && mine[bytes - 1] != byte_at(bytes - 1));
    }
}

static void many_threads_on_one_channel(void)
{
    begin();
    wrong = 0;
    for (uintptr_t i = 0; i < CLIENTS; i++) {
        thread_start(&client_threads[i], "client", client_stacks[i], STACK_BYTES, mixed_calls, (void *)i);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        thread_join(&client_threads[i]);
    }
    assert_int_equal(wrong, 0);
    end();
}

static void wait_for_release(void *number)
{
    uint64_t token = (uintptr_t)number;
    uint64_t was = 0;

    wrong += !err_ok(trial_wait(&channel, token, &was)) || was != token;
}

static void kept_calls(void)
{
    uint32_t released = 0;
    uint64_t sum;

    begin();
    wrong = 0;
    for (uintptr_t i = 0; i < KEPT; i++) {
        thread_start(&client_threads[i], "waiter", client_stacks[i], STACK_BYTES, wait_for_release,
                     (void *)i);
    }
    while (waiters < KEPT) {
        assert_ok(trial_add(&channel, 1, 2, &sum)); /* others are served meanwhile */
    }
    assert_ok(trial_release(&channel, &released));
    assert_int_equal(released, KEPT);
    for (unsigned i = 0; i < KEPT; i++) {
        thread_join(&client_threads[i]);
    }
    assert_int_equal(wrong, 0);
    end();
}

static void deadline_cancels(void)
{
    struct rpc_channel impatient = rpc_until(&channel, in(20));
    uint64_t dropped = server.server.figures.dropped;
    uint64_t was = 7;
    uint32_t released;

    begin();
    assert_error(trial_wait(&impatient, 1, &was), TIMEOUT);
    assert_int_equal(was, 7);
    assert_ok(trial_add(&channel, 1, 2, &(uint64_t){0})); /* the news has arrived before this */
    assert_true(rpc_is_cancelled(waiting[0]));
    assert_ok(trial_release(&channel, &released));
    assert_int_equal(server.server.figures.dropped, dropped + 1);
    end();
}

/* ---- what clients should not do */

static void malformed_messages(void)
{
    uint64_t malformed = server.server.figures.malformed;
    uint64_t state = 1;
    uint64_t sum;

    begin();
    for (unsigned round = 0; round < 2000; round++) {
        struct rt_message m = {.length = round % (SYS_WORDS + 1)};

        for (unsigned i = 0; i < SYS_WORDS; i++) {
            state = hash_number(state + 1);
            m.words[i] = state;
        }
        assert_ok(rt_call(to_first, &m, CPTR_NULL, in(30000)));
        assert_true(m.length >= RPC_HEADER_WORDS && m.words[0] >> 56 == RPC_ERROR);
        assert_true((uint16_t)m.words[RPC_HEADER_WORDS] == ERR_MSG_MALFORMED ||
                    (uint16_t)m.words[RPC_HEADER_WORDS] == ERR_MSG_TOO_LONG);
    }
    assert_int_equal(server.server.figures.malformed, malformed + 2000);
    assert_ok(trial_add(&channel, 1, 2, &sum));
    end();
}

/* Begins long requests and never ends them. */
static void unfinished_requests_are_limited(void)
{
    unsigned begun = 0;
    uint64_t sum;

    begin();
    for (uint32_t call = 1;; call++) {
        struct rt_message m = {
            .length = RPC_PART_WORDS,
            .words = {(uint64_t)RPC_REQUEST << 56 | (uint64_t)TRIAL_METHOD_WRITE << 32 | (0xf0000000 + call),
                      50000}};

        assert_ok(rt_call(to_first, &m, CPTR_NULL, in(30000)));
        if (m.words[0] >> 56 == RPC_ERROR) {
            assert_int_equal((uint16_t)m.words[RPC_HEADER_WORDS], ERR_LIMIT);
            break;
        }
        begun++;
        assert_true(begun < 100);
    }
    assert_int_equal(begun, RPC_CLIENT_BYTES / 50000);
    assert_ok(trial_add(&channel, 1, 2, &sum)); /* short calls need nothing of it */
    rpc_server_forget(&server.server, RPC_BADGE(first.number, CLIENT));
    end();
}

static void describes_itself(void)
{
    struct rpc_description d;
    struct rpc_method m;
    size_t bytes;

    begin();
    assert_ok(rpc_describe(&channel, data, sizeof(data), &bytes));
    assert_ok(rpc_description_read(&d, data, bytes));
    assert_true(str_equal(d.name, "trial"));
    assert_int_equal(d.methods, 8);
    assert_ok(rpc_description_find(&d, "write", &m));
    assert_int_equal(m.number, TRIAL_METHOD_WRITE);
    assert_true(str_equal(m.help, "Remembers nothing, answers a check sum."));
    end();
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
           {"RPC-LMP-009", "many threads call on one channel, with messages of all lengths",
            many_threads_on_one_channel},
           {"RPC-LMP-010", "calls that were kept are answered later, others meanwhile", kept_calls},
           {"RPC-LMP-011", "a deadline cancels, and the late answer goes nowhere", deadline_cancels},
           {"RPC-LMP-012", "a malformed message is answered with MSG_MALFORMED", malformed_messages},
           {"RPC-LMP-013", "what a client leaves unfinished is limited, and goes with it",
            unfinished_requests_are_limited},
           {"RPC-LMP-014", "a service describes itself", describes_itself})
