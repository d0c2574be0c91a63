/* SPDX-License-Identifier: MIT */
/* Names: their syntax, and sequences of operations on a nameserver's table, with its walker behind each.
 *
 *    operation   1 byte; its operands follow: numbers of one byte, texts as a length of one byte and the
 * bytes
 *
 * Everything that was registered is told once when it ends, and all memory comes back. */
#include <stdio.h>
#include "../unit/ns/world.h"
#include "fuzz.h"

const struct fuzz_outcome fuzz_outcomes[] = {
    FUZZ_ERROR(OK),     FUZZ_ERROR(NO_MEMORY),    FUZZ_ERROR(BAD_ARGUMENT), FUZZ_ERROR(TIMEOUT),
    FUZZ_ERROR(EXISTS), FUZZ_ERROR(NOT_FOUND),    FUZZ_ERROR(NAME_SYNTAX),  FUZZ_ERROR(NAME_TAKEN),
    FUZZ_ERROR(STALE),  FUZZ_ERROR(NAME_UNKNOWN), FUZZ_ERROR(NAME_PREFIX),  FUZZ_ERROR(NAME_ATTRIBUTES),
    {0, NULL},
};

#define OPERATIONS_MAX 400u /* the walker is O(n log n) */

static struct world w;
static struct fuzz_bytes in;
static uint64_t registered;
static uint64_t told;

static struct text take_text(void)
{
    return fuzz_text(&in, fuzz_u8(&in));
}

static struct ns_owner take_owner(void)
{
    uint8_t b = fuzz_u8(&in);

    return owner(b & 1, b >> 1 & 1, b >> 2 & 3);
}

/* ---- syntax ---- */

static void check_attributes(struct text attributes)
{
    struct text key, value, found;

    FUZZ_MUST(attributes.length <= NS_ATTRIBUTES_MAX);
    for (struct text rest = attributes; ns_attribute_next(&rest, &key, &value);) {
        struct ns_query query = {key, value};

        FUZZ_MUST(key.length >= 1 && key.length <= NS_LABEL_MAX);
        FUZZ_MUST(ns_attribute_find(attributes, key, &found) && found.start == value.start);
        FUZZ_MUST(ns_query_matches(&query, attributes));
    }
}

static void check_syntax(void)
{
    struct text t = take_text();
    err_t name = ns_name_check(t);
    err_t attributes = ns_attributes_check(t);

    fuzz_saw_error(name);
    fuzz_saw_error(attributes);
    FUZZ_MUST(err_ok(name) || name.detail <= t.length);
    FUZZ_MUST(err_ok(attributes) || attributes.detail <= t.length);
    FUZZ_MUST(ns_name_compare(t, t) == 0);
    if (err_ok(name)) {
        FUZZ_MUST(t.length >= 1 && t.length <= NS_NAME_MAX && ns_name_labels(t) >= 1);
        FUZZ_MUST(ns_name_below((struct text){NULL, 0}, t) && ns_name_below(t, t));
    }
    if (err_ok(attributes)) {
        check_attributes(t);
    }
}

/* ---- the table ---- */

static void do_register(void)
{
    struct ns_registered result;
    struct ns_request r = {.grant = fuzz_u8(&in), .service = fuzz_u8(&in), .owner = take_owner()};
    err_t e;

    r.mode = (enum ns_mode)(fuzz_u8(&in) & 3);
    r.name = take_text();
    r.attributes = take_text();
    e = ns_register(&w.t, &r, &result);
    fuzz_saw_error(e);
    registered += err_ok(e);
    FUZZ_MUST(!err_ok(e) || (result.queued ? result.generation == 0 : result.generation > 0));
}

static void do_grant(void)
{
    uint64_t grant = 0;
    uint64_t parent = fuzz_u8(&in);
    err_t e = ns_grant_make(&w.t, parent, take_text(), &grant);

    fuzz_saw_error(e);
    FUZZ_MUST(err_ok(e) == (grant != 0));
}

static void do_lookup(void)
{
    struct text name = take_text();
    uint64_t generation = fuzz_u8(&in);
    struct ns_view view, same;
    err_t e = ns_lookup(&w.t, name, &view);

    fuzz_saw_error(e);
    if (err_ok(e)) {
        FUZZ_MUST(text_equal(view.name, name) && ns_service_find(&w.t, view.service, &same));
        FUZZ_MUST(same.revision == view.revision && view.revision <= ns_revision(&w.t));
        check_attributes(view.attributes);
    }
    fuzz_saw_error(ns_lookup_same(&w.t, name, generation, &view));
}

