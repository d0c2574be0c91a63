/* SPDX-License-Identifier: MIT */
/* Calls about other cores: each is kept, and a thread of its own asks the core server there. */
#include <mudskipper/pure/bytes.h>
#include "abroad.h"
#include "core_calls.h"
#include "core_rpc.h"
#include "lock.h"
#include "peer_rpc.h"
#include "peers.h"
#include "waits.h"
#include "work.h"

/* The same structs in both interfaces, made by the same generator. */
CLAIM(a_process_is_the_same, sizeof(struct peer_process) == sizeof(struct core_process));
CLAIM(a_capability_is_the_same, sizeof(struct peer_capability) == sizeof(struct core_capability));
CLAIM(a_region_is_the_same, sizeof(struct peer_region) == sizeof(struct core_region));
CLAIM(a_wait_is_the_same, sizeof(struct peer_waiting) == sizeof(struct core_waiting));
CLAIM(figures_are_the_same, sizeof(struct peer_figures) == sizeof(struct core_figures));

static err_t no_memory(size_t bytes)
{
    return err_make(ERR_NO_MEMORY, bytes);
}

/* What all of these know. */
struct asking {
    struct later later;
    coreid_t core;
    uint64_t number; /* of the process, or from where on */
    uint32_t from;
};

static err_t ask(struct asking *a, struct rpc_request *request, void (*run)(struct later *later))
{
    return later_start(&a->later, request, run);
}

/* How the call ends: without an answer, */
static void end(struct asking *a, err_t e)
{
    rpc_fail(a->later.request, e);
    later_free(&a->later);
}

/* or with one. Whoever could not be given it was told so: the request is not there any more. */
static void answered(struct asking *a, err_t e)
{
    (void)e;
    later_free(&a->later);
}

/* ---- looking ---- */

struct ask_processes {
    struct asking asking;
    struct peer_process found[CORE_PROCESSES_OF_FOUND_MAX];
    struct core_process answer[CORE_PROCESSES_OF_FOUND_MAX];
};

static void run_processes(struct later *later)
{
    struct ask_processes *a = CONTAINER_OF(later, struct ask_processes, asking.later);
    struct rpc_channel channel;
    size_t count;
    bool more;
    err_t e = peers_channel(a->asking.core, &channel);

    if (err_ok(e)) {
        e = peer_processes(&channel, a->asking.from, a->found, ARRAY_LENGTH(a->found), &count, &more);
    }
    if (err_ok(e)) {
        mem_copy(a->answer, a->found, count * sizeof(a->found[0]));
        answered(&a->asking, core_processes_of_reply(later->request, a->answer, count, more));
    } else {
        end(&a->asking, e);
    }
}

err_t others_processes(struct rpc_request *request, coreid_t core, uint32_t from)
{
    struct ask_processes *a = later_make(sizeof(*a));

    if (a == NULL) {
        return no_memory(sizeof(*a));
    }
    a->asking.core = core;
    a->asking.from = from;
    return ask(&a->asking, request, run_processes);
}

struct ask_capabilities {
    struct asking asking;
    struct peer_capability found[CORE_CAPABILITIES_FOUND_MAX];
    struct core_capability answer[CORE_CAPABILITIES_FOUND_MAX];
};

static void run_capabilities(struct later *later)
{
    struct ask_capabilities *a = CONTAINER_OF(later, struct ask_capabilities, asking.later);
    struct rpc_channel channel;
    size_t count;
    uint32_t next;
    err_t e = peers_channel(a->asking.core, &channel);

    if (err_ok(e)) {
        e = peer_capabilities(&channel, (uint32_t)a->asking.number, a->asking.from, a->found,
                              ARRAY_LENGTH(a->found), &count, &next);
    }
    if (err_ok(e)) {
        mem_copy(a->answer, a->found, count * sizeof(a->found[0]));
        answered(&a->asking, core_capabilities_reply(later->request, a->answer, count, next));
    } else {
        end(&a->asking, e);
    }
}

err_t others_capabilities(struct rpc_request *request, uint32_t number, uint32_t from)
{
    struct ask_capabilities *a = later_make(sizeof(*a));

    if (a == NULL) {
        return no_memory(sizeof(*a));
    }
    a->asking.core = processes_core(number);
    a->asking.number = number;
    a->asking.from = from;
    return ask(&a->asking, request, run_capabilities);
}

struct ask_regions {
    struct asking asking;
    uint64_t from;
    struct peer_region found[CORE_REGIONS_FOUND_MAX];
    struct core_region answer[CORE_REGIONS_FOUND_MAX];
};

static void run_regions(struct later *later)
{
    struct ask_regions *a = CONTAINER_OF(later, struct ask_regions, asking.later);
    struct rpc_channel channel;
    size_t count;
    uint64_t next;
    err_t e = peers_channel(a->asking.core, &channel);

    if (err_ok(e)) {
        e = peer_regions(&channel, (uint32_t)a->asking.number, a->from, a->found, ARRAY_LENGTH(a->found),
                         &count, &next);
    }
    if (err_ok(e)) {
        mem_copy(a->answer, a->found, count * sizeof(a->found[0]));
        answered(&a->asking, core_regions_reply(later->request, a->answer, count, next));
    } else {
        end(&a->asking, e);
    }
}

