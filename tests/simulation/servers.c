/* SPDX-License-Identifier: MIT */
/* Servers on all cores (sim-server, which offers the trial service), called through whichever way leads to
 * them. */
#include "simulation.h"
#include <mudskipper/abi/objects.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/hash.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>

static struct server *some(struct worker *w)
{
    return &w->servers[below(w, SERVERS)];
}

static void unbind(struct server *s)
{
    if (s->bound) {
        name_unbind(&s->binding);
        s->bound = false;
    }
}

/* ---- ends that are not the worker's doing */

/* A server may find no memory, or no nameserver, and end by itself. */
static bool may_fail(void)
{
    return may_be_short() || simulation.may_forget || simulation.may_stop;
}

/* Its core has stopped, and it with it. */
static void lose(struct worker *w, struct server *s)
{
    core_is_stopped(w, s->core);
    unbind(s);
    s->started = false;
    s->generation++;
    w->cut++;
}

/* Its end is told once, and must be one that can have come. `why` is what it is known by. */
static void bury(struct worker *w, struct server *s, err_t why)
{
    struct rpc_channel core = rpc_until(&simulation.core_server, patience());
    uint8_t how;
    uint8_t fault;
    uint8_t access;
    uint32_t code;
    uint64_t address;
    err_t e = core_wait(&core, s->process, !may_be_short(), &how, &code, &fault, &access, &address);

    if (is_cut_off(w, e)) {
        lose(w, s);
        return;
    }
    if (err_is(e, ERR_TIMEOUT) && may_be_short()) {
        unbind(s); /* it had no memory for the channel, or its end has not been told yet */
        w->refused++;
        return;
    }
    if (err_is(e, ERR_TIMEOUT)) {
        char text[128];

        err_print(text, sizeof(text), why);
        wrong(w, "process %u on core %u lives, and yet: %s", s->process, s->core, text);
    }
    if (done(w, "core_wait", e)) {
        MUST(w, how == EXIT_FAULTED || (may_fail() && how == EXIT_BY_ITSELF && code != 0) ||
                    (simulation.may_forget && how == EXIT_KILLED));
        unbind(s);
        s->started = false;
        w->buried++;
    }
}

/* What comes of a server that is no more. */
static bool says_gone(err_t e)
{
    return err_is(e, ERR_PEER_GONE) || err_is(e, ERR_NAME_UNKNOWN) || err_is(e, ERR_CAP_EMPTY_SLOT);
}

static void end(struct worker *w, struct server *s);

/* A nameserver that was killed knows its name no more, or its Handles have ended with it: nobody can connect
 * to it any more, so that it ends. */
static bool forgotten(struct worker *w, struct server *s, err_t e)
{
    if (!is_forgotten(e)) {
        return false;
    }
    w->forgot++;
    end(w, s);
    return true;
}

/* It may be its core, or that of its name. What is sent through shared memory is not answered, and nobody
 * says why. */
static bool cut_off(struct worker *w, struct server *s, err_t e)
{
    bool unanswered = simulation.may_stop && err_is(e, ERR_TIMEOUT);

    if (!unanswered && !is_cut_off(w, e)) {
        return false;
    }
    simulation.unanswered = simulation.unanswered || unanswered;
    w->cut++;
    end(w, s);
    return true;
}

bool server_served(struct worker *w, struct server *s, const char *what, err_t e)
{
    if (forgotten(w, s, e) || cut_off(w, s, e)) {
        return false;
    }
    if ((simulation.may_die || simulation.may_stop || may_be_short()) && says_gone(e)) {
        bury(w, s, e);
        return false;
    }
    if (err_is(e, ERR_TIMEOUT)) {
        wrong(w, "%s: process %u on core %u has not answered", what, s->process, s->core);
    }
    return done(w, what, e);
}

bool server_may_say(struct worker *w, err_t e)
{
    bool may_be_gone = simulation.may_die || simulation.may_stop || may_be_short();

    return is_forgotten(e) || is_cut_off(w, e) || (may_be_short() && err_is_shortage(e)) ||
           (may_be_gone && says_gone(e)) || (simulation.may_stop && err_is(e, ERR_TIMEOUT));
}

#define SERVED(w, s, call) server_served(w, s, #call, call)

/* ---- start, connect, end */

