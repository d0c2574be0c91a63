/* SPDX-License-Identifier: MIT */
/* What comes in by RPC from somebody who means harm. The first byte says what the rest is:
 *
 *    0   parts that clients send to a server of the demo interface: tests/unit/rpc/demo.rpc
 *    1   a call, and what the server answers to each of its parts instead of what it meant to
 *    2   a description of a service; a method of it is called, and its results are bytes, too
 *    3   the memory of a ring, as the peer has written it
 *
 * The world (tests/unit/rpc/world.c) counts memory and slots; generated code reads what gets through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <mudskipper/msg/ump.h>
#include <mudskipper/rpc/describe.h>
#include "../unit/rpc/world.h"
#include "fuzz.h"

const struct fuzz_outcome fuzz_outcomes[] = {
    FUZZ_ERROR(OK),
    FUZZ_ERROR(NOT_SUPPORTED),
    FUZZ_ERROR(MSG_MALFORMED),
    FUZZ_ERROR(MSG_TOO_LONG),
    FUZZ_ERROR(MSG_NO_METHOD),
    FUZZ_ERROR(MSG_UNANSWERED),
    FUZZ_ERROR(MSG_NO_TARGET),
    FUZZ_ERROR(MSG_CAP_GONE),
    FUZZ_ERROR(LIMIT),
    FUZZ_ERROR(TIMEOUT),
    FUZZ_ERROR(ELF_MAGIC), /* what the demo's fail() answers */
    {0, NULL},
};

#define CLIENTS     3u
#define PART_SLOTS  4u
#define RING_BYTES  1024u
#define METHODS_MAX 64u

static struct world w;
static struct fuzz_bytes in;

/* Somebody else's error, any number at all, is his. */
static void saw_foreign(err_t e)
{
    for (unsigned i = 0; fuzz_outcomes[i].name != NULL; i++) {
        if (fuzz_outcomes[i].code == e.code[0]) {
            fuzz_saw(e.code[0]);
        }
    }
}

/* ---- parts ---- */

/*   length | words ... | flags: 1 a capability comes along, 2 it is one-way */
static uint8_t take_part(struct rpc_part *part)
{
    *part = (struct rpc_part){.length = fuzz_u8(&in), .cap_error = OK};
    for (unsigned i = 0; i < RPC_PART_WORDS && i < part->length; i++) {
        part->words[i] = fuzz_u64(&in);
    }
    return fuzz_u8(&in);
}

/* What was read, written down again, is the same. */
static void check_written(const struct rpc_part *part)
{
    static uint8_t payload[RPC_MESSAGE_MAX + RPC_PART_BYTES];
    struct rpc_header h;
    struct rpc_part again;

    if (!err_ok(rpc_part_read(part, &h))) {
        return;
    }
    FUZZ_MUST(h.bytes <= RPC_MESSAGE_MAX && h.caps <= RPC_CAPS_MAX);
    if (h.bytes > 0) {
        rpc_part_copy_payload(payload, part, &h);
    }
    rpc_part_write(&again, &h, payload);
    FUZZ_MUST(again.length == part->length && mem_equal(again.words, part->words, part->length * 8));
}

static void check_answer(const struct rpc_part *answer)
{
    struct rpc_header h;

    FUZZ_MUST(err_ok(rpc_part_read(answer, &h)));
    if (h.kind == RPC_ERROR) {
        fuzz_saw_error(rpc_part_error(answer));
    } else {
        fuzz_saw(ERR_OK);
    }
}

static void answer_kept(void)
{
    struct rpc_request *kept = w.kept;

    w.kept = NULL;
    if (kept != NULL) {
        err_t e = demo_later_reply(kept, 1);
        (void)e; /* nobody may be waiting */
    }
}

static void serve_part(void)
{
    struct rpc_part part;
    struct rpc_part answer;
    uint8_t client = fuzz_u8(&in);
    uint8_t flags = take_part(&part);
    bool is_call = !(flags & 2);

    check_written(&part);
    part.cap = flags & 1 ? world_object(&w, 1u + client) : CPTR_NULL;
    w.badge = RPC_BADGE(client & 0x80 ? WORLD_SERVICE + 1 : WORLD_SERVICE, client % CLIENTS);
    memset(w.calls, 0, sizeof(w.calls));
    w.calls[0].open = is_call;
    if (rpc_server_take(&w.server, &w.port, w.badge, is_call, &part, &answer)) {
        FUZZ_MUST(is_call);
        check_answer(&answer);
    } else {
        FUZZ_MUST(!is_call || w.calls[0].answered || w.kept != NULL);
        if (w.calls[0].answered) {
            check_answer(&w.calls[0].answer);
        }
    }
    answer_kept();
    FUZZ_MUST(rpc_server_check(&w.server, NULL, NULL) == 0);
}