err_t others_regions(struct rpc_request *request, uint32_t number, uint64_t from)
{
    struct ask_regions *a = later_make(sizeof(*a));

    if (a == NULL) {
        return no_memory(sizeof(*a));
    }
    a->asking.core = processes_core(number);
    a->asking.number = number;
    a->from = from;
    return ask(&a->asking, request, run_regions);
}

struct ask_waits {
    struct asking asking;
    struct peer_waiting found[CORE_WAITS_FOUND_MAX];
    struct core_waiting answer[CORE_WAITS_FOUND_MAX];
};

static void run_waits(struct later *later)
{
    struct ask_waits *a = CONTAINER_OF(later, struct ask_waits, asking.later);
    struct rpc_channel channel;
    size_t count;
    uint32_t next;
    err_t e = peers_channel(a->asking.core, &channel);

    if (err_ok(e)) {
        e = peer_waits(&channel, a->asking.from, a->found, ARRAY_LENGTH(a->found), &count, &next);
    }
    if (err_ok(e)) {
        mem_copy(a->answer, a->found, count * sizeof(a->found[0]));
        answered(&a->asking, core_waits_reply(later->request, a->answer, count, next));
    } else {
        end(&a->asking, e);
    }
}

err_t others_waits(struct rpc_request *request, coreid_t core, uint32_t from)
{
    struct ask_waits *a = later_make(sizeof(*a));

    if (a == NULL) {
        return no_memory(sizeof(*a));
    }
    a->asking.core = core;
    a->asking.from = from;
    return ask(&a->asking, request, run_waits);
}

static void run_figures(struct later *later)
{
    struct asking *a = CONTAINER_OF(later, struct asking, later);
    struct rpc_channel channel;
    struct peer_figures found;
    struct core_figures answer;
    err_t e = peers_channel(a->core, &channel);

    if (err_ok(e)) {
        e = peer_figures(&channel, &found);
    }
    if (err_ok(e)) {
        mem_copy(&answer, &found, sizeof(answer));
        answered(a, core_figures_reply(later->request, &answer));
    } else {
        end(a, e);
    }
}

err_t others_figures(struct rpc_request *request, coreid_t core)
{
    struct asking *a = later_make(sizeof(*a));

    if (a == NULL) {
        return no_memory(sizeof(*a));
    }
    a->core = core;
    return ask(a, request, run_figures);
}

static void run_check(struct later *later)
{
    struct asking *a = CONTAINER_OF(later, struct asking, later);
    struct rpc_channel channel;
    uint64_t mistakes;
    err_t e = peers_channel(a->core, &channel);

    if (err_ok(e)) {
        e = peer_check(&channel, &mistakes);
    }
    if (err_ok(e)) {
        answered(a, core_check_reply(later->request, mistakes));
    } else {
        end(a, e);
    }
}

err_t others_check(struct rpc_request *request, coreid_t core)
{
    struct asking *a = later_make(sizeof(*a));

    if (a == NULL) {
        return no_memory(sizeof(*a));
    }
    a->core = core;
    return ask(a, request, run_check);
}

static void run_log(struct later *later)
{
    struct asking *a = CONTAINER_OF(later, struct asking, later);
    struct rpc_channel channel;
    char text[CORE_READ_LOG_DATA_MAX];
    uint64_t next;
    size_t count;
    err_t e = peers_channel(a->core, &channel);

    if (err_ok(e)) {
        e = peer_read_log(&channel, a->number, &next, text, sizeof(text), &count);
    }
    if (err_ok(e)) {
        answered(a, core_read_log_reply(later->request, next, text, count));
    } else {
        end(a, e);
    }
}

err_t others_log(struct rpc_request *request, coreid_t core, uint64_t position)
{
    struct asking *a = later_make(sizeof(*a));

    if (a == NULL) {
        return no_memory(sizeof(*a));
    }
    a->core = core;
    a->number = position;
    return ask(a, request, run_log);
}

/* ---- spawn ---- */

struct ask_spawn {
    struct asking asking;
    uint32_t parent;
    uint8_t streams;
    uint32_t rights;
    struct abroad *child; /* what is remembered of it */
    size_t bytes;
    char words[];
};

/* It has been started there. A parent that has ended meanwhile leaves it without one, as its others. */
static void remember(struct ask_spawn *a, uint32_t number)
{
    const struct process *parent;

    core_lock();
    abroad_add(a->child, number, a->parent);
    parent = processes_find(a->parent);
    if (parent == NULL || parent->ended) {
        abroad_orphan(a->parent);
    }
    core_unlock();
}

static void run_spawn(struct later *later)
{
    struct ask_spawn *a = CONTAINER_OF(later, struct ask_spawn, asking.later);
    struct rpc_channel channel;
    uint32_t number;
    err_t e = peers_channel(a->asking.core, &channel);

    if (err_ok(e)) {
        e = peer_spawn(&channel, a->parent, a->streams, a->rights, a->words, a->bytes, &number);
    }
    if (err_ok(e)) {
        remember(a, number);
        answered(&a->asking, core_spawn_on_reply(later->request, number));
    } else {
        abroad_free(a->child);
        end(&a->asking, e);
    }
}