static void bind(struct worker *w, struct server *s)
{
    s->bound = SERVED(w, s, name_bind(&simulation.host.names, s->name, &s->binding));
    if (s->bound) {
        struct rpc_channel channel = name_binding_channel(&s->binding);

        MUST(w, s->binding.found.process == s->process && s->binding.found.core == s->core);
        s->channel = rpc_until(&channel, patience());
    }
}

/* A name waits for ever for a server that ended before it had it: its end is waited for, too. */
static bool has_its_name(struct worker *w, struct server *s)
{
    nanos_t end_of_patience = rt_now() + (nanos_t)10 * 1000 * 1000 * 1000; /* for a name that was forgotten */
    struct name_found found;
    err_t e;

    do {
        e = name_wait(&simulation.host.names, s->name, rt_now() + (nanos_t)100 * 1000 * 1000, &found);
        if (err_is(e, ERR_TIMEOUT)) {
            uint8_t how, fault, access;
            uint32_t code;
            uint64_t address;
            err_t end =
                core_wait(&simulation.core_server, s->process, false, &how, &code, &fault, &access, &address);

            if (is_cut_off(w, end)) {
                lose(w, s);
                return false;
            }
            if (err_ok(end)) {
                MUST(w, how == EXIT_FAULTED ? simulation.may_die || may_be_short() : may_fail());
                s->started = false;
                w->buried++;
                return false;
            }
        }
        if (simulation.may_forget && err_is(e, ERR_TIMEOUT) && rt_now() > end_of_patience) {
            e = err_make(ERR_NAME_UNKNOWN, 0);
        }
    } while (err_is(e, ERR_TIMEOUT));
    if (!SERVED(w, s, e)) {
        return false;
    }
    slot_delete(found.handle);
    return true;
}

void server_start(struct worker *w)
{
    struct server *s = some(w);
    char words[64];
    size_t bytes;

    if (s->started) {
        return;
    }
    s->core = (coreid_t)below(w, simulation.cores);
    format_to(s->name, sizeof(s->name), "app.sim.%u.%u.%u", w->number, (unsigned)(s - w->servers),
              s->generation);
    bytes = format_to(words, sizeof(words), "sim-server%c%s", 0, s->name) + 1;
    s->started = DONE(w, core_spawn_on(&simulation.core_server, s->core, 0, "", words, bytes, &s->process));
    if (s->started && has_its_name(w, s)) {
        bind(w, s);
    }
}

struct server *server_bound(struct worker *w)
{
    struct server *s = some(w);

    if (s->started && !s->bound) {
        bind(w, s);
    }
    return s->bound ? s : NULL;
}

void server_rebind(struct worker *w)
{
    struct server *s = some(w);

    unbind(s);
    if (s->started) {
        bind(w, s);
    }
}

/* Nobody has its name when its end has been told. */
static void is_unknown(struct worker *w, const struct server *s)
{
    struct name_found found;
    err_t e = name_lookup(&simulation.host.names, s->name, &found);

    MUST(w, err_is(e, ERR_NAME_UNKNOWN) || is_forgotten(e) || is_cut_off(w, e) ||
                (may_be_short() && err_is(e, ERR_NO_MEMORY)));
}

static void end(struct worker *w, struct server *s)
{
    err_t e = core_kill(&simulation.core_server, s->process);
    unsigned cut = w->cut;

    if (err_is(e, ERR_PROC_NOT_FOUND)) {
        bury(w, s, e); /* it had ended before */
    } else if (is_cut_off(w, e)) {
        lose(w, s);
    } else if (DONE(w, e)) {
        struct rpc_channel core = rpc_until(&simulation.core_server, patience());
        uint8_t how, fault, access;
        uint32_t code;
        uint64_t address;

        unbind(s);
        (void)DONE(w, core_wait(&core, s->process, true, &how, &code, &fault, &access, &address));
        if (w->cut != cut) {
            lose(w, s);
            return;
        }
        s->started = false;
        is_unknown(w, s);
    }
}

void server_end(struct worker *w)
{
    struct server *s = some(w);

    if (s->started) {
        end(w, s);
    }
}

void servers_end(struct worker *w)
{
    for (unsigned i = 0; i < SERVERS; i++) {
        nanos_t until = patience();

        while (w->servers[i].started) { /* memory that is short comes back, and an end is told in the end */
            MUST(w, rt_now() < until);
            end(w, &w->servers[i]);
            thread_sleep_until(rt_now() + (nanos_t)1000 * 1000);
        }
    }
}

