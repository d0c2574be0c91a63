/* SPDX-License-Identifier: MIT */
/* Many threads on one connection: calls that a server keeps, and answers all at once, more than its ring has
 * room for. It is asked to by way of the same connection, or of another one: then nothing else comes through
 * the first, and who is not woken for an answer waits for ever. */
#include "simulation.h"

#define CROWD       32u
#define CROWD_HERE  6u  /* a process has 16 messages for calls on its core: others need some, too */
#define CROWD_FULL  24u /* about as many answers as a ring takes: 64 lines, but for 42 that are promised */
#define ROUNDS      8u  /* at most, one after the other, released through the same connection */
#define STACK_BYTES 16384u

static struct member {
    struct server *server;
    uint64_t token;
    uint64_t back;
    err_t error;
    volatile bool ended;
    struct thread thread;
} members[CROWD];

static _Alignas(16) unsigned char stacks[CROWD][STACK_BYTES];
static struct mutex together = MUTEX_INITIAL(together);

static void ask(void *member)
{
    struct member *m = member;

    m->error = trial_wait(&m->server->channel, m->token, &m->back);
    m->ended = true;
}

static unsigned size_of_crowd(struct worker *w, const struct server *s)
{
    if (s->core == rt_self()->core) {
        return 1 + (unsigned)below(w, CROWD_HERE);
    }
    return below(w, 2) == 0 ? 1 + (unsigned)below(w, CROWD) : CROWD_FULL - 2 + (unsigned)below(w, 5);
}

static bool all_ended(unsigned count)
{
    bool ended = true;

    for (unsigned i = 0; i < count; i++) {
        ended = ended && members[i].ended;
    }
    return ended;
}

static void begin(struct worker *w, struct server *s, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        members[i].server = s;
        members[i].token = below(w, UINT64_MAX);
        members[i].ended = false;
        thread_start(&members[i].thread, "crowd", stacks[i], STACK_BYTES, ask, &members[i]);
    }
}

/* Some may not have asked yet: they are released by the next call. The server may have had no memory for
 * another connection, and the client does not learn of it until it calls. When the server has ended they all
 * know; when it is forgotten it has to, for nobody can call it any more. */
static void release(struct worker *w, struct server *s, const struct rpc_channel *channel, unsigned count)
{
    nanos_t pause = (nanos_t)1000 * 1000;
    uint32_t released;

    while (!all_ended(count)) {
        err_t e = trial_release(channel, &released);

        w->refused += err_is_shortage(e);
        channel = err_ok(e) ? channel : &s->channel;
        if (is_forgotten(e)) {
            e = core_kill(&simulation.core_server, s->process);
            (void)(err_is(e, ERR_PROC_NOT_FOUND) || DONE(w, e));
        }
        thread_sleep_until(rt_now() + pause);
        pause *= 2; /* who was forgotten waits for an hour */
    }
}

/* Once: all ask, are released and have ended. */
static err_t meet(struct worker *w, struct server *s, const struct rpc_channel *channel)
{
    unsigned count = size_of_crowd(w, s);
    err_t e = OK;

    begin(w, s, count);
    release(w, s, channel, count);
    for (unsigned i = 0; i < count; i++) {
        thread_join(&members[i].thread);
    }
    for (unsigned i = 0; i < count && err_ok(e); i++) {
        e = members[i].error;
        MUST(w, !err_ok(e) || members[i].back == members[i].token);
    }
    return e;
}

static err_t meet_often(struct worker *w, struct server *s, const struct rpc_channel *channel)
{
    err_t e = OK;

    for (unsigned rounds = 1 + (unsigned)below(w, ROUNDS); rounds > 0 && err_ok(e); rounds--) {
        e = meet(w, s, channel);
    }
    return e;
}

/* Released by another connection, if there can be one. */
static err_t meet_apart(struct worker *w, struct server *s)
{
    struct name_binding binding;
    struct rpc_channel channel;
    err_t e = name_bind(&simulation.host.names, s->name, &binding);

    if (!err_ok(e)) {
        MUST(w, server_may_say(w, e));
        return meet_often(w, s, &s->channel);
    }
    channel = name_binding_channel(&binding);
    channel = rpc_until(&channel, patience());
    e = meet_often(w, s, &channel);
    name_unbind(&binding);
    return e;
}

void server_crowd(struct worker *w)
{
    struct server *s = server_bound(w);
    err_t e;

    if (s == NULL || !mutex_try_lock(&together)) {
        return;
    }
    e = below(w, 4) == 0 ? meet_often(w, s, &s->channel) : meet_apart(w, s);
    mutex_unlock(&together);
    (void)server_served(w, s, "trial_wait", e);
}