err_t others_spawn(struct rpc_request *request, coreid_t core, const struct process_start *what,
                   const void *words, size_t bytes)
{
    struct ask_spawn *a = later_make(sizeof(*a) + bytes);
    struct abroad *child = abroad_make();
    err_t e = no_memory(sizeof(*a) + bytes);

    if (a == NULL || child == NULL) {
        later_free(a != NULL ? &a->asking.later : NULL);
        abroad_free(child);
        return e;
    }
    a->asking.core = core;
    a->parent = what->parent;
    a->streams = (uint8_t)what->streams;
    a->rights = what->rights;
    a->child = child;
    a->bytes = bytes;
    mem_copy(a->words, words, bytes);
    e = ask(&a->asking, request, run_spawn);
    if (!err_ok(e)) {
        abroad_free(child);
    }
    return e;
}

/* ---- ends ---- */

static struct process_exit exit_of(const struct peer_exit *exit)
{
    return (struct process_exit){.how = (enum exit_reason)exit->how,
                                 .code = exit->code,
                                 .fault = exit->fault,
                                 .access = exit->access,
                                 .address = exit->address};
}

static err_t watch(struct rpc_channel *channel, uint32_t number, bool *ended, struct process_exit *exit)
{
    struct peer_exit told;
    err_t e = peer_watch(channel, number, ended, &told);

    if (err_ok(e) && *ended) {
        *exit = exit_of(&told);
    }
    return e;
}

/* How it ended is known here before its end is told to who killed it. */
static void run_kill(struct later *later)
{
    struct asking *a = CONTAINER_OF(later, struct asking, later);
    struct rpc_channel channel;
    struct process_exit exit;
    bool ended = false;
    err_t e = peers_channel(a->core, &channel);
    err_t seen;

    if (err_ok(e)) {
        e = peer_kill(&channel, (uint32_t)a->number);
    }
    if (err_ok(e)) {
        seen = watch(&channel, (uint32_t)a->number, &ended, &exit);
        if (err_ok(seen) && ended) {
            core_lock();
            seen = abroad_heard((uint32_t)a->number, PROCESS_NONE, &exit);
            core_unlock();
        }
        answered(a, rpc_reply_empty(later->request, OK));
    } else {
        end(a, e);
    }
}

err_t others_kill(struct rpc_request *request, uint32_t number)
{
    struct asking *a = later_make(sizeof(*a));

    if (a == NULL) {
        return no_memory(sizeof(*a));
    }
    a->core = processes_core(number);
    a->number = number;
    return ask(a, request, run_kill);
}

struct ask_wait {
    struct asking asking;
    bool block;
};

/* From here on its end is heard of, or there is no such process. */
static void run_wait(struct later *later)
{
    struct ask_wait *a = CONTAINER_OF(later, struct ask_wait, asking.later);
    uint32_t number = (uint32_t)a->asking.number;
    struct rpc_channel channel;
    struct process_exit exit;
    struct abroad *known;
    bool ended;
    err_t e = peers_channel(a->asking.core, &channel);

    if (err_ok(e)) {
        e = watch(&channel, number, &ended, &exit);
    }
    if (!a->block) {
        if (err_ok(e) && ended) {
            answered(&a->asking, waits_answer(later->request, &exit));
        } else {
            end(&a->asking, err_ok(e) ? err_make(ERR_TIMEOUT, 0) : e);
        }
        return;
    }
    core_lock();
    known = abroad_find(number);
    if (!err_ok(e) && known != NULL && !known->ended) {
        waits_fail(&known->waits, e);
        if (known->parent == PROCESS_NONE) { /* it may have got to know that it has one */
            abroad_forget(known);
        }
    } else if (err_ok(e) && ended) {
        e = abroad_heard(number, PROCESS_NONE, &exit);
    }
    core_unlock();
    later_free(later);
}

/* The call itself waits in the list of who wants to know; `run_wait` only sees to it that it will be told. */
static err_t wait_abroad(struct rpc_request *request, struct ask_wait *a, uint32_t number)
{
    struct abroad *known = abroad_make();
    err_t e = no_memory(sizeof(*known));

    if (known != NULL) {
        known = abroad_add(known, number, PROCESS_NONE);
        e = abroad_await(known, request, false);
        if (!err_ok(e)) {
            abroad_forget(known);
        }
    }
    if (!err_ok(e)) {
        later_free(&a->asking.later);
        return e;
    }
    e = later_go(&a->asking.later, run_wait);
    if (!err_ok(e)) {
        waits_fail(&known->waits, e);
        abroad_forget(known);
    }
    return OK;
}

err_t others_wait(struct rpc_request *request, uint32_t number, bool block)
{
    struct ask_wait *a = later_make(sizeof(*a));

    if (a == NULL) {
        return no_memory(sizeof(*a));
    }
    a->asking.core = processes_core(number);
    a->asking.number = number;
    a->block = block;
    return block ? wait_abroad(request, a, number) : ask(&a->asking, request, run_wait);
}