/* ---- calls */

void server_call(struct worker *w)
{
    struct server *s = server_bound(w);
    uint64_t a = below(w, UINT64_MAX);
    uint64_t b = below(w, UINT64_MAX);
    uint64_t sum;

    if (s != NULL && SERVED(w, s, trial_add(&s->channel, a, b, &sum))) {
        MUST(w, sum == a + b);
    }
}

/* Mostly short. */
static size_t some_length(struct worker *w, size_t most)
{
    return below(w, 1 + (most >> below(w, 12)));
}

void server_send(struct worker *w)
{
    struct server *s = server_bound(w);
    size_t bytes = some_length(w, TRIAL_WRITE_DATA_MAX);
    uint64_t hash;

    for (size_t i = 0; i < bytes; i++) {
        w->data[i] = (unsigned char)(w->done + i * 7);
    }
    if (s != NULL && SERVED(w, s, trial_write(&s->channel, w->data, bytes, &hash))) {
        MUST(w, hash == hash_fnv(HASH_FNV_START, w->data, bytes));
    }
}

void server_fetch(struct worker *w)
{
    struct server *s = server_bound(w);
    size_t wanted = some_length(w, TRIAL_READ_DATA_MAX);
    size_t bytes;

    if (s != NULL &&
        SERVED(w, s, trial_read(&s->channel, (uint32_t)wanted, w->data, TRIAL_READ_DATA_MAX, &bytes))) {
        MUST(w, bytes == wanted);
    }
}

void server_look_up(struct worker *w)
{
    struct server *s = some(w);
    struct name_found found;

    if (s->started && SERVED(w, s, name_lookup(&simulation.host.names, s->name, &found))) {
        MUST(w, found.process == s->process && found.core == s->core);
        slot_delete(found.handle);
    }
}

/* ---- capabilities there and back */

#define MOST_FRAMES 5u

static void check_swapped(struct worker *w, const cptr_t given[], const cptr_t back[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct cap_identity sent;
        struct cap_identity came;

        if (DONE(w, cap_identify(given[count - 1 - i], &sent)) && DONE(w, cap_identify(back[i], &came))) {
            MUST(w, sent.base == came.base && sent.bytes == came.bytes && sent.type == came.type &&
                        came.owner == rt_self()->core);
        }
        slot_delete(back[i]);
    }
}

static void swap(struct worker *w, struct server *s, cptr_t frames, size_t count)
{
    cptr_t given[MOST_FRAMES];
    cptr_t back[TRIAL_SWAP_BACK_MAX];
    size_t came;

    for (size_t i = 0; i < count; i++) {
        given[i] = frames + (cptr_t)i;
    }
    if (SERVED(w, s, trial_swap(&s->channel, given, count, back, TRIAL_SWAP_BACK_MAX, &came))) {
        MUST(w, came == count);
        check_swapped(w, given, back, count);
    }
}

/* What other cores still have of it is asked back, for which they need memory. What a core that has stopped
 * may still use stays out of use. */
static void free_piece(struct worker *w, const struct cap_identity *piece)
{
    unsigned cut = w->cut;

    for (unsigned tries = 0; w->cut == cut; tries++) {
        err_t e = core_free(&simulation.core_server, piece->base, piece->bytes);

        if (simulation.may_stop && err_is(e, ERR_CAP_SHARED)) {
            w->cut++;
        } else if (DONE(w, e)) {
            return;
        }
        MUST(w, tries < 1000); /* memory that is short comes back */
        rt_yield();
    }
}

void server_swap(struct worker *w)
{
    struct server *s = server_bound(w);
    size_t count = 1 + below(w, MOST_FRAMES);
    struct cap_identity piece;
    cptr_t ram;
    cptr_t frames;

    if (s == NULL || !DONE(w, core_alloc(&simulation.core_server, count * PAGE_SIZE, &ram))) {
        return;
    }
    (void)DONE(w, cap_identify(ram, &piece));
    if (DONE(w, slot_alloc_run((unsigned)count, &frames))) {
        if (DONE(w, cap_retype(ram, 0, CAP_TYPE_FRAME, PAGE_SIZE, count, frames))) {
            swap(w, s, frames, count);
        }
        for (size_t i = 0; i < count; i++) {
            slot_delete(frames + (cptr_t)i);
        }
    }
    free_piece(w, &piece);
    slot_delete(ram);
}