static void serve_parts(void)
{
    w.server.client_slots = PART_SLOTS;
    while (in.left > 0) {
        serve_part();
    }
}

/* ---- a call with strange answers ---- */

/*   0: as the server meant it | 1: this part instead */
static void answer_strangely(struct world *world, struct rpc_part *part)
{
    (void)world;
    if (fuzz_u8(&in) & 1) {
        cptr_t came = part->cap;
        uint8_t flags = take_part(part);

        check_written(part);
        part->cap = flags & 1 ? came : CPTR_NULL;
        if (came != CPTR_NULL && part->cap == CPTR_NULL) {
            w.objects[came] = 0; /* it has not come after all */
        }
    }
}

static bool never(struct world *world)
{
    (void)world;
    answer_kept();
    return false;
}

static void give_all(const cptr_t *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slots[i] != CPTR_NULL) {
            world_give(&w, slots[i]);
        }
    }
}

static err_t call_find(void)
{
    static struct demo_entry entries[DEMO_FIND_ENTRIES_MAX];
    size_t count = 0;
    bool more;
    err_t e = demo_find(&w.channel, "mud", 1, entries, ARRAY_LENGTH(entries), &count, &more);

    for (size_t i = 0; err_ok(e) && i < count; i++) {
        FUZZ_MUST(str_length_max(entries[i].name, sizeof(entries[i].name)) < sizeof(entries[i].name));
        FUZZ_MUST(entries[i].key_bytes <= DEMO_ENTRY_KEY_MAX &&
                  entries[i].corners_count <= DEMO_ENTRY_CORNERS_MAX);
        give_all(&entries[i].content, 1);
    }
    return e;
}

static err_t call_swap(void)
{
    cptr_t given[3];
    cptr_t back[3];
    size_t count = 0;
    err_t e;

    for (unsigned i = 0; i < ARRAY_LENGTH(given); i++) {
        given[i] = world_object(&w, i + 1);
    }
    e = demo_swap_all(&w.channel, given, ARRAY_LENGTH(given), back, ARRAY_LENGTH(back), &count);
    FUZZ_MUST(count <= ARRAY_LENGTH(back));
    if (err_ok(e)) {
        give_all(back, count);
    }
    give_all(given, ARRAY_LENGTH(given));
    return e;
}

static err_t call_exchange(void)
{
    cptr_t given = world_object(&w, 1);
    cptr_t back = CPTR_NULL, maybe = CPTR_NULL;
    err_t e = demo_exchange(&w.channel, given, given, &back, &maybe);

    if (err_ok(e)) {
        FUZZ_MUST(back != CPTR_NULL);
        give_all(&back, 1);
        give_all(&maybe, 1);
    }
    give_all(&given, 1);
    return e;
}

static err_t call_store(void)
{
    static struct demo_album was;
    struct demo_album album = {.title = "fish", .counts_count = 2, .counts = {3, 4}};
    err_t e = demo_store(&w.channel, &album, NULL, 0, &was);

    if (err_ok(e)) {
        FUZZ_MUST(str_length_max(was.title, sizeof(was.title)) < sizeof(was.title));
        FUZZ_MUST(was.counts_count <= DEMO_ALBUM_COUNTS_MAX);
        give_all(&was.first.content, 1);
    }
    return e;
}

static err_t call_read(void)
{
    uint8_t data[100];
    size_t bytes = 0;
    err_t e = demo_read(&w.channel, 100, data, sizeof(data), &bytes);

    FUZZ_MUST(bytes <= sizeof(data));
    return e;
}

static err_t call_reverse(void)
{
    char text[12];
    err_t e = demo_reverse(&w.channel, "mudskipper", text, sizeof(text));

    FUZZ_MUST(!err_ok(e) || str_length_max(text, sizeof(text)) < sizeof(text));
    return e;
}

static err_t call_later(void)
{
    uint64_t answer;

    return demo_later(&w.channel, 1, &answer);
}

static err_t call_nothing(void)
{
    return demo_nothing(&w.channel);
}

static void call_strangers(void)
{
    static err_t (*const calls[])(void) = {call_nothing, call_find,    call_swap,  call_exchange,
                                           call_store,   call_reverse, call_later, call_read};

    w.on_answer = answer_strangely;
    w.wait = never;
    do {
        saw_foreign(calls[fuzz_u8(&in) % ARRAY_LENGTH(calls)]());
        FUZZ_MUST(rpc_server_check(&w.server, NULL, NULL) == 0);
    } while (in.left > 0);
}

