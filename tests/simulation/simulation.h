/* SPDX-License-Identifier: MIT */
/* Random operations on the whole system, drawn from a seed and checked against what each worker knows:
 *
 *     simulation SEED OPERATIONS [may-die] [may-starve] [may-be-refused] [may-forget] [may-stop]
 *
 * Workers are threads; each has servers of its own on all cores, names, regions, heap blocks and
 * capabilities, and asks for one thing after the other. With `may-die` servers end at any time (--faults
 * kill:sim-server), with `may-starve` a process takes all memory of a core now and then, with
 * `may-be-refused` single allocations fail, of servers, too (--faults refuse:NAME), with `may-forget` a
 * nameserver is killed now and then: operations may fail then, but only with what that explains, and nothing
 * may be left in the end. With `may-stop` a core may stop for good (--faults stop): what has to do with it
 * fails or is given up, all else goes on; what it had stays with it. The first wrong outcome ends the program
 * with a sentence and exit code 1. */
#ifndef TESTS_SIMULATION_H
#define TESTS_SIMULATION_H

#include <mudskipper/ns/bind.h>
#include <mudskipper/ns/host.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/thread.h>
#include "../conformance/system/random.h"
#include "core_rpc.h"
#include "trial_rpc.h"

#define WORKERS 4u
#define SERVERS 3u /* of a worker */
#define BLOCKS  16u
#define REGIONS 4u
#define NAMES   3u

/* What a server of a worker should be. */
struct server {
    bool started; /* and not ended by the worker */
    bool bound;
    unsigned generation; /* of its name: that of one whose core has stopped stays taken */
    uint32_t process;
    coreid_t core;
    char name[40];
    struct name_binding binding;
    struct rpc_channel channel;
};

struct block {
    unsigned char *at; /* NULL: none */
    size_t bytes;
    unsigned char mark;
};

struct region {
    unsigned char *at; /* NULL: none */
    unsigned pages;
    uint64_t touched[2]; /* a bit for each page that holds its number */
};

struct worker {
    unsigned number;
    unsigned done;    /* operations */
    unsigned refused; /* for want of memory */
    unsigned buried;  /* servers that ended when nobody asked them to */
    unsigned forgot;  /* that names were forgotten */
    unsigned cut;     /* that nobody answered, for a core has stopped */
    bool alone;       /* it asks nobody on another core now */
    const char *doing;
    struct random random;
    struct server servers[SERVERS];
    bool offered[NAMES];
    struct block blocks[BLOCKS];
    struct region regions[REGIONS];
    unsigned char *data; /* for messages */
    struct thread thread;
};

struct simulation {
    uint64_t seed;
    unsigned operations; /* of each worker */
    bool may_die;
    bool may_starve;
    bool may_be_refused;
    bool may_forget;
    bool may_stop;
    coreid_t cores;
    coreid_t stopped; /* which; cores: none, as far as anybody knows */
    bool unanswered;  /* was a call to a server, as only a core that has stopped explains */
    struct service_host host;
    struct rpc_channel core_server;
    volatile bool over; /* somebody was wrong */
};

extern struct simulation simulation;

/* Somebody may have had no memory for what it was asked for. */
static inline bool may_be_short(void)
{
    return simulation.may_starve || simulation.may_be_refused;
}

static inline uint64_t below(struct worker *w, uint64_t limit)
{
    return random_below(&w->random, limit);
}

/* Says what went wrong and ends the worker's thread, with the program to follow. */
_Noreturn void wrong(const struct worker *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* True: done. False: it failed, as it may where memory runs out. Anything else is wrong. */
bool done(struct worker *w, const char *what, err_t e);

#define DONE(w, call) done(w, #call, call)

#define MUST(w, condition)                                                                                   \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            wrong(w, "%s", #condition);                                                                      \
        }                                                                                                    \
    } while (0)

/* A nameserver that was killed answers nobody, and the next knows no names. */
static inline bool is_forgotten(err_t e)
{
    return simulation.may_forget && (err_is(e, ERR_NAME_UNKNOWN) || err_is(e, ERR_PEER_GONE));
}

/* What a core server says of a core that has stopped. */
static inline bool is_cut_off(const struct worker *w, err_t e)
{
    return simulation.may_stop && !w->alone && err_is(e, ERR_PEER_GONE);
}

/* This core does not answer: it must be the only one. */
void core_is_stopped(const struct worker *w, coreid_t core);

/* All the time in the world: whoever waits so long was forgotten. */
static inline nanos_t patience(void)
{
    return rt_now() + (nanos_t)3600 * 1000 * 1000 * 1000;
}

/* A server of the worker that answers, or NULL. */
struct server *server_bound(struct worker *w);

/* As done, for what needs a server, which may have ended. */
bool server_served(struct worker *w, struct server *s, const char *what, err_t e);

/* Whether what is asked of a server may end like that; nothing is done about it. */
bool server_may_say(struct worker *w, err_t e);

/* The operations, and what ends all that a worker has. */
void server_start(struct worker *w);
void server_call(struct worker *w);
void server_send(struct worker *w);
void server_fetch(struct worker *w);
void server_swap(struct worker *w);
void server_look_up(struct worker *w);
void server_rebind(struct worker *w);
void server_end(struct worker *w);
void server_crowd(struct worker *w);
void servers_end(struct worker *w);

void name_offer_or_take_back(struct worker *w);
void name_look_up(struct worker *w);
void names_end(struct worker *w);
void nameserver_kill(struct worker *w);

void memory_block(struct worker *w);
void memory_region(struct worker *w);
void memory_frame(struct worker *w);
void memory_end(struct worker *w);

/* The end of a core's log, where servers say what they do not tell callers. */
void show_log(coreid_t core);

void books_of_servers(struct worker *w);
void books_of_own(struct worker *w);

void caps_tree(struct worker *w);

void process_exit_code(struct worker *w);
void process_kill(struct worker *w);
void process_hog(struct worker *w);
void process_liar(struct worker *w);

#endif
