/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include "world.h"

uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed * 0x2545f4914f6cdd1d;
}

static void *take(void *context, size_t bytes)
{
    struct world *w = context;

    if (w->fail_after == 0) {
        w->failures++;
        w->fail_after = w->only_once ? -1 : 0;
        return NULL;
    }
    if (w->fail_after > 0) {
        w->fail_after--;
    }
    w->out += bytes;
    w->blocks++;
    void *at = malloc(bytes);
    assert_non_null(at);
    memset(at, 0xa5, bytes);
    return at;
}

static void give(void *context, void *at, size_t bytes)
{
    struct world *w = context;

    assert_true(w->out >= bytes && w->blocks > 0);
    w->out -= bytes;
    w->blocks--;
    memset(at, 0x5a, bytes);
    free(at);
}

static struct world *now;

void world_begin(struct world *w, size_t remember)
{
    *w = (struct world){.fail_after = -1, .service = 1};
    struct ns_memory memory = {take, give, w};
    now = NULL;
    assert_err(ns_table_init(&w->t, &memory, remember), ERR_OK, 0);
    now = w;
}

static void print(void *context, const char *bytes, size_t count)
{
    (void)context;
    fprintf(stderr, "%.*s", (int)count, bytes);
}

void world_check(struct world *w)
{
    struct ns_stats stats;

    assert_int_equal(ns_validate(&w->t, print, NULL), 0);
    ns_stats(&w->t, &stats);
    assert_int_equal(stats.bytes, w->out);
}

void world_end(struct world *w)
{
    world_check(w);
    now = NULL;
    ns_table_end(&w->t);
    assert_int_equal(w->out, 0);
    assert_int_equal(w->blocks, 0);
}

/* Where something else came out than should, the walker says what it sees. */
void assert_err(err_t e, enum err_code code, uint64_t detail)
{
    if (now && e.code[0] != code) {
        world_check(now);
    }
    assert_int_equal(e.code[0], code);
    assert_int_equal(e.detail, detail);
}

struct ns_owner owner(coreid_t core, uint32_t epoch, uint64_t process)
{
    return (struct ns_owner){core, epoch, process};
}

err_t offer(struct world *w, uint64_t grant, const char *name, const char *attributes, struct ns_owner who,
            enum ns_mode mode, uint64_t *service, struct ns_registered *result)
{
    struct ns_request r = {.grant = grant,
                           .name = text_of(name),
                           .attributes = attributes ? text_of(attributes) : (struct text){NULL, 0},
                           .service = w->service++,
                           .owner = who,
                           .mode = mode};
    struct ns_registered mine;

    if (service) {
        *service = r.service;
    }
    return ns_register(&w->t, &r, result ? result : &mine);
}

uint64_t put(struct world *w, const char *name, struct ns_owner who)
{
    uint64_t service;
    assert_err(offer(w, NS_GRANT_ROOT, name, NULL, who, NS_REFUSE, &service, NULL), ERR_OK, 0);
    return service;
}

uint64_t holder(struct world *w, const char *name)
{
    struct ns_view view;
    err_t e = ns_lookup(&w->t, text_of(name), &view);
    if (err_ok(e)) {
        struct ns_view same;
        assert_true(ns_service_find(&w->t, view.service, &same));
        assert_int_equal(same.revision, view.revision);
        return view.service;
    }
    assert_err(e, ERR_NAME_UNKNOWN, 0);
    return 0;
}

void assert_ended(struct world *w, uint64_t service, uint64_t generation)
{
    struct ns_ended ended;
    assert_true(ns_ended(&w->t, &ended));
    assert_int_equal(ended.service, service);
    assert_int_equal(ended.generation, generation);
}

void assert_no_more_ended(struct world *w)
{
    struct ns_ended ended;
    assert_false(ns_ended(&w->t, &ended));
}