/* ---- a description ---- */

static unsigned walk(struct rpc_fields fields, unsigned depth)
{
    struct rpc_field f;
    unsigned count = 0;

    FUZZ_MUST(depth <= RPC_DEPTH_MAX + 1);
    while (rpc_fields_next(&fields, &f)) {
        FUZZ_MUST(f.name[0] != '\0' && f.type >= RPC_TYPE_U8 && f.type <= RPC_TYPE_STRUCT);
        FUZZ_MUST(f.type != RPC_TYPE_STRUCT || f.structure < fields.description->structs);
        count++;
    }
    return count;
}

static bool each(void *argument, const char *path, const struct rpc_value *value)
{
    (void)argument;
    FUZZ_MUST(str_length_max(path, RPC_PATH_MAX) < RPC_PATH_MAX);
    FUZZ_MUST(value->type != RPC_TYPE_STRUCT);
    if (value->type == RPC_TYPE_CAP || value->type == RPC_TYPE_CAP_OPTIONAL) {
        cptr_t slot = (cptr_t)value->number;
        give_all(&slot, 1);
    }
    return true;
}

static void call_method(const struct rpc_method *method)
{
    w.on_answer = answer_strangely;
    w.wait = never;
    saw_foreign(rpc_call_described(&w.channel, method, NULL, 0, each, NULL));
}

/*   size, 2 bytes, lowest first | description | answers */
static void describe(void)
{
    size_t size = fuzz_u8(&in);
    size += (size_t)fuzz_u8(&in) << 8;
    struct text text = fuzz_text(&in, size);
    void *exact = malloc(text.length + 1); /* NULL is not what a description is */
    struct rpc_description d;
    struct rpc_method method, found;
    size_t at = 0;
    err_t e;

    mem_copy(exact, text.start, text.length);
    e = rpc_description_read(&d, exact, text.length);
    fuzz_saw_error(e);
    for (unsigned s = 0; err_ok(e) && s < d.structs; s++) {
        FUZZ_MUST(walk(rpc_struct_fields(&d, s, NULL), 1) > 0);
    }
    for (unsigned m = 0; err_ok(e) && m < METHODS_MAX && rpc_description_next(&d, &at, &method); m++) {
        (void)walk(method.arguments, 0);
        (void)walk(method.results, 0);
        FUZZ_MUST(err_ok(rpc_description_find(&d, method.name, &found)) &&
                  str_equal(found.name, method.name));
        call_method(&method);
    }
    free(exact);
}

/* ---- a ring ---- */

static void read_ring(void)
{
    uint8_t *memory = aligned_alloc(UMP_LINE_BYTES, RING_BYTES);
    struct text text = fuzz_text(&in, RING_BYTES);
    uint64_t payload[UMP_PAYLOAD / 8];
    struct ump_reader r;
    struct ump_writer writer;
    unsigned bytes, lines = 0;
    uint8_t tag;
    bool wake;

    mem_set(memory, 0, RING_BYTES);
    mem_copy(memory, text.start, text.length);
    ump_reader_init(&r, memory, RING_BYTES);
    while (ump_receive(&r, payload, &bytes, &tag)) {
        FUZZ_MUST(bytes <= UMP_PAYLOAD && lines++ < RING_BYTES / UMP_LINE_BYTES);
        (void)ump_wake_writer(&r);
    }
    fuzz_saw(r.broken ? ERR_MSG_MALFORMED : ERR_OK);
    ump_writer_init(&writer, memory, RING_BYTES);
    for (lines = 0; ump_send(&writer, payload, sizeof(payload), 1, true, &wake); lines++) {
        FUZZ_MUST(lines <= 2 * RING_BYTES / UMP_LINE_BYTES);
    }
    free(memory);
}

static void end(void)
{
    answer_kept();
    for (uint32_t client = 0; client < CLIENTS; client++) {
        rpc_server_forget(&w.server, RPC_BADGE(WORLD_SERVICE, client));
        rpc_server_forget(&w.server, RPC_BADGE(WORLD_SERVICE + 1, client));
    }
    rpc_server_forget(&w.server, WORLD_CLIENT);
    world_check_empty(&w, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const kinds[])(void) = {serve_parts, call_strangers, describe, read_ring};

    in = (struct fuzz_bytes){data, size};
    world_init(&w);
    kinds[fuzz_u8(&in) % ARRAY_LENGTH(kinds)]();
    end();
    return 0;
}
