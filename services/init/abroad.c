/* SPDX-License-Identifier: MIT */
#include "abroad.h"
#include <mudskipper/heap/heap.h>
#include "memory.h"
#include "peer_rpc.h"
#include "peers.h"
#include "waits.h"

static struct abroad *first;

static struct abroad **place_of(uint32_t number)
{
    struct abroad **a = &first;

    while (*a != NULL && (*a)->number < number) {
        a = &(*a)->next;
    }
    return a;
}

struct abroad *abroad_find(uint32_t number)
{
    struct abroad *a = *place_of(number);

    return a != NULL && a->number == number ? a : NULL;
}

struct abroad *abroad_make(void)
{
    return heap_calloc(memory_heap(), 1, sizeof(struct abroad));
}

void abroad_free(struct abroad *a)
{
    heap_free(memory_heap(), a);
}

struct abroad *abroad_add(struct abroad *a, uint32_t number, uint32_t parent)
{
    struct abroad **place = place_of(number);

    if (*place != NULL && (*place)->number == number) {
        abroad_free(a);
        (*place)->parent = parent != PROCESS_NONE ? parent : (*place)->parent;
        return *place;
    }
    a->number = number;
    a->parent = parent;
    a->next = *place;
    *place = a;
    return a;
}

uint32_t abroad_awaited_by(uint32_t client, unsigned n)
{
    for (const struct abroad *a = first; a != NULL; a = a->next) {
        if (waits_has(a->waits, client, &n)) {
            return a->number;
        }
    }
    return PROCESS_NONE;
}

static void take_out(struct abroad *a)
{
    *place_of(a->number) = a->next;
}

/* ---- what the other core is told: in a thread of its own, the entry is out of the list ---- */

static void tell(struct abroad *a, err_t (*call)(const struct rpc_channel *channel, uint32_t number),
                 uint32_t number)
{
    struct rpc_channel channel;
    coreid_t core = processes_core(a->number);
    err_t e = peers_channel(core, &channel);

    if (err_ok(e)) {
        e = call(&channel, number);
    }
    if (err_is_shortage(e)) {
        work_again(&a->work);
    } else {
        abroad_free(a); /* a core that does not answer has nothing to remember either */
    }
}

static void tell_forget(struct work *work)
{
    struct abroad *a = CONTAINER_OF(work, struct abroad, work);

    tell(a, peer_forget, a->number);
}

static void tell_orphans(struct work *work)
{
    struct abroad *a = CONTAINER_OF(work, struct abroad, work);

    tell(a, peer_orphans, a->parent);
}

void abroad_forget(struct abroad *a)
{
    take_out(a);
    waits_fail(&a->waits, err_make(ERR_PROC_NOT_FOUND, 0));
    if (a->parent != PROCESS_NONE) {
        work_surely(&a->work, tell_forget);
    } else {
        abroad_free(a);
    }
}

/* ---- ends ---- */

err_t abroad_await(struct abroad *a, struct rpc_request *request, bool parent)
{
    err_t e = waits_add(&a->waits, request, parent, false);

    if (err_ok(e)) {
        peers_watch();
    }
    return e;
}

uint64_t abroad_awaited_cores(void)
{
    uint64_t cores = 0;

    for (const struct abroad *a = first; a != NULL; a = a->next) {
        if (a->waits != NULL && !a->ended) {
            cores |= (uint64_t)1 << processes_core(a->number);
        }
    }
    return cores;
}

static bool lives(uint32_t number)
{
    const struct process *p = processes_find(number);

    return p != NULL && !p->ended;
}

err_t abroad_heard(uint32_t number, uint32_t parent, const struct process_exit *exit)
{
    struct abroad *a = abroad_find(number);

    if (a == NULL && lives(parent)) { /* it was quicker than the answer to its spawn */
        a = abroad_make();
        if (a == NULL) {
            return err_make(ERR_NO_MEMORY, sizeof(*a));
        }
        abroad_add(a, number, parent);
    }
    if (a == NULL || a->ended) {
        return OK;
    }
    a->ended = true;
    a->exit = *exit;
    if (waits_tell(&a->waits, &a->exit) || a->parent == PROCESS_NONE || a->orphaned) {
        abroad_forget(a);
    }
    return OK;
}

/* Takes a child out of the list for good; one that others wait for stays, without a parent, and a copy of it
 * is returned. NULL: no memory for that; its core is told when it has ended. */
static struct abroad *take_child(struct abroad *a)
{
    struct abroad *copy;

    if (a->waits == NULL) {
        take_out(a);
        return a;
    }
    copy = abroad_make();
    if (copy == NULL) {
        a->orphaned = true;
        return NULL;
    }
    copy->number = a->number;
    copy->parent = a->parent;
    a->parent = PROCESS_NONE;
    return copy;
}

/* The first of each core carries the news. */
void abroad_orphan(uint32_t parent)
{
    struct abroad *next;
    uint64_t told = 0;

    for (struct abroad *a = first; a != NULL; a = next) {
        uint64_t bit = (uint64_t)1 << processes_core(a->number);

        next = a->next;
        if (a->parent != parent) {
            continue;
        }
        a = take_child(a);
        if (a != NULL && !(told & bit)) {
            told |= bit;
            work_surely(&a->work, tell_orphans);
        } else {
            abroad_free(a);
        }
    }
}

void abroad_cut_off(coreid_t core)
{
    struct abroad *next;

    for (struct abroad *a = first; a != NULL; a = next) {
        next = a->next;
        if (processes_core(a->number) == core && !a->ended) {
            waits_fail(&a->waits, err_make(ERR_PEER_GONE, core));
            if (a->parent == PROCESS_NONE) {
                abroad_forget(a);
            }
        }
    }
}

void abroad_drop_cancelled(void)
{
    for (struct abroad *a = first; a != NULL; a = a->next) {
        waits_drop_cancelled(&a->waits);
    }
}