static void do_enumerate(void)
{
    struct text prefix = take_text();
    struct ns_query query = {take_text(), {NULL, 0}};
    struct ns_cursor cursor = {.length = 0};
    struct ns_view views[3];
    char last[NS_NAME_MAX];
    size_t last_length = 0;
    size_t count;

    do {
        count = ns_enumerate(&w.t, prefix, &query, &cursor, views, ARRAY_LENGTH(views));
        for (size_t i = 0; i < count; i++) {
            FUZZ_MUST(ns_name_below(prefix, views[i].name) && ns_query_matches(&query, views[i].attributes));
            FUZZ_MUST(ns_name_compare((struct text){last, last_length}, views[i].name) < 0);
            last_length = views[i].name.length;
            mem_copy(last, views[i].name.start, last_length);
        }
    } while (count == ARRAY_LENGTH(views));
}

/* A watcher comes to the end of the changes. */
static void do_watch(void)
{
    uint64_t revision = fuzz_u8(&in);
    struct text prefix = take_text();
    struct ns_view view;
    enum ns_change change;
    uint64_t before;

    do {
        before = revision;
        change = ns_watch(&w.t, prefix, &revision, &view);
        FUZZ_MUST(change == NS_NONE || change == NS_LOST || revision > before);
    } while (change == NS_PUT || change == NS_DELETE);
    FUZZ_MUST(revision == ns_revision(&w.t));
}

static void do_wait(void)
{
    struct ns_owner who = take_owner();
    nanos_t deadline = fuzz_u8(&in);
    uint64_t waiter;

    fuzz_saw_error(ns_wait(&w.t, who, take_text(), deadline, 1, &waiter));
}

static void drain(void)
{
    struct ns_ended ended;
    struct ns_woken woken;

    while (ns_ended(&w.t, &ended)) {
        told++;
    }
    while (ns_woken(&w.t, &woken)) {
        fuzz_saw_error(woken.error);
    }
}

static void do_end(void)
{
    struct ns_owner who = take_owner();
    uint8_t number = fuzz_u8(&in);

    switch (number & 3) {
    case 0:
        fuzz_saw_error(ns_deregister(&w.t, who, fuzz_u8(&in)));
        break;
    case 1:
        ns_owner_gone(&w.t, who);
        break;
    case 2:
        ns_core_gone(&w.t, who.core, who.epoch);
        break;
    default:
        fuzz_saw_error(ns_grant_revoke(&w.t, number >> 2));
        break;
    }
}

static void do_time(void)
{
    ns_expire(&w.t, fuzz_u8(&in));
    fuzz_saw_error(ns_wait_cancel(&w.t, take_owner(), fuzz_u8(&in)));
}

/* The n-th allocation from here on fails, once. */
static void do_shortage(void)
{
    w.fail_after = fuzz_u8(&in) & 7;
    w.only_once = true;
}

static void (*const operations[])(void) = {check_syntax, do_register,  do_register, do_grant,
                                           do_lookup,    do_enumerate, do_watch,    do_wait,
                                           do_end,       do_time,      drain,       do_shortage};

static void complain(void *context, const char *bytes, size_t count)
{
    (void)context;
    fprintf(stderr, "%.*s", (int)count, bytes);
}

static void ignore(void *context, const char *bytes, size_t count)
{
    (void)bytes;
    *(size_t *)context += count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ns_stats stats;
    size_t printed = 0;

    in = (struct fuzz_bytes){data, size};
    registered = told = 0;
    world_begin(&w, fuzz_u8(&in) & 7);
    for (unsigned i = 0; in.left > 0 && i < OPERATIONS_MAX; i++) {
        operations[fuzz_u8(&in) % ARRAY_LENGTH(operations)]();
        FUZZ_MUST(ns_validate(&w.t, complain, NULL) == 0);
    }
    drain();
    ns_stats(&w.t, &stats);
    FUZZ_MUST(registered == told + stats.held + stats.queued);
    ns_dump(&w.t, ignore, &printed);
    world_end(&w);
    return 0;
}
